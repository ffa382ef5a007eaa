package query

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/ops/refusal"
)

// Bounds of a search, which looks at every key of an organization.
const (
	searchMost = 50              // delivery orders in an answer
	searchTime = 5 * time.Second // then the answer has what was found until then
	searchText = 200             // bytes of what is searched for
)

// errEnough ends a search that found enough.
var errEnough = errors.New("enough was found")

// SearchOrders returns the delivery orders whose id, number or order has text in it, in capitals or not, also those that no
// incident has. It reads all keys of the organizations.
func (q *Reader) SearchOrders(ctx context.Context, organization, text string) (api.FoundOrders, error) {
	found := api.FoundOrders{Orders: []api.FoundOrder{}}
	if text = strings.TrimSpace(text); text == "" || len(text) > searchText {
		return found, refusal.New(refusal.Invalid, "search for a part of a number or id, of at most %d characters", searchText)
	}
	organizations, err := q.OrganizationIDs(organization)
	if err != nil {
		return found, err
	}
	scanning, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	for _, id := range organizations {
		err := q.searchOrganization(scanning, id, text, &found)
		if errors.Is(err, errEnough) || scanning.Err() != nil && ctx.Err() == nil {
			found.More = true
			break
		}
		if err != nil {
			return found, err
		}
	}
	isWhole := func(o api.FoundOrder) int {
		for _, name := range append([]string{o.DeliveryOrderID, textOr(o.OrderNumber)}, o.OrderIDs...) {
			if strings.EqualFold(name, text) {
				return 0
			}
		}
		return 1
	}
	slices.SortFunc(found.Orders, func(a, b api.FoundOrder) int {
		return cmp.Or(isWhole(a)-isWhole(b), cmp.Compare(textOr(a.OrderNumber), textOr(b.OrderNumber)), cmp.Compare(a.DeliveryOrderID, b.DeliveryOrderID))
	})
	return found, nil
}

// searchOrganization adds what it finds of one organization. First comes what bears the whole name, which needs no search.
func (q *Reader) searchOrganization(ctx context.Context, organization, text string, found *api.FoundOrders) error {
	seen := map[string]bool{}
	add := func(deliveryOrder string) error {
		if seen[deliveryOrder] {
			return nil
		}
		seen[deliveryOrder] = true
		if len(found.Orders) == searchMost {
			return errEnough
		}
		one, err := q.foundOrder(ctx, organization, deliveryOrder)
		if err == nil {
			found.Orders = append(found.Orders, one)
		}
		return err
	}
	addNamed := func(name string) error {
		ids, err := q.Journal.Find(ctx, organization, name)
		for i := 0; i < len(ids) && err == nil; i++ {
			_, deliveryOrder, _ := strings.Cut(ids[i], "/")
			err = add(deliveryOrder)
		}
		return err
	}
	if err := addNamed(text); err != nil {
		return err
	}
	return q.Journal.EachKey(ctx, organization, func(page []string) error {
		for _, name := range q.Journal.MatchNames(organization, page, text) {
			if err := addNamed(name); err != nil {
				return err
			}
		}
		entries, err := q.Index.Match(ctx, organization, page, text)
		for i := 0; i < len(entries) && err == nil; i++ {
			err = add(entries[i].ID)
		}
		return err
	})
}

// foundOrder is what the index and the journal know of a delivery order.
func (q *Reader) foundOrder(ctx context.Context, organization, deliveryOrder string) (api.FoundOrder, error) {
	one := api.FoundOrder{OrganizationID: organization, DeliveryOrderID: deliveryOrder, OrderIDs: []string{}}
	entry, known, err := q.Index.Get(ctx, organization, deliveryOrder)
	if err != nil {
		return one, err
	}
	if known {
		place, _, err := q.Index.Location(ctx, organization, entry.Location)
		if err != nil {
			return one, err
		}
		one.OrderNumber, one.Location, one.Status = orNull(entry.Number), orNull(cmp.Or(place.Slug, entry.Location)), orNull(entry.Status)
		one.OrderIDs = append(one.OrderIDs, entry.Orders...)
	}
	ids, err := q.Journal.Find(ctx, organization, deliveryOrder)
	if err != nil {
		return one, err
	}
	slices.Sort(ids) // by the opening time of their incidents; of a replacement, the records that made it
	for _, id := range slices.Backward(ids) {
		r, err := q.Journal.GetOrStub(ctx, organization, id)
		if errors.Is(err, journal.ErrNotFound) {
			continue
		}
		if err != nil {
			return one, err
		}
		one.IncidentID, one.State = orNull(r.Identity.Incident), &r.State
		one.OrderNumber = orNull(cmp.Or(textOr(one.OrderNumber), r.Identity.OrderNumber))
		if len(one.OrderIDs) == 0 {
			one.OrderIDs = append(one.OrderIDs, r.Identity.Orders...)
		}
		break
	}
	return one, nil
}

// textOr is a text that may be missing, "" then.
func textOr(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
