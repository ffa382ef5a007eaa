package desk

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// Act asks for an action on reassignments that need a person; by name also on one that waits for capacity.
type Act struct {
	IDs    []string `json:"ids,omitempty"`
	Filter Filter   `json:"filter,omitzero"`
	Reason string   `json:"reason,omitempty"`
	DryRun bool     `json:"dry_run,omitempty"`
	Expect *int     `json:"expect,omitempty"`
}

// Acted is what came of it.
type Acted struct {
	Matched int        `json:"matched"`
	Done    int        `json:"done"`
	Refused []Refused  `json:"refused"`
	Orders  []OrderRow `json:"orders"` // the first of those matched, as they stood before
}

// Refused is one that the action did not apply to any more.
type Refused struct {
	DeliveryOrderID string `json:"delivery_order_id"`
	Why             string `json:"why"`
}

// shownMost is how many of the matched rows an answer shows.
const shownMost = 50

type verb func(ctx context.Context, r *journal.Reassignment, by handover.By) error

// deed is a verb, and what it applies to.
type deed struct {
	name    string
	do      verb
	applies func(*journal.Reassignment) bool
	only    string // tells what it applies to
	look    string // the command that lists those
}

func (d *Desk) retry(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, onActable("orders retry", d.Handover.Retry))
}

func (d *Desk) leave(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, onActable("orders leave", d.Handover.Leave))
}

func onActable(name string, do verb) deed {
	return deed{name, do, handover.Actable, "only what needs a person or waits for capacity can be acted on", "reassigner orders list --needs-person"}
}

func (d *Desk) proceed(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, deed{
		"orders proceed", d.Handover.Proceed, handover.Unconfirmed,
		"proceed applies only to what rests as cancel_unconfirmed", "reassigner orders list --needs-person --reason-code cancel_unconfirmed",
	})
}

func (d *Desk) act(w http.ResponseWriter, r *http.Request, what deed) error {
	var want Act
	if err := readBody(r, &want); err != nil {
		return err
	}
	if len(want.IDs) == 0 && want.Filter == (Filter{}) {
		return refused(http.StatusBadRequest, "name delivery orders (ids), or a filter: incident, location, reason_code, organization")
	}
	if len(want.IDs) > 0 && (Filter{Organization: want.Filter.Organization}) != want.Filter {
		return refused(http.StatusBadRequest, "name delivery orders or a filter, not both")
	}
	if !want.DryRun && strings.TrimSpace(want.Reason) == "" {
		return refused(http.StatusBadRequest, "%s", noReason)
	}
	targets, result, err := d.targets(r.Context(), want, what)
	if err != nil {
		return err
	}
	if want.Expect != nil && *want.Expect != len(targets) {
		return refused(http.StatusConflict, "%d matched when they were counted, %d match now; nothing was done, look again", *want.Expect, len(targets))
	}
	if !want.DryRun {
		if err := d.apply(r.Context(), targets, &result, what, handover.By{User: UserOf(r).Name, Reason: want.Reason}); err != nil {
			return err
		}
		if result.Done == 0 {
			return refused(http.StatusConflict, "nothing was done: %s", result.Refused[0].Why)
		}
	}
	writeJSON(w, http.StatusOK, result)
	return nil
}

// target names one reassignment; only names are collected, however many there are.
type target struct{ organization, id, deliveryOrder string }

// targets are those that a deed applies to, of those that are wanted: no more is counted than can be done.
func (d *Desk) targets(ctx context.Context, want Act, what deed) ([]target, Acted, error) {
	result := Acted{Refused: []Refused{}, Orders: []OrderRow{}}
	var found []target
	others := 0 // match, and it does not apply to them
	seen := map[target]bool{}
	take := func(r *journal.Reassignment) {
		t := target{r.Organization, r.ID, r.DeliveryOrder}
		if seen[t] {
			return
		}
		seen[t] = true
		found = append(found, t)
		if len(result.Orders) < shownMost {
			result.Orders = append(result.Orders, rowOf(r))
		}
	}
	for _, name := range want.IDs {
		rows, err := d.named(ctx, want.Filter.Organization, name)
		if err != nil {
			return nil, result, err
		}
		before := len(seen)
		for _, r := range rows {
			if what.applies(r) {
				take(r)
			}
		}
		if len(seen) == before && !taken(seen, rows) {
			return nil, result, refused(http.StatusConflict, "%s %s; %s; see its story: reassigner orders show %s", name, handover.HowItIs(rows[len(rows)-1]), what.only, plaintext.ShellWord(name))
		}
	}
	if len(want.IDs) == 0 {
		want.Filter.NeedsPerson = true
		for r, err := range d.matching(ctx, want.Filter) {
			if err != nil {
				return nil, result, err
			}
			if what.applies(r) {
				take(r)
			} else {
				others++
			}
		}
	}
	result.Matched = len(found)
	switch {
	case len(found) == 0 && others > 0:
		return nil, result, refused(http.StatusNotFound, "%s, and nothing that matches does; see what does: %s", what.only, what.look)
	case len(found) == 0:
		return nil, result, refused(http.StatusNotFound, "nothing that needs a person matches; see what does: reassigner orders list --needs-person")
	}
	return found, result, nil
}

// taken reports whether one of the rows was taken under another of its names.
func taken(seen map[target]bool, rows []*journal.Reassignment) bool {
	for _, r := range rows {
		if seen[target{r.Organization, r.ID, r.DeliveryOrder}] {
			return true
		}
	}
	return false
}

// apply acts on one after the other, each read anew, and records each. One that moved on is told and
// does not stop the rest; what else breaks it off tells how many were done.
func (d *Desk) apply(ctx context.Context, targets []target, result *Acted, what deed, by handover.By) error {
	for _, t := range targets {
		err := d.recorded(ctx, t.organization, by, what.name, t.deliveryOrder, "done", func() error {
			r, err := d.Journal.Row(ctx, t.organization, t.id)
			if err == nil {
				err = what.do(ctx, r, by)
			}
			if err == nil {
				result.Done++
			}
			return err
		})
		switch {
		case err == nil:
		case errors.Is(err, handover.ErrNotApplicable), errors.Is(err, handover.ErrMovedOn), errors.Is(err, journal.ErrObsolete), errors.Is(err, journal.ErrNotFound),
			errors.Is(err, journal.ErrNewer):
			_, why := StatusOf(err)
			result.Refused = append(result.Refused, Refused{t.deliveryOrder, why})
		default:
			return &partly{result.Done, len(targets), err}
		}
	}
	return nil
}
