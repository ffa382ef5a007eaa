package alert

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// view is what is, of one organization, at one moment. The zero view tells nothing.
type view struct {
	organization string // "" what belongs to none
	at           time.Time
	whole        bool // everything could be read: what is not here is no more
	several      bool // organizations there are: messages name theirs first
	subjects     []subject
	webhooks     hearing
	lost         time.Time // Redis lost the journal then, and the orders were not imported since
	space        journal.Space
	refused      time.Time // a reload of the policies was refused then, and none was accepted since
	clocks       []happycolis.Clock
	unserved     []journal.Unserved
}

// subject is one incident that there may be something to tell of.
type subject struct {
	*journal.Incident
	tally    journal.Tally
	blocking []incident.Hold // what holds it back now: first what blocks it, then what an approval answers
	urgent   []row           // where two may ship the same units, at most urgentRead for each reason
}

// gate is what holds an incident back, of several the first.
func (s subject) gate() incident.Hold {
	if len(s.blocking) == 0 {
		return incident.Hold{}
	}
	return s.blocking[0]
}

// row is a delivery order that is named in a message.
type row struct {
	order, deliveryOrder string
	reason               journal.Reason
}

// hearing is when the platform was heard.
type hearing struct {
	last     time.Time // a webhook came; zero: none ever did
	since    time.Time // the index listens since then
	inFlight int
}

// Limits of one look.
const (
	incidentsMost = 1000 // the latest; older ones are looked at only while they are open
	urgentMost    = 20   // named in a message
	urgentRead    = 1000 // compared with what was told, for each reason of one incident
)

// gather reads the incidents that are open, and those that have somebody wait, and when webhooks came last.
func (a *Alerts) gather(ctx context.Context, organization string) (view, error) {
	v := view{organization: organization, at: a.Now(), several: len(a.Organizations) > 1}
	failing, err := a.Journal.Failing(ctx, organization)
	if err != nil {
		return view{}, err
	}
	ids, err := a.Journal.IncidentIDs(ctx, organization)
	if err != nil {
		return view{}, err
	}
	ids = ids[:min(len(ids), incidentsMost)]
	wanted, err := a.tracked(ctx, organization)
	if err != nil {
		return view{}, err
	}
	for _, id := range failing {
		wanted[id] = true
	}
	for id := range wanted {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	tallies, err := a.Journal.Tallies(ctx, organization, ids)
	if err != nil {
		return view{}, err
	}
	for i, id := range ids {
		if !wanted[id] && tallies[i].States[journal.NeedsPerson] == 0 {
			continue
		}
		s, err := a.subject(ctx, organization, id, tallies[i])
		if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrNewer) || errors.Is(err, journal.ErrCorrupt) {
			continue
		}
		if err != nil {
			return view{}, err
		}
		v.subjects = append(v.subjects, s)
	}
	slices.SortFunc(v.subjects, func(a, b subject) int { return strings.Compare(a.ID, b.ID) })
	age, err := a.Index.Age(ctx, organization)
	if err != nil {
		return view{}, err
	}
	if v.webhooks, err = a.hearing(ctx, organization, age, v.at); err != nil {
		return view{}, err
	}
	if v.lost, err = a.Journal.Forgot(ctx, organization); err != nil {
		return view{}, err
	}
	if age.Imported.After(v.lost) {
		v.lost = time.Time{}
	}
	v.whole = true
	return v, nil
}

func (a *Alerts) subject(ctx context.Context, organization, id string, tally journal.Tally) (subject, error) {
	inc, err := a.Journal.Incident(ctx, organization, id)
	if err != nil {
		return subject{}, err
	}
	s := subject{Incident: inc, tally: tally}
	if s.blocking, err = a.blocking(ctx, inc); err != nil {
		return subject{}, err
	}
	for reason, n := range tally.Reasons[journal.NeedsPerson] {
		if !reason.Urgent() || n == 0 {
			continue
		}
		rows, _, err := a.Journal.Group(ctx, organization, id, journal.NeedsPerson, reason, "", urgentRead)
		if err != nil {
			return subject{}, err
		}
		for _, r := range rows {
			s.urgent = append(s.urgent, row{r.OrderNumber, r.DeliveryOrder, r.Reason})
		}
	}
	slices.SortFunc(s.urgent, func(a, b row) int { return strings.Compare(a.deliveryOrder, b.deliveryOrder) })
	return s, nil
}

// blocking asks what holds an incident back that is blocked or waits for an approval. Where nothing does any more, and the
// incident did not go on yet, it is what the record has.
func (a *Alerts) blocking(ctx context.Context, inc *journal.Incident) ([]incident.Hold, error) {
	if inc.State != journal.Blocked && inc.State != journal.AwaitingApproval {
		return nil, nil
	}
	report, err := a.Gates.Blocking(ctx, inc)
	if err != nil {
		return nil, err
	}
	if holds := report.Blocking; len(holds) > 0 && holds[0].Approval == (inc.State == journal.AwaitingApproval) {
		return holds, nil
	}
	return incident.Holds(inc, inc.Gates), nil
}

// hearing reads when the last webhook came. The delivery orders in flight are counted only where it was
// long ago.
func (a *Alerts) hearing(ctx context.Context, organization string, age index.Age, now time.Time) (hearing, error) {
	h := hearing{last: age.Last, since: age.Since}
	if h.heard().IsZero() || now.Sub(h.heard()) < a.Settings.Silence {
		return h, nil
	}
	var err error
	h.inFlight, err = a.Index.CountAllInFlight(ctx, organization)
	return h, err
}

// heard is the moment since which nothing was heard; zero where nothing was ever expected.
func (h hearing) heard() time.Time {
	if h.last.IsZero() {
		return h.since
	}
	return h.last
}

// wrong are the clocks that are further from the platform's than most.
func (v view) wrong(most time.Duration) []happycolis.Clock {
	return slices.DeleteFunc(slices.Clone(v.clocks), func(c happycolis.Clock) bool { return c.Ahead.Abs() <= most })
}

// gatherRedis reads what belongs to no organization.
func (a *Alerts) gatherRedis(ctx context.Context) view {
	ctx, cancel := context.WithTimeout(ctx, gatherMax)
	defer cancel()
	v := view{at: a.Now()}
	var err error
	if v.space, err = a.Journal.Space(ctx); err != nil {
		if ctx.Err() == nil {
			a.Log.WarnContext(ctx, "Redis does not tell its memory", "error", err)
		}
		return view{}
	}
	if v.refused, err = a.refusedPolicy(ctx); err != nil {
		return view{}
	}
	if v.clocks, err = happycolis.LastClocks(ctx, a.Redis); err != nil {
		return view{}
	}
	if v.unserved, err = a.Journal.Unserved(ctx, a.Organizations, false); err != nil {
		return view{}
	}
	v.whole = true
	return v
}
