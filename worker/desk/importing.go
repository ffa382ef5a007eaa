package desk

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/plaintext"
)

// Import is one chunk of an import: lines of a list from line From on, or a page of what the index knows
// at a location.
type Import struct {
	Organization  string   `json:"organization,omitempty"`
	List          string   `json:"list,omitempty"` // names the list: a digest of its content
	From          int      `json:"from,omitempty"`
	IDs           []string `json:"ids,omitempty"`
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
	Whole          bool      `json:"whole,omitempty"` // the list is through and nothing of it was skipped: the index counts as complete
	Next           string    `json:"next,omitempty"`  // cursor of the next page of a location; "" after the last
	Total          int       `json:"total,omitempty"` // delivery orders known at the location
}

// Skipped is an order that the platform would not show.
type Skipped struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
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
	writeJSON(w, http.StatusOK, Imported{Done: done, Skipped: []Skipped{}})
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
	if chunk.From > 0 || chunk.Cursor != "" {
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
	result, err := d.fetch(ctx, org, chunk.IDs, chunk.ThirdPartyApp)
	if err != nil {
		return result, err
	}
	result.Done = chunk.From + len(chunk.IDs)
	if err := d.Index.Advance(ctx, org.ID, chunk.List, result.Done); err != nil {
		return result, err
	}
	skipped, err := d.Index.Skip(ctx, org.ID, chunk.List, chunk.From, len(result.Skipped))
	if err != nil {
		return result, err
	}
	if result.Whole = chunk.Finish && skipped == 0; result.Whole {
		return result, d.Index.FinishImport(ctx, org.ID, d.Now())
	}
	return result, nil
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
	result, err := d.fetch(ctx, d.Organizations[at.organization], orders, "")
	result.Done, result.Next, result.Total = len(orders), next, total
	return result, err
}

// fetch reads the delivery orders of each order into the index. An order that the platform does not show
// is skipped and told; anything that would hit the next one too ends the chunk.
func (d *Desk) fetch(ctx context.Context, org *worker.Organization, ids []string, thirdPartyApp string) (Imported, error) {
	result := Imported{Skipped: []Skipped{}}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(chunkAtOnce)
	for _, id := range ids {
		group.Go(func() error {
			n, err := d.fetchOrder(ctx, org, id, thirdPartyApp)
			mu.Lock()
			defer mu.Unlock()
			result.DeliveryOrders += n
			switch kind := happycolis.KindOf(err); kind {
			case happycolis.KindNotFound, happycolis.KindRefused, happycolis.KindInvalid, happycolis.KindResponse:
				result.Skipped = append(result.Skipped, Skipped{id, string(kind)})
				return nil
			default:
				return err
			}
		})
	}
	err := group.Wait()
	slices.SortFunc(result.Skipped, func(a, b Skipped) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return result, err
}

func (d *Desk) fetchOrder(ctx context.Context, org *worker.Organization, id, thirdPartyApp string) (int, error) {
	if thirdPartyApp != "" {
		err := patiently(ctx, func() error {
			order, err := org.Calm.OrderByReference(ctx, thirdPartyApp, id)
			if err == nil {
				id = order.ID
			}
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	var found []happycolis.DeliveryOrder
	err := patiently(ctx, func() (err error) {
		found, err = org.Calm.DeliveryOrders(ctx, id)
		return err
	})
	if err != nil {
		return 0, err
	}
	suspects := handover.Suspects(found)
	for i := range found {
		entry := handover.EntryOf(&found[i])
		entry.Suspect = suspects[entry.ID]
		if len(entry.Orders) == 0 {
			entry.Orders = []string{id}
		}
		if _, err := d.Index.Put(ctx, org.ID, entry, ""); err != nil {
			return i, err
		}
		if loc := found[i].Location; loc.ID != "" {
			if err := d.Index.PutPlace(ctx, org.ID, index.Place{ID: loc.ID, Slug: loc.Slug}); err != nil {
				return i, err
			}
		}
	}
	return len(found), nil
}
