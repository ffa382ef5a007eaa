package desk

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/plaintext"
)

// Import is one chunk of an import: lines of a list from line From on, lines of it that failed before, or a page of what
// the index knows at a location.
type Import struct {
	Organization  string   `json:"organization,omitempty"`
	List          string   `json:"list,omitempty"` // names the list: a digest of its content
	From          int      `json:"from,omitempty"` // lines count from 0
	IDs           []string `json:"ids,omitempty"`
	Again         []int    `json:"again,omitempty"`           // which lines IDs are, where they failed before; else they follow From
	ThirdPartyApp string   `json:"third_party_app,omitempty"` // IDs are its external references, not order ids
	Finish        bool     `json:"finish,omitempty"`          // this is the last chunk
	Location      string   `json:"location,omitempty"`
	Cursor        string   `json:"cursor,omitempty"`
	Reason        string   `json:"reason,omitempty"` // why, for the audit log; "": it tells what is imported
}

// Imported is what came of a chunk, and how far the list is.
type Imported struct {
	Done           int       `json:"done"` // lines of the list, or orders of the location's page
	DeliveryOrders int       `json:"delivery_orders"`
	Skipped        []Skipped `json:"skipped"`
	Failed         []Failed  `json:"failed,omitempty"` // could not be read, though they may be there
	Again          []int     `json:"again,omitempty"`  // the lines of the list that failed when they were asked for last
	Whole          bool      `json:"whole,omitempty"`  // the list is through, all of it was read: the index counts as complete
	Next           string    `json:"next,omitempty"`   // cursor of the next page of a location; "" after the last
	Total          int       `json:"total,omitempty"`  // delivery orders known at the location
}

// Skipped is an order that the platform would not show.
type Skipped struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
}

// Failed is an order that could not be read for a reason that may pass, after several tries.
type Failed struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	Why  string `json:"why"`
}

const (
	chunkMost     = 200 // lines of one request
	chunkAtOnce   = 4   // orders read at once; the rate limit allows some 16 a second
	locationChunk = 50  // delivery orders of one page of a location
)

// imported tells how many lines of a list were imported before.
func (d *Desk) imported(w http.ResponseWriter, r *http.Request) error {
	org, err := d.only(r.URL.Query().Get("organization"))
	if err != nil {
		return err
	}
	done, err := d.Index.Imported(r.Context(), org.ID, r.URL.Query().Get("list"))
	if err != nil {
		return err
	}
	again, err := d.Index.FailedLines(r.Context(), org.ID, r.URL.Query().Get("list"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, Imported{Done: done, Skipped: []Skipped{}, Again: again})
	return nil
}

func (d *Desk) importing(w http.ResponseWriter, r *http.Request) error {
	var chunk Import
	if err := readBody(r, &chunk); err != nil {
		return err
	}
	var at place
	var err error
	switch {
	case len(chunk.IDs) > chunkMost:
		return refused(http.StatusBadRequest, "%d lines in one request; send %d at the most", len(chunk.IDs), chunkMost)
	case chunk.From < 0:
		return refused(http.StatusBadRequest, "from is a line of the list, from 0")
	case len(chunk.Again) > 0 && (len(chunk.Again) != len(chunk.IDs) || chunk.From > 0 || slices.Min(chunk.Again) < 0):
		return refused(http.StatusBadRequest, "again names the line of each id, from 0, and goes without from")
	case chunk.Location != "":
		at, err = d.place(r.Context(), chunk.Organization, chunk.Location)
	case chunk.List != "":
		var org *worker.Organization
		if org, err = d.only(chunk.Organization); err == nil {
			at.organization = org.ID
		}
	default:
		return refused(http.StatusBadRequest, "name a list (list and ids), or a location")
	}
	if err == nil {
		err = chunk.clean()
	}
	if err == nil {
		err = chunk.clean()
	}
	if err != nil {
		return err
	}
	going := chunk.begun(at.organization, UserOf(r).Name)
	if err := d.recordImport(r, chunk, going); err != nil {
		return err
	}
	var result Imported
	if chunk.Location != "" {
		result, err = d.importLocation(r.Context(), chunk, at)
	} else {
		result, err = d.importLines(r.Context(), chunk, d.Organizations[at.organization])
	}
	if err != nil {
		return err
	}
	d.imports.goesOn(going, chunk, result)
	writeJSON(w, http.StatusOK, result)
	return nil
}

// clean takes away what nobody sees around an id; one that is none is refused.
func (i *Import) clean() error {
	for n, raw := range i.IDs {
		id, err := plaintext.CleanValue(raw)
		if err != nil {
			return refused(http.StatusBadRequest, "id %d of the request: %v; nothing was imported", n+1, err)
		}
		i.IDs[n] = id
	}
	return nil
}

// recordImport notes that somebody begins an import, or goes on where it ended before. The next chunk of one
// that is recorded is not recorded again.
func (d *Desk) recordImport(r *http.Request, chunk Import, going importing) error {
	if d.imports.recorded(going) {
		return nil
	}
	target := chunk.Location
	if target == "" {
		target = "list " + chunk.List[:min(len(chunk.List), listNamed)]
	}
	result := "begun"
	switch {
	case len(chunk.Again) > 0:
		result = "begun again, what failed"
	case chunk.From > 0 || chunk.Cursor != "":
		result = "begun in the middle"
	}
	by := handover.By{User: going.user, Reason: cmp.Or(strings.TrimSpace(chunk.Reason), chunk.what())}
	return d.record(r.Context(), going.organization, by, "import", target, result)
}

// what says what is imported: the reason of an import for which nobody gave one.
func (i Import) what() string {
	switch {
	case i.Location != "":
		return "what is known to be in flight there, read again"
	case i.ThirdPartyApp != "":
		return "the orders of a list of references of " + i.ThirdPartyApp
	}
	return "the orders of a list of ids"
}

// listNamed is how much of a list's digest names it in the audit log.
const listNamed = 12

func (d *Desk) importLines(ctx context.Context, chunk Import, org *worker.Organization) (Imported, error) {
	result, outage, err := d.fetch(ctx, org, chunk.IDs, chunk.ThirdPartyApp)
	if err = cmp.Or(err, outage); err != nil {
		return result, err
	}
	asked := index.Asked{Anew: chunk.From == 0 && len(chunk.Again) == 0, Lines: chunk.lines(), Skipped: len(result.Skipped)}
	for _, f := range result.Failed {
		asked.Failed = append(asked.Failed, asked.Lines[slices.Index(chunk.IDs, f.ID)])
	}
	failed, skipped, err := d.Index.NoteAsked(ctx, org.ID, chunk.List, asked)
	if err != nil {
		return result, err
	}
	if len(chunk.Again) > 0 {
		result.Done, err = d.Index.Imported(ctx, org.ID, chunk.List)
	} else {
		result.Done = chunk.From + len(chunk.IDs)
		err = d.Index.Advance(ctx, org.ID, chunk.List, result.Done)
	}
	if err != nil {
		return result, err
	}
	if result.Whole = chunk.Finish && skipped == 0 && failed == 0; result.Whole {
		return result, d.Index.FinishImport(ctx, org.ID, d.Now())
	}
	return result, nil
}

// lines are the numbers of the lines that IDs are.
func (i Import) lines() []int {
	if len(i.Again) > 0 {
		return i.Again
	}
	lines := make([]int, len(i.IDs))
	for n := range lines {
		lines[n] = i.From + n
	}
	return lines
}

// importLocation repairs a page of what the index knows at a location, through the parent orders.
func (d *Desk) importLocation(ctx context.Context, chunk Import, at place) (Imported, error) {
	ids, next, err := d.Index.InFlight(ctx, at.organization, at.id, chunk.Cursor, locationChunk)
	if err != nil {
		return Imported{}, err
	}
	var orders []string
	for _, id := range ids {
		entry, _, err := d.Index.Get(ctx, at.organization, id)
		if err != nil {
			return Imported{}, err
		}
		for _, order := range entry.Orders {
			if !slices.Contains(orders, order) {
				orders = append(orders, order)
			}
		}
	}
	total, err := d.Index.CountInFlight(ctx, at.organization, at.id)
	if err != nil {
		return Imported{}, err
	}
	result, outage, err := d.fetch(ctx, d.Organizations[at.organization], orders, "")
	if err == nil && len(result.Failed) >= outageLeast { // fewer may be these orders' own
		err = outage
	}
	result.Done, result.Next, result.Total = len(orders), next, total
	return result, err
}
