package admin

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

// ImportRequest is one chunk of an import: lines of a list from line From on; lines of it that failed before; or one
// page of the delivery orders that the index has at a location.
type ImportRequest struct {
	Organization  string   `json:"organization,omitempty"`
	List          string   `json:"list,omitempty"` // identifies the list: a digest of its content
	From          int      `json:"from,omitempty"` // number of the first line, from 0
	IDs           []string `json:"ids,omitempty"`
	Again         []int    `json:"again,omitempty"`           // the line numbers of IDs, where they failed before; otherwise they follow From
	ThirdPartyApp string   `json:"third_party_app,omitempty"` // IDs are its external references, not order ids
	Finish        bool     `json:"finish,omitempty"`          // this is the last chunk
	Location      string   `json:"location,omitempty"`
	Cursor        string   `json:"cursor,omitempty"`
	Reason        string   `json:"reason,omitempty"` // why, for the audit log; "": it tells what is imported
}

// ImportResult is the result of a chunk, and how far the list is.
type ImportResult struct {
	Done           int            `json:"done"` // lines of the list, or orders of the location's page
	DeliveryOrders int            `json:"delivery_orders"`
	Skipped        []SkippedOrder `json:"skipped"`
	Failed         []FailedOrder  `json:"failed,omitempty"` // not read for a reason that may be temporary
	Again          []int          `json:"again,omitempty"`  // lines of the list whose last read failed
	Whole          bool           `json:"whole,omitempty"`  // the whole list was read: the index counts as complete
	Next           string         `json:"next,omitempty"`   // cursor of the next page of a location; "" after the last
	Total          int            `json:"total,omitempty"`  // delivery orders known at the location
}

// SkippedOrder is an order that the platform does not show to us.
type SkippedOrder struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
}

// FailedOrder is an order that could not be read for a temporary reason, after several tries.
type FailedOrder struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	Why  string `json:"why"`
}

const (
	maxChunk      = 200 // lines of one request
	chunkAtOnce   = 4   // orders read at once; the rate limit allows some 16 a second
	locationChunk = 50  // delivery orders of one page of a location
)

// importProgress answers how many lines of a list were imported before.
func (d *Server) importProgress(w http.ResponseWriter, r *http.Request) error {
	org, err := d.oneOrganization(r.URL.Query().Get("organization"))
	if err != nil {
		return err
	}
	done, err := d.Index.ImportProgress(r.Context(), org.ID, r.URL.Query().Get("list"))
	if err != nil {
		return err
	}
	again, err := d.Index.FailedLines(r.Context(), org.ID, r.URL.Query().Get("list"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, ImportResult{Done: done, Skipped: []SkippedOrder{}, Again: again})
	return nil
}

func (d *Server) importChunk(w http.ResponseWriter, r *http.Request) error {
	var chunk ImportRequest
	if err := readBody(r, &chunk); err != nil {
		return err
	}
	var at locationRef
	var err error
	switch {
	case len(chunk.IDs) > maxChunk:
		return newRefusal(http.StatusBadRequest, "%d lines in one request; send %d at the most", len(chunk.IDs), maxChunk)
	case chunk.From < 0:
		return newRefusal(http.StatusBadRequest, "from is a line of the list, from 0")
	case len(chunk.Again) > 0 && (len(chunk.Again) != len(chunk.IDs) || chunk.From > 0 || slices.Min(chunk.Again) < 0):
		return newRefusal(http.StatusBadRequest, "again names the line of each id, from 0, and goes without from")
	case chunk.Location != "":
		at, err = d.resolveLocation(r.Context(), chunk.Organization, chunk.Location)
	case chunk.List != "":
		var org *worker.Organization
		if org, err = d.oneOrganization(chunk.Organization); err == nil {
			at.organization = org.ID
		}
	default:
		return newRefusal(http.StatusBadRequest, "name a list (list and ids), or a location")
	}
	if err == nil {
		err = chunk.normalize()
	}
	if err == nil {
		err = chunk.normalize()
	}
	if err != nil {
		return err
	}
	going := chunk.position(at.organization, UserOf(r).Name)
	if err := d.recordImport(r, chunk, going); err != nil {
		return err
	}
	var result ImportResult
	if chunk.Location != "" {
		result, err = d.importLocation(r.Context(), chunk, at)
	} else {
		result, err = d.importLines(r.Context(), chunk, d.Organizations[at.organization])
	}
	if err != nil {
		return err
	}
	d.awaitNextChunk(going, chunk, result)
	writeJSON(w, http.StatusOK, result)
	return nil
}

// normalize trims the ids of invisible characters, and refuses what cannot be an id.
func (i *ImportRequest) normalize() error {
	for n, raw := range i.IDs {
		id, err := plaintext.CleanValue(raw)
		if err != nil {
			return newRefusal(http.StatusBadRequest, "id %d of the request: %v; nothing was imported", n+1, err)
		}
		i.IDs[n] = id
	}
	return nil
}

// recordImport writes to the audit log that somebody begins an import, or resumes one. The next chunk of a recorded
// import is not recorded again.
func (d *Server) recordImport(r *http.Request, chunk ImportRequest, going importPosition) error {
	if _, recorded := d.pending.Get(d.Now(), going); recorded {
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
	by := handover.Actor{User: going.user, Reason: cmp.Or(strings.TrimSpace(chunk.Reason), chunk.defaultReason())}
	return d.writeAudit(r.Context(), going.organization, by, "import", target, result)
}

// defaultReason is the reason in the audit log of an import for which none was given: what is imported.
func (i ImportRequest) defaultReason() string {
	switch {
	case i.Location != "":
		return "what is known to be in flight there, read again"
	case i.ThirdPartyApp != "":
		return "the orders of a list of references of " + i.ThirdPartyApp
	}
	return "the orders of a list of ids"
}

// listNamed is how many characters of a list's digest stand in the audit log.
const listNamed = 12

func (d *Server) importLines(ctx context.Context, chunk ImportRequest, org *worker.Organization) (ImportResult, error) {
	result, outage, err := d.fetchOrders(ctx, org, chunk.IDs, chunk.ThirdPartyApp)
	if err = cmp.Or(err, outage); err != nil {
		return result, err
	}
	asked := index.ImportResult{FromStart: chunk.From == 0 && len(chunk.Again) == 0, Lines: chunk.lineNumbers(), Skipped: len(result.Skipped)}
	for _, f := range result.Failed {
		asked.Failed = append(asked.Failed, asked.Lines[slices.Index(chunk.IDs, f.ID)])
	}
	failed, skipped, err := d.Index.RecordResult(ctx, org.ID, chunk.List, asked)
	if err != nil {
		return result, err
	}
	if len(chunk.Again) > 0 {
		result.Done, err = d.Index.ImportProgress(ctx, org.ID, chunk.List)
	} else {
		result.Done = chunk.From + len(chunk.IDs)
		err = d.Index.RecordProgress(ctx, org.ID, chunk.List, result.Done)
	}
	if err != nil {
		return result, err
	}
	if result.Whole = chunk.Finish && skipped == 0 && failed == 0; result.Whole {
		return result, d.Index.FinishImport(ctx, org.ID, d.Now())
	}
	return result, nil
}

// lineNumbers returns the line number of each of IDs.
func (i ImportRequest) lineNumbers() []int {
	if len(i.Again) > 0 {
		return i.Again
	}
	lines := make([]int, len(i.IDs))
	for n := range lines {
		lines[n] = i.From + n
	}
	return lines
}

// importLocation reads anew one page of the delivery orders that the index has at a location, through their parent
// orders.
func (d *Server) importLocation(ctx context.Context, chunk ImportRequest, at locationRef) (ImportResult, error) {
	ids, next, err := d.Index.InFlight(ctx, at.organization, at.id, chunk.Cursor, locationChunk)
	if err != nil {
		return ImportResult{}, err
	}
	var orders []string
	for _, id := range ids {
		entry, _, err := d.Index.Get(ctx, at.organization, id)
		if err != nil {
			return ImportResult{}, err
		}
		for _, order := range entry.Orders {
			if !slices.Contains(orders, order) {
				orders = append(orders, order)
			}
		}
	}
	total, err := d.Index.CountInFlight(ctx, at.organization, at.id)
	if err != nil {
		return ImportResult{}, err
	}
	result, outage, err := d.fetchOrders(ctx, d.Organizations[at.organization], orders, "")
	if err == nil && len(result.Failed) >= minOutage { // fewer failures may be those orders' own
		err = outage
	}
	result.Done, result.Next, result.Total = len(orders), next, total
	return result, err
}
