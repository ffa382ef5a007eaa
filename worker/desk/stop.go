package desk

import (
	"context"
	"net/http"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// UnderWay is what an incident has begun and not ended.
type UnderWay struct {
	NotBegun int        `json:"not_begun"`  // of more than airMost in one state, the further ones are counted by their state
	Prepared int        `json:"prepared"`   // a DRAFT was made for them, or may have been
	Released int        `json:"released"`   // their cancel was sent: they are finished whatever the incident does
	InTheAir []OrderRow `json:"in_the_air"` // those released, the first airMost; before all others those that wait for a candidate
}

// airMost is how many of the released are shown.
const airMost = 200

// underWay counts what is not at rest. Of each state the first airMost records are looked at, so that a look costs the
// same however many are under way; the rest of a state is counted by its state.
func (d *Desk) underWay(ctx context.Context, inc *journal.Incident, tally journal.Tally) (UnderWay, error) {
	u := UnderWay{InTheAir: []OrderRow{}}
	unsent, _, err := d.Journal.Unsent(ctx, inc.Organization, inc.ID, "", airMost)
	if err != nil {
		return u, err
	}
	for _, r := range unsent {
		u.add(r)
	}
	u.Released = tally.Unsent
	u.NotBegun = tally.States[journal.Holding] - tally.Unsent
	for _, state := range journal.States() {
		if state.AtRest() || state == journal.Holding || tally.States[state] == 0 {
			continue
		}
		rows, _, err := d.Journal.Group(ctx, inc.Organization, inc.ID, state, "", "", airMost)
		if err != nil {
			return u, err
		}
		for _, r := range rows {
			u.add(r)
		}
		if rest := tally.States[state] - len(rows); rest > 0 {
			u.addMore(state, rest)
		}
	}
	return u, nil
}

func (u *UnderWay) add(r *journal.Reassignment) {
	switch {
	case r.ReleaseBegan():
		u.Released++
		if len(u.InTheAir) < airMost {
			u.InTheAir = append(u.InTheAir, rowOf(r))
		}
	case r.Replacement != "" || r.Intent != nil:
		u.Prepared++
	default:
		u.NotBegun++
	}
}

// addMore counts records that were not looked at as what those in their state are, but for the few of a second try.
func (u *UnderWay) addMore(state journal.State, n int) {
	switch state {
	case journal.Pending:
		u.NotBegun += n
	case journal.Preparing, journal.Releasing, journal.Undoing:
		u.Prepared += n
	case journal.ConfirmingRelease, journal.Checking, journal.Sending, journal.Confirming:
		u.Released += n
	case journal.Reassigned, journal.Left, journal.NeedsPerson, journal.Holding: // at rest, or counted
	}
}

// Unblocking is an incident and what unblocking it lifts, or lifted.
type Unblocking struct {
	IncidentDetail
	Lifts string `json:"lifts"`
}

// stop ends what an incident begins. A dry run shows what is under way.
func (d *Desk) stop(w http.ResponseWriter, r *http.Request) error {
	want, inc, err := d.aimed(r)
	if err != nil {
		return err
	}
	if inc.State == journal.Stopped || !inc.State.Open() {
		return refused(http.StatusConflict, "incident %s is %s already", inc.ID, inc.State)
	}
	if !want.DryRun {
		by := handover.By{User: UserOf(r).Name, Reason: want.Reason}
		err := d.recorded(r.Context(), inc.Organization, by, "incidents stop", inc.ID, "done", func() error {
			return d.Incidents.Stop(r.Context(), inc, by)
		})
		if err != nil {
			return err
		}
	}
	detail, err := d.again(r, inc)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, detail)
	return nil
}

// unblock lifts what holds an incident. A dry run says what that is.
func (d *Desk) unblock(w http.ResponseWriter, r *http.Request) error {
	want, inc, err := d.aimed(r)
	if err != nil {
		return err
	}
	lifts, err := d.Incidents.DescribeUnblock(r.Context(), inc)
	if err != nil {
		return err
	}
	if !want.DryRun {
		by := handover.By{User: UserOf(r).Name, Reason: want.Reason}
		err := d.recorded(r.Context(), inc.Organization, by, "incidents unblock", inc.ID, "done: "+lifts, func() error {
			return d.Incidents.Unblock(r.Context(), inc, by)
		})
		if err != nil {
			return err
		}
	}
	detail, err := d.again(r, inc)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, Unblocking{IncidentDetail: detail, Lifts: lifts})
	return nil
}

// aimed reads what is wanted, and of which incident.
func (d *Desk) aimed(r *http.Request) (Brake, *journal.Incident, error) {
	want, err := readBrake(r)
	if err != nil {
		return want, nil, err
	}
	inc, err := d.findIncident(r.Context(), r.PathValue("id"))
	return want, inc, err
}

// again shows an incident as it stands now.
func (d *Desk) again(r *http.Request, inc *journal.Incident) (IncidentDetail, error) {
	now, err := d.Journal.Incident(r.Context(), inc.Organization, inc.ID)
	if err != nil {
		return IncidentDetail{}, err
	}
	return d.detail(r, now)
}
