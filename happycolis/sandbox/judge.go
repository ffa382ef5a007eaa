package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Fresh is how old a read may be that justifies a mutation.
const Fresh = 5 * time.Second

// Row is one element of "orders list --json"; null reads as empty.
type Row struct {
	OrganizationID  string   `json:"organization_id"`
	IncidentID      string   `json:"incident_id"`
	DeliveryOrderID string   `json:"delivery_order_id"`
	OrderNumber     string   `json:"order_number"`
	ReplacementID   string   `json:"replacement_id"`
	OrderIDs        []string `json:"order_ids"`
	From            string   `json:"from"`
	To              string   `json:"to"`
	OriginalStatus  string   `json:"original_status"`
	State           string   `json:"state"`
	Reason          string   `json:"reason"`
	UpdatedAt       string   `json:"updated_at"`
}

// Finding is one broken promise, at one delivery order.
type Finding struct {
	DeliveryOrder string `json:"delivery_order"`
	Text          string `json:"text"`
}

// Verdict is what the books prove against the worker.
type Verdict struct {
	// DoubleShipped: an act of the API sent units that were already sent and neither cancelled nor
	// rejected. Not ours: what somebody else's act, the platform's own included, made double, and
	// an original under a recorded proceed.
	DoubleShipped []Finding `json:"double_shipped"`
	// Lost: units of a delivery order that was in flight at a location in ERROR are live nowhere,
	// nobody else cancelled them, and no row asks a person.
	Lost []Finding `json:"lost"`
	// TouchedOthers: the API changed a delivery order that it had not created and that was not in
	// flight at a location in ERROR within Fresh.
	TouchedOthers []Finding `json:"touched_others"`
	// Unjustified: an update, create or cancel of an original without a read, at most Fresh old,
	// that showed it in flight at a location, and one that showed that location in ERROR.
	Unjustified []Finding `json:"unjustified"`
	// StrayDrafts: a DRAFT that the API made, still a DRAFT, and no row that is open or needs a
	// person knows it.
	StrayDrafts []Finding `json:"stray_drafts"`
}

// Holds reports whether nothing was found.
func (v Verdict) Holds() bool {
	return len(v.DoubleShipped)+len(v.Lost)+len(v.TouchedOthers)+len(v.Unjustified)+len(v.StrayDrafts) == 0
}

// String lists the findings, one a line.
func (v Verdict) String() string {
	var s strings.Builder
	for _, part := range []struct {
		name string
		list []Finding
	}{
		{"double shipped", v.DoubleShipped}, {"lost", v.Lost}, {"touched others", v.TouchedOthers},
		{"unjustified", v.Unjustified}, {"stray draft", v.StrayDrafts},
	} {
		for _, f := range part.list {
			fmt.Fprintf(&s, "%s: %s: %s\n", part.name, f.DeliveryOrder, f.Text)
		}
	}
	if s.Len() == 0 {
		return "all promises hold\n"
	}
	return s.String()
}

// Judge replays the books, which must be at rest: nothing under way on either side. Rows are the
// worker's own account of every order.
func Judge(b Books, rows []Row) Verdict {
	r := newReplay(b)
	v := Verdict{DoubleShipped: []Finding{}, Lost: []Finding{}, TouchedOthers: []Finding{}, Unjustified: []Finding{}}
	for _, e := range b.Entries {
		if ours(e) && e.DeliveryOrder != "" {
			if e.Applied && !r.mayTouch(e) {
				v.TouchedOthers = append(v.TouchedOthers, finding(e, "%s while not in flight at a location in ERROR", e.Operation))
			}
			if !r.justified(e) {
				v.Unjustified = append(v.Unjustified, finding(e, "%s without fresh reads of it in flight and of ERROR", e.Operation))
			}
		}
		r.step(e)
		if ours(e) && e.Applied {
			if line, n, of := r.doubled(e); line != "" {
				v.DoubleShipped = append(v.DoubleShipped, finding(e, "order line %s: %d units sent, %d ordered", line, n, of))
			}
		}
	}
	v.Lost = r.lost(rows)
	v.StrayDrafts = r.strays(rows)
	return v
}

func finding(e Entry, format string, a ...any) Finding {
	return Finding{e.DeliveryOrder, fmt.Sprintf("%s: ", e.At.Format(time.RFC3339Nano)) + fmt.Sprintf(format, a...)}
}

// ours reports whether the API, that is the worker, acted.
func ours(e Entry) bool { return strings.HasPrefix(e.Actor, "api:") }

// justified applies to DRAFT updates, prepares and releases of what the worker did not make. Once
// a release was sent, the handover is finished, whatever is read.
func (r *replay) justified(e Entry) bool {
	switch {
	case e.Operation == "deliveryOrderCreate":
		for _, order := range e.Orders {
			if r.released[order] || slices.ContainsFunc(r.byOrder[order], func(id string) bool { return r.read(e, id) }) {
				return true
			}
		}
		return false
	case e.Operation != "deliveryOrderUpdate" && e.Operation != "deliveryOrderCancel", r.made[e.DeliveryOrder]:
		return true
	case e.Operation == "deliveryOrderCancel" && r.cancelSent[e.DeliveryOrder]:
		return true
	}
	return r.read(e, e.DeliveryOrder)
}

// read reports whether the API was shown, at most Fresh before the request, the delivery order in
// flight at a location and that location in ERROR.
func (r *replay) read(e Entry, id string) bool {
	return slices.ContainsFunc(r.fresh(e, "delivery_order"+id), func(x Read) bool {
		return inFlight(x.State) && slices.ContainsFunc(r.fresh(e, "integration"+x.Location), func(i Read) bool {
			return i.State == IntegrationError
		})
	})
}

// fresh lists the reads of one thing by this actor that were at most Fresh old at this request.
func (r *replay) fresh(e Entry, key string) []Read {
	all := r.readsOf[e.Actor+key]
	end, _ := slices.BinarySearchFunc(all, e.SentSeq, func(x Read, seq int) int { return x.Seq - seq })
	start := end
	for start > 0 && e.Sent.Sub(all[start-1].At) <= Fresh {
		start--
	}
	return all[start:end]
}

// strays finds the DRAFTs that the worker made and forgot.
func (r *replay) strays(rows []Row) []Finding {
	found := []Finding{}
	for _, d := range r.b.DeliveryOrders {
		if d.Status != Draft || !r.made[d.ID] || units(d.Lines) == 0 {
			continue
		}
		claimed := slices.ContainsFunc(rows, func(row Row) bool {
			return row.ReplacementID == d.ID && row.State != "left" && row.State != "reassigned"
		})
		if !claimed {
			found = append(found, Finding{d.ID, "DRAFT made by the API, and no open or needs-a-person row claims it"})
		}
	}
	return found
}

func inFlight(status string) bool { return status == Draft || status == Pending || status == Opened }

// units sums what a delivery order may still ship, or has shipped.
func units(lines []Line) int {
	n := 0
	for _, l := range lines {
		n += l.covers()
	}
	return n
}

// covers is the number of units that a line stands for: none once cancelled or rejected, but for
// those already fulfilled.
func (l Line) covers() int {
	if l.Status == LineCanceled || l.Status == LineRejected {
		return l.Fulfilled
	}
	return l.Quantity
}
