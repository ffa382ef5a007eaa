package console

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// orderBody is the page of one delivery order: the newest reassignment that the name matches, and the other delivery
// orders of its parent orders.
type orderBody struct {
	Name   string
	R      *api.Reassignment
	Row    api.OrderRow
	Advice api.Advice
	Means  string // its reason, in a few words
	Steps  []stepRow
	Told   []journal.Entry // newest first
	Tree   *tree
	Kin    []sibling
	Others []api.OrderDetail
}

// Held returns the verbs for a reassignment that waits for capacity.
func (orderBody) Held() []string { return []string{api.VerbRetry, api.VerbLeave} }

func (c *Console) viewOrder(r *http.Request) (*view, error) {
	name := r.PathValue("name")
	found, err := c.query.DescribeOrders(r.Context(), r.URL.Query().Get("organization"), name)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b api.OrderDetail) int { return b.Record.OpenedAt.Compare(a.Record.OpenedAt) })
	at := max(0, slices.IndexFunc(found, func(d api.OrderDetail) bool { return d.Record.ID == r.URL.Query().Get("record") }))
	one := found[at]
	decision, err := policy.DecodeDecision(one.Record.Decision)
	if err != nil {
		return nil, err
	}
	b := orderBody{Name: name, R: one.Record, Row: one.OrderRow, Advice: one.Record.Reason.Advice(), Means: one.Meaning, Steps: stepRows(one.Record),
		Told: slices.Clone(one.Record.History), Tree: treeOf(decision), Others: slices.Delete(slices.Clone(found), at, at+1)}
	slices.Reverse(b.Told)
	if b.Kin, err = c.listSiblings(r, one.Record); err != nil {
		return nil, err
	}
	return &view{template: "order", title: cmp.Or(one.Record.OrderNumber, one.Record.DeliveryOrder), section: "orders", body: b}, nil
}

// stepRow is one step of the handover, and whether it is done.
type stepRow struct {
	Name string
	Is   string // done, now, stopped or ahead
	Note string // the last note of the step in the history
	At   time.Time
}

// stepRows returns the steps of the way that the reassignment takes, with how far it is.
func stepRows(r *api.Reassignment) []stepRow {
	way := append([]string{""}, handover.StepsFor(r.Status)...)
	at := slices.Index(way, r.Step)
	if at < 0 || r.Step == "" && r.Decision != nil && r.State == journal.Reassigned {
		at = 0
	}
	var rows []stepRow
	for i, name := range way {
		row := stepRow{Name: name, Is: "ahead"}
		switch {
		case r.State == journal.Reassigned || i < at:
			row.Is = "done"
		case i == at && r.State.IsAtRest():
			row.Is = "stopped"
		case i == at:
			row.Is = "now"
		}
		for _, e := range r.History {
			if e.Step == name {
				row.Note, row.At = e.Note, e.At
			}
		}
		if row.Is == "ahead" {
			row.Note, row.At = "", time.Time{}
		}
		rows = append(rows, row)
	}
	return rows
}

// sibling is a delivery order of the same parent order, as the journal and the index know it.
type sibling struct {
	ID, Role string
	At       string // slug or id of its location
	Status   string // as last known to the index
	Heard    time.Time
	Record   *journal.Reassignment // nil: it is the replacement in another record
}

// maxSiblings bounds how many are shown.
const maxSiblings = 30

// listSiblings returns the delivery orders that share a parent order with r, including its own replacements.
func (c *Console) listSiblings(r *http.Request, of *api.Reassignment) ([]sibling, error) {
	ids := []string{of.ID}
	for _, order := range of.Orders {
		found, err := c.query.Journal.Find(r.Context(), of.Organization, order)
		if err != nil {
			return nil, err
		}
		slices.Sort(found)
		for _, id := range found {
			if !slices.Contains(ids, id) && len(ids) < maxSiblings {
				ids = append(ids, id)
			}
		}
	}
	var all []sibling
	for _, id := range ids {
		record, err := c.query.Journal.Get(r.Context(), of.Organization, id)
		if err != nil {
			continue // an unreadable record is shown on its own page
		}
		all = append(all, sibling{ID: record.Identity.DeliveryOrder, Role: "original", Record: record})
		for _, former := range record.Replacement.Past {
			all = append(all, sibling{ID: former, Role: "former replacement"})
		}
		if standin := record.CurrentReplacement(); standin != "" {
			all = append(all, sibling{ID: standin, Role: map[bool]string{true: "replacement", false: "draft that may be ours"}[record.Replacement.ID != ""]})
		}
	}
	for i := range all {
		entry, known, err := c.query.Index.Get(r.Context(), of.Organization, all[i].ID)
		if err != nil {
			return nil, err
		}
		if !known {
			continue
		}
		all[i].Status, all[i].Heard, all[i].At = entry.Status, entry.Date, entry.Location
		place, known, err := c.query.Index.Location(r.Context(), of.Organization, entry.Location)
		if err != nil {
			return nil, err
		}
		if known && place.Slug != "" {
			all[i].At = place.Slug
		}
	}
	return all, nil
}
