package orders

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// at is a delivery order with lines, all of one status.
func at(location, id, status, lineStatus string, lines ...happycolis.Line) happycolis.DeliveryOrder {
	d := happycolis.DeliveryOrder{ID: id, Status: status, Location: happycolis.Location{ID: location}}
	for _, l := range lines {
		l.Status = lineStatus
		d.Lines = append(d.Lines, l)
	}
	return d
}

func units(id, sku string, quantity int) happycolis.Line {
	return happycolis.Line{ID: id, SKU: sku, Quantity: quantity}
}

// parentOf is the parent of an original of two mugs and a tray, with other delivery orders beside it.
func parentOf(others ...happycolis.DeliveryOrder) (*Parent, *happycolis.DeliveryOrder) {
	original := at("loc_paris", "do_1", StatusPending, "PENDING", units("a", "MUG", 2), units("b", "TRAY", 1))
	original.Orders = []happycolis.Order{{ID: "ord_1", DeliveryOrders: others,
		Lines: []happycolis.OrderLine{{ID: "ol_mug", SKU: "MUG", Quantity: 2}, {ID: "ol_tray", SKU: "TRAY", Quantity: 1}}}}
	return NewParent(&original), &original
}

func TestAReplacementHasTheLinesThatAreLive(t *testing.T) {
	t.Parallel()
	mugs, tray := journal.Line{OrderLine: "ol_mug", SKU: "MUG", Quantity: 2}, journal.Line{OrderLine: "ol_tray", SKU: "TRAY", Quantity: 1}
	for name, c := range map[string]struct {
		change func(*Parent, *happycolis.DeliveryOrder)
		want   []journal.Line // nil: it cannot be told
	}{
		"all are live":     {func(*Parent, *happycolis.DeliveryOrder) {}, []journal.Line{mugs, tray}},
		"one is cancelled": {func(_ *Parent, d *happycolis.DeliveryOrder) { d.Lines[1].Status = LineCanceled }, []journal.Line{mugs}},
		"one is rejected":  {func(_ *Parent, d *happycolis.DeliveryOrder) { d.Lines[0].Status = lineRejected }, []journal.Line{tray}},
		"one is fulfilled": {func(_ *Parent, d *happycolis.DeliveryOrder) { d.Lines[0].Status = "FULFILLED" }, []journal.Line{tray}},
		"one has no units": {func(_ *Parent, d *happycolis.DeliveryOrder) { d.Lines[1].Quantity = 0 }, []journal.Line{mugs}},
		"none is live":     {func(_ *Parent, d *happycolis.DeliveryOrder) { d.Lines = nil }, nil},
		"a quantity is unknown": {func(_ *Parent, d *happycolis.DeliveryOrder) {
			d.Lines[1].Quantity, d.Lines[1].QuantityUnknown = 0, true
		}, nil},
		"more than was ordered": {func(_ *Parent, d *happycolis.DeliveryOrder) { d.Lines[0].Quantity = 3 }, nil},
		"a SKU nobody ordered":  {func(_ *Parent, d *happycolis.DeliveryOrder) { d.Lines[0].SKU = "CUP" }, nil},
		"a SKU on two lines": {func(p *Parent, _ *happycolis.DeliveryOrder) {
			p.Order.Lines = append(p.Order.Lines, happycolis.OrderLine{ID: "ol_more", SKU: "MUG", Quantity: 9})
		}, nil},
		"a SKU on two lines, and a webhook told which": {func(p *Parent, _ *happycolis.DeliveryOrder) {
			p.Order.Lines = append(p.Order.Lines, happycolis.OrderLine{ID: "ol_more", SKU: "MUG", Quantity: 9})
			p.Recorded["do_1"] = map[string]string{"a": "ol_more"}
		}, []journal.Line{{OrderLine: "ol_more", SKU: "MUG", Quantity: 2}, tray}},
	} {
		p, d := parentOf()
		c.change(p, d)
		got, ok := p.ReplacementLines(d)
		if ok != (c.want != nil) || ok && !cmp.Equal(got, c.want) {
			t.Errorf("%s: %v (%t), want %v", name, got, ok, c.want)
		}
	}
}

func TestQuantitiesAreSummedOverAllThatCovers(t *testing.T) {
	t.Parallel()
	mugs := units("c", "MUG", 2)
	unknown := mugs
	unknown.Quantity, unknown.QuantityUnknown = 0, true
	for name, c := range map[string]struct {
		beside happycolis.DeliveryOrder
		record journal.Reassignment
		note   func(*Parent)
		want   bool
	}{
		"a cancelled one beside it":         {beside: at("loc_lyon", "do_2", StatusPending, LineCanceled, mugs), want: true},
		"a live one beside it":              {beside: at("loc_lyon", "do_2", StatusPending, "PENDING", mugs)},
		"one whose quantity is not told":    {beside: at("loc_lyon", "do_2", StatusPending, "PENDING", unknown)},
		"a DRAFT whose original stands":     {beside: at("loc_lyon", "do_2", StatusDraft, "NEW", mugs), note: func(p *Parent) { p.Unready["do_2"] = true }, want: true},
		"an operator answers for the first": {beside: at("loc_lyon", "do_2", StatusPending, "PENDING", mugs), record: journal.Reassignment{Release: journal.Release{Proceeded: true}}, want: true},
	} {
		p, d := parentOf(c.beside)
		if c.note != nil {
			c.note(p)
		}
		c.record.Identity.DeliveryOrder = d.ID
		if got := p.QuantitiesMatch(&c.record); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

func TestADraftIsClaimedByOneRecordOnly(t *testing.T) {
	t.Parallel()
	lines := []journal.Line{{OrderLine: "ol_mug", SKU: "MUG", Quantity: 2}, {OrderLine: "ol_tray", SKU: "TRAY", Quantity: 1}}
	draft := func(location string) happycolis.DeliveryOrder {
		return at(location, "do_2", StatusDraft, "NEW", units("c", "MUG", 2), units("d", "TRAY", 1))
	}
	for name, c := range map[string]struct {
		draft         happycolis.DeliveryOrder
		record        journal.Reassignment
		note          func(*Parent)
		made, matches bool // by the create in doubt; by nobody known
	}{
		"it is at the target":      {draft: draft("loc_lyon"), made: true, matches: true},
		"it is elsewhere":          {draft: draft("loc_lille"), matches: true},
		"it is where it failed":    {draft: draft("loc_paris")},
		"it was there before":      {draft: draft("loc_lyon"), record: journal.Reassignment{Replacement: journal.Replacement{SiblingsBefore: []string{"do_2"}}}, matches: true},
		"it is a former one":       {draft: draft("loc_lyon"), record: journal.Reassignment{Replacement: journal.Replacement{Past: []string{"do_2"}}}},
		"another record claims it": {draft: draft("loc_lyon"), note: func(p *Parent) { p.Claimed["do_2"] = true }},
		"it has other lines":       {draft: at("loc_lyon", "do_2", StatusDraft, "NEW", units("c", "MUG", 1), units("d", "TRAY", 1))},
		"it is cancelled":          {draft: at("loc_lyon", "do_2", StatusDraft, LineCanceled, units("c", "MUG", 2), units("d", "TRAY", 1))},
	} {
		p, d := parentOf(c.draft)
		if c.note != nil {
			c.note(p)
		}
		r := &c.record
		r.Identity.DeliveryOrder, r.Identity.FromID, r.Decision.ToID, r.Replacement.Lines = d.ID, "loc_paris", "loc_lyon", lines
		if got := len(p.MatchCreated(r)) == 1; got != c.made {
			t.Errorf("%s: counts as made by the create in doubt: %t, want %t", name, got, c.made)
		}
		if got := p.MatchingDraft(r) == "do_2"; got != c.matches {
			t.Errorf("%s: counts as perhaps our own: %t, want %t", name, got, c.matches)
		}
	}
}
