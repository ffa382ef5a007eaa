package notify

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
	"happycolis-reassigner/worker/rediskey"
)

// snapshot is what is, of one organization, at one moment. The zero view tells nothing.
type snapshot struct {
	organization    string // "" what belongs to none
	at              time.Time
	complete        bool // everything could be read: what is not here is no more
	several         bool // organizations there are: messages name theirs first
	incidents       []incidentState
	webhooks        webhookHealth
	dataLostAt      time.Time // Redis lost the journal then, and the orders were not imported since
	memory          journal.RedisMemory
	policyRefusedAt time.Time // a reload of the policies was refused then, and none was accepted since
	clocks          []happycolis.Clock
	unserved        []journal.UnservedOrganization
}

// incidentState is one incident that there may be something to tell of.
type incidentState struct {
	*journal.Incident
	tally    journal.Tally
	blocking []incident.Hold // what holds it back now: first what blocks it, then what an approval answers
	urgent   []row           // where two may ship the same units, at most maxUrgentRead for each reason
}

// blockingGate is what holds an incident back, of several the first.
func (s incidentState) blockingGate() incident.Hold {
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

// webhookHealth is when the platform was heard.
type webhookHealth struct {
	last     time.Time // a webhook came; zero: none ever did
	since    time.Time // the index listens since then
	inFlight int
}

// Limits of one look.
const (
	maxIncidents  = 1000 // the latest; older ones are looked at only while they are open
	maxUrgent     = 20   // named in a message
	maxUrgentRead = 1000 // compared with what was told, for each reason of one incident
)

// gatherOrganization reads the incidents that are open, and those that have somebody wait, and when webhooks came last.
func (a *Alerts) gatherOrganization(ctx context.Context, organization string) (snapshot, error) {
	v := snapshot{organization: organization, at: a.Now(), several: len(a.Organizations) > 1}
	failing, err := a.Journal.OpenIncidents(ctx, organization)
	if err != nil {
		return snapshot{}, err
	}
	ids, err := a.Journal.IncidentIDs(ctx, organization)
	if err != nil {
		return snapshot{}, err
	}
	ids = ids[:min(len(ids), maxIncidents)]
	wanted, err := a.notifiedIncidents(ctx, organization)
	if err != nil {
		return snapshot{}, err
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
		return snapshot{}, err
	}
	for i, id := range ids {
		if !wanted[id] && tallies[i].States[journal.NeedsPerson] == 0 {
			continue
		}
		s, err := a.readIncident(ctx, organization, id, tallies[i])
		if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrNewer) || errors.Is(err, journal.ErrCorrupt) {
			continue
		}
		if err != nil {
			return snapshot{}, err
		}
		v.incidents = append(v.incidents, s)
	}
	slices.SortFunc(v.incidents, func(a, b incidentState) int { return strings.Compare(a.ID, b.ID) })
	age, err := a.Index.Coverage(ctx, organization)
	if err != nil {
		return snapshot{}, err
	}
	if v.webhooks, err = a.readWebhookHealth(ctx, organization, age, v.at); err != nil {
		return snapshot{}, err
	}
	if v.dataLostAt, err = a.Journal.DataLossAt(ctx, organization); err != nil {
		return snapshot{}, err
	}
	if age.Imported.After(v.dataLostAt) {
		v.dataLostAt = time.Time{}
	}
	v.complete = true
	return v, nil
}

func (a *Alerts) readIncident(ctx context.Context, organization, id string, tally journal.Tally) (incidentState, error) {
	inc, err := a.Journal.Incident(ctx, organization, id)
	if err != nil {
		return incidentState{}, err
	}
	s := incidentState{Incident: inc, tally: tally}
	if s.blocking, err = a.blocking(ctx, inc); err != nil {
		return incidentState{}, err
	}
	for reason, n := range tally.Reasons[journal.NeedsPerson] {
		if !reason.IsUrgent() || n == 0 {
			continue
		}
		rows, _, err := a.Journal.GroupPage(ctx, organization, id, journal.NeedsPerson, reason, "", maxUrgentRead)
		if err != nil {
			return incidentState{}, err
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

// readWebhookHealth reads when the last webhook came. The delivery orders in flight are counted only where it was
// long ago.
func (a *Alerts) readWebhookHealth(ctx context.Context, organization string, age index.Coverage, now time.Time) (webhookHealth, error) {
	h := webhookHealth{last: age.Last, since: age.Since}
	if h.silentSince().IsZero() || now.Sub(h.silentSince()) < a.Settings.Silence {
		return h, nil
	}
	var err error
	h.inFlight, err = a.Index.CountAllInFlight(ctx, organization)
	return h, err
}

// silentSince is the moment since which nothing was heard; zero where nothing was ever expected.
func (h webhookHealth) silentSince() time.Time {
	if h.last.IsZero() {
		return h.since
	}
	return h.last
}

// clocksOff are the clocks that are further from the platform's than most.
func (v snapshot) clocksOff(most time.Duration) []happycolis.Clock {
	return slices.DeleteFunc(slices.Clone(v.clocks), func(c happycolis.Clock) bool { return c.Ahead.Abs() <= most })
}

// gatherRedis reads what belongs to no organization.
func (a *Alerts) gatherRedis(ctx context.Context) snapshot {
	ctx, cancel := context.WithTimeout(ctx, maxGatherTime)
	defer cancel()
	v := snapshot{at: a.Now()}
	var err error
	if v.memory, err = a.Journal.RedisMemory(ctx); err != nil {
		if ctx.Err() == nil {
			a.Log.WarnContext(ctx, "Redis memory cannot be read", "error", err)
		}
		return snapshot{}
	}
	if v.policyRefusedAt, err = a.refusedPolicy(ctx); err != nil {
		return snapshot{}
	}
	if v.clocks, err = happycolis.LastClocks(ctx, a.Redis, rediskey.Clocks()); err != nil {
		return snapshot{}
	}
	if v.unserved, err = a.Journal.UnservedOrganizations(ctx, a.Organizations, false); err != nil {
		return snapshot{}
	}
	v.complete = true
	return v
}
