package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/journal"
)

// snapshot is what is, of one organization or of what all share, at one moment. The zero snapshot tells nothing.
type snapshot struct {
	organization string // "": of what all share
	at           time.Time
	complete     bool // everything could be read: what is not here is no more
	several      bool // organizations there are: messages name theirs first

	// What the topics gathered: of an organization,
	incidents  []incidentState // nil: not read yet
	webhooks   webhookHealth
	dataLostAt time.Time      // Redis lost the journal then, and the orders were not imported since
	oversized  *intake.Parked // the last webhook that was too large; nil: none of a day
	// and of what all share.
	memory          journal.RedisMemory
	policyRefusedAt time.Time // a reload of the policies was refused then, and none was accepted since
	clocks          []happycolis.Clock
	unserved        []journal.UnservedOrganization
	wrongSignatures []time.Time // of the last webhooks that were refused for it, newest first
	spoolFailures   []SpoolFailure
}

// incidentState is one incident that there may be something to tell of.
type incidentState struct {
	*journal.Incident
	tally    journal.Tally
	blocking []incident.Hold // what holds it back now: first what blocks it, then what an approval answers
	inFlight int             // delivery orders that the index knows there, while the incident is open
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

// Limits of one look.
const (
	maxIncidents  = 1000 // the latest; older ones are looked at only while they are open
	maxUrgentRead = 1000 // compared with what was told, for each reason of one incident
)

// gather reads what the topics of an organization compare, or with "" those that are shared.
func (a *Alerts) gather(ctx context.Context, organization string) (snapshot, error) {
	v := snapshot{organization: organization, at: a.Now(), several: len(a.Organizations) > 1}
	for _, t := range v.ownTopics() {
		if err := t.gather(a, ctx, &v); err != nil {
			return snapshot{}, fmt.Errorf("topic %s: %w", t.key, err)
		}
	}
	v.complete = true
	return v, nil
}

// gatherIncidents reads the incidents that are open, those that have somebody wait, and those whose end is not told.
func (a *Alerts) gatherIncidents(ctx context.Context, v *snapshot) error {
	if v.incidents != nil {
		return nil
	}
	failing, err := a.Journal.OpenIncidents(ctx, v.organization)
	if err != nil {
		return err
	}
	ids, err := a.Journal.IncidentIDs(ctx, v.organization)
	if err != nil {
		return err
	}
	ids = ids[:min(len(ids), maxIncidents)]
	wanted, err := a.notifiedIncidents(ctx, v.organization)
	if err != nil {
		return err
	}
	for _, id := range failing {
		wanted[id] = true
	}
	for id := range wanted {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	tallies, err := a.Journal.Tallies(ctx, v.organization, ids)
	if err != nil {
		return err
	}
	v.incidents = []incidentState{}
	for i, id := range ids {
		if !wanted[id] && tallies[i].States[journal.NeedsPerson] == 0 {
			continue
		}
		s, err := a.readIncident(ctx, v.organization, id, tallies[i])
		if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrNewer) || errors.Is(err, journal.ErrCorrupt) {
			continue
		}
		if err != nil {
			return err
		}
		v.incidents = append(v.incidents, s)
	}
	slices.SortFunc(v.incidents, func(a, b incidentState) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

func (a *Alerts) readIncident(ctx context.Context, organization, id string, tally journal.Tally) (incidentState, error) {
	inc, err := a.Journal.Incident(ctx, organization, id)
	if err != nil {
		return incidentState{}, err
	}
	if inc.Location == "" { // its slug was not known when it opened
		place, _, err := a.Index.Location(ctx, organization, inc.LocationID)
		if err != nil {
			return incidentState{}, err
		}
		inc.Location = place.Slug
	}
	s := incidentState{Incident: inc, tally: tally}
	if s.blocking, err = a.blocking(ctx, inc); err != nil {
		return incidentState{}, err
	}
	if inc.State.IsOpen() {
		if s.inFlight, err = a.Index.CountInFlight(ctx, organization, inc.LocationID); err != nil {
			return incidentState{}, err
		}
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
			s.urgent = append(s.urgent, row{r.Identity.OrderNumber, r.Identity.DeliveryOrder, r.Reason})
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
	return incident.Holds(inc.ID, inc.Gates), nil
}
