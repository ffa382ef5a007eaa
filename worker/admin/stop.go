package admin

import (
	"context"
	"net/http"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// InProgress counts the rows of an incident that are not at rest, by how far they are. It is what an operator sees
// before stopping the incident.
type InProgress struct {
	NotBegun int        `json:"not_begun"`  // of more than maxInDoubt rows in one state, the rest is counted by its state alone
	Prepared int        `json:"prepared"`   // a DRAFT was created for them, or may have been
	Released int        `json:"released"`   // their cancel was sent: they are finished even after a stop
	InDoubt  []OrderRow `json:"in_the_air"` // the first maxInDoubt of the released; those that are holding come first
}

// maxInDoubt is how many released rows are shown.
const maxInDoubt = 200

// countInProgress counts the rows that are not at rest. Of each state it reads only the first maxInDoubt records, so
// that it costs the same however many there are; the rest of a state is counted by its state.
func (d *Server) countInProgress(ctx context.Context, inc *journal.Incident, tally journal.Tally) (InProgress, error) {
	u := InProgress{InDoubt: []OrderRow{}}
	unsent, _, err := d.Journal.Unsent(ctx, inc.Organization, inc.ID, "", maxInDoubt)
	if err != nil {
		return u, err
	}
	for _, r := range unsent {
		u.add(r)
	}
	u.Released = tally.Unsent
	u.NotBegun = tally.States[journal.Holding] - tally.Unsent
	for _, state := range journal.States() {
		if state.IsAtRest() || state == journal.Holding || tally.States[state] == 0 {
			continue
		}
		rows, _, err := d.Journal.GroupPage(ctx, inc.Organization, inc.ID, state, "", "", maxInDoubt)
		if err != nil {
			return u, err
		}
		for _, r := range rows {
			u.add(r)
		}
		if rest := tally.States[state] - len(rows); rest > 0 {
			u.addUnread(state, rest)
		}
	}
	return u, nil
}

func (u *InProgress) add(r *journal.Reassignment) {
	switch {
	case r.ReleaseBegan():
		u.Released++
		if len(u.InDoubt) < maxInDoubt {
			u.InDoubt = append(u.InDoubt, newOrderRow(r))
		}
	case r.Replacement != "" || r.Intent != nil:
		u.Prepared++
	default:
		u.NotBegun++
	}
}

// addUnread counts rows that were not read as if they were as far as rows in their state usually are.
func (u *InProgress) addUnread(state journal.State, n int) {
	switch state {
	case journal.Pending:
		u.NotBegun += n
	case journal.Preparing, journal.Releasing, journal.Undoing:
		u.Prepared += n
	case journal.ConfirmingRelease, journal.Checking, journal.Sending, journal.Confirming:
		u.Released += n
	case journal.Reassigned, journal.Left, journal.NeedsPerson, journal.Holding: // at rest, or counted already
	}
}

// UnblockResult is an incident with what unblocking it lifts (dry run) or lifted.
type UnblockResult struct {
	IncidentDetail
	Lifts string `json:"lifts"`
}

// handleStop stops an incident. A dry run answers with what is in progress.
func (d *Server) handleStop(w http.ResponseWriter, r *http.Request) error {
	want, inc, err := d.targetIncident(r)
	if err != nil {
		return err
	}
	if inc.State == journal.Stopped || !inc.State.IsOpen() {
		return newRefusal(http.StatusConflict, "incident %s is %s already", inc.ID, inc.State)
	}
	if !want.DryRun {
		by := handover.Actor{User: UserOf(r).Name, Reason: want.Reason}
		err := d.audited(r.Context(), inc.Organization, by, "incidents stop", inc.ID, "done", func() error {
			return d.Incidents.Stop(r.Context(), inc, by)
		})
		if err != nil {
			return err
		}
	}
	detail, err := d.currentDetail(r, inc)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, detail)
	return nil
}

// handleUnblock unblocks an incident. A dry run answers with what that would lift.
func (d *Server) handleUnblock(w http.ResponseWriter, r *http.Request) error {
	want, inc, err := d.targetIncident(r)
	if err != nil {
		return err
	}
	lifts, err := d.Incidents.DescribeUnblock(r.Context(), inc)
	if err != nil {
		return err
	}
	if !want.DryRun {
		by := handover.Actor{User: UserOf(r).Name, Reason: want.Reason}
		err := d.audited(r.Context(), inc.Organization, by, "incidents unblock", inc.ID, "done: "+lifts, func() error {
			return d.Incidents.Unblock(r.Context(), inc, by)
		})
		if err != nil {
			return err
		}
	}
	detail, err := d.currentDetail(r, inc)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, UnblockResult{IncidentDetail: detail, Lifts: lifts})
	return nil
}

// targetIncident decodes the request and reads the incident that it is about.
func (d *Server) targetIncident(r *http.Request) (PauseRequest, *journal.Incident, error) {
	want, err := readPauseRequest(r)
	if err != nil {
		return want, nil, err
	}
	inc, err := d.findIncident(r.Context(), r.PathValue("id"))
	return want, inc, err
}

// currentDetail returns an incident as it is stored now.
func (d *Server) currentDetail(r *http.Request, inc *journal.Incident) (IncidentDetail, error) {
	now, err := d.Journal.Incident(r.Context(), inc.Organization, inc.ID)
	if err != nil {
		return IncidentDetail{}, err
	}
	return d.incidentDetail(r, now)
}
