package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Fresh is how old a read may be, at most, that justifies a mutation (P5).
const Fresh = 5 * time.Second

// RedispatchSettle is how long the platform may take to re-dispatch what was cancelled; the promises count on it.
const RedispatchSettle = 2 * time.Minute

// Row is one element of "orders list --json"; null is decoded as empty.
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
	Severity        string   `json:"severity"`
	WaitsFor        string   `json:"waits_for"`
	Until           string   `json:"until"`
}

// Incident is one element of "incidents list --json".
type Incident struct {
	OrganizationID string  `json:"organization_id"`
	IncidentID     string  `json:"incident_id"`
	LocationID     string  `json:"location_id"`
	State          string  `json:"state"`
	ByHand         *ByHand `json:"by_hand"` // null: no operator opened it
	// Unapproved are the delivery orders that the incident shows as waiting for an approval.
	Unapproved []string `json:"unapproved"`
}

// Finding is one violation of a promise, at one delivery order.
type Finding struct {
	DeliveryOrder string `json:"delivery_order"`
	Text          string `json:"text"`
}

// Verdict is what the books prove against the worker: each field is one way to break a promise.
type Verdict struct {
	// DoubleShipped (P1): units that were sent twice and are neither cancelled nor rejected: after an act of the API
	// that sends, more than were ordered; and at rest, whoever's act completed it, more than were ordered, or an
	// original beside its replacement, unless a row with needs_person reports it. Not the worker's fault: an original
	// under a recorded proceed whose conditions held when the replacement was sent; what others dispatched after the
	// API had sent, or the platform RedispatchSettle after the cancel or later.
	DoubleShipped []Finding `json:"double_shipped"`
	// SentBeforeRelease (P1): the API sent a replacement while its original was live, or its cancel not confirmed
	// although it showed CANCELED, or confirmed only after the request had left.
	SentBeforeRelease []Finding `json:"sent_before_release"`
	// Lost (P2): units of a delivery order that was in flight at a location in ERROR, or under an incident by hand, are live nowhere, nobody else
	// cancelled them, and no row of it or of its replacements has needs_person.
	Lost []Finding `json:"lost"`
	// TouchedOthers (P3): the API changed a delivery order that it had not created and that was not in flight at a
	// location in ERROR, or under an incident by hand, within Fresh.
	TouchedOthers []Finding `json:"touched_others"`
	// Unjustified (P5): an update, create or cancel of an original without a read, at most Fresh old, that showed it
	// in flight at a location, and one that showed that location in ERROR, unless that was under an incident by hand.
	Unjustified []Finding `json:"unjustified"`
	// StrayDrafts: a DRAFT that the API created is still a DRAFT, and no row that is open or has needs_person names
	// it.
	StrayDrafts []Finding `json:"stray_drafts"`
	// Forgotten: in flight at a location in ERROR, or under an incident by hand, as the worker was informed, under an incident that drains or
	// watches, and in no row that is open, has needs_person, or was left for good.
	Forgotten []Finding `json:"forgotten"`
}

// part is one kind of violation, with its findings.
type part struct {
	name string
	list []Finding
}

func (v Verdict) parts() []part {
	return []part{
		{"double shipped", v.DoubleShipped}, {"sent before release", v.SentBeforeRelease}, {"lost", v.Lost},
		{"touched others", v.TouchedOthers}, {"unjustified", v.Unjustified}, {"stray draft", v.StrayDrafts},
		{"forgotten", v.Forgotten},
	}
}

// Holds reports whether there are no findings.
func (v Verdict) Holds() bool {
	return !slices.ContainsFunc(v.parts(), func(p part) bool { return len(p.list) > 0 })
}

// String lists the findings, one per line.
func (v Verdict) String() string {
	var s strings.Builder
	for _, p := range v.parts() {
		for _, f := range p.list {
			fmt.Fprintf(&s, "%s: %s: %s\n", p.name, f.DeliveryOrder, f.Text)
		}
	}
	if s.Len() == 0 {
		return "all promises hold\n"
	}
	return s.String()
}

// Judge replays the books, which must be at rest: nothing in progress on either side. Rows are the worker's own list
// of its reassignments. Only JudgeAtRest can find Forgotten.
func Judge(b Books, rows []Row) Verdict { return JudgeAtRest(b, rows, nil) }

// JudgeAtRest is Judge with the worker's incidents.
func JudgeAtRest(b Books, rows []Row, incidents []Incident) Verdict {
	r := newReplay(b, rows)
	r.held = listHeld(incidents)
	v := Verdict{DoubleShipped: []Finding{}, SentBeforeRelease: []Finding{}, TouchedOthers: []Finding{}, Unjustified: []Finding{}}
	for _, e := range b.Entries {
		r.advanceTo(e)
		if isOurs(e) && e.DeliveryOrder != "" {
			if e.Applied && !r.mayTouch(e) {
				v.TouchedOthers = append(v.TouchedOthers, newFinding(e, "%s while not in flight at a location in ERROR", e.Operation))
			}
			if !r.isJustified(e) {
				v.Unjustified = append(v.Unjustified, newFinding(e, "%s without fresh reads of it in flight and of ERROR", e.Operation))
			}
		}
		r.applyEntry(e)
		if !isOurs(e) || !isSend(e) {
			continue
		}
		if line, n, of := r.findDoubled(e); line != "" {
			v.DoubleShipped = append(v.DoubleShipped, newFinding(e, "order line %s: %d units sent, %d ordered", line, n, of))
		}
		if original := r.findUnreleased(e); original != "" {
			v.SentBeforeRelease = append(v.SentBeforeRelease, newFinding(e, "%s while the cancel of %s was not confirmed", e.Operation, original))
		}
	}
	v.DoubleShipped = append(v.DoubleShipped, r.findDoublesAtRest(v.DoubleShipped)...)
	v.Lost = r.findLost()
	v.StrayDrafts = r.findStrays()
	v.Forgotten = r.findForgotten(incidents)
	return v
}

func newFinding(e Entry, format string, a ...any) Finding {
	return Finding{e.DeliveryOrder, fmt.Sprintf("%s: ", e.At.Format(time.RFC3339Nano)) + fmt.Sprintf(format, a...)}
}

// isOurs reports whether the API, and so the worker, acted.
func isOurs(e Entry) bool { return strings.HasPrefix(e.Actor, "api:") }

// isJustified applies to DRAFT updates, prepares and releases of delivery orders that the worker did not create. Once
// a release was sent, the handover is finished, whatever reads show.
func (r *replay) isJustified(e Entry) bool {
	switch {
	case e.Operation == "deliveryOrderCreate":
		for _, order := range e.Orders {
			if r.released[order] || slices.ContainsFunc(r.byOrder[order], func(id string) bool { return r.wasRead(e, id) }) {
				return true
			}
		}
		return false
	case e.Operation != "deliveryOrderUpdate" && e.Operation != "deliveryOrderCancel", r.made[e.DeliveryOrder]:
		return true
	case e.Operation == "deliveryOrderCancel" && r.cancelSent[e.DeliveryOrder]:
		return true
	}
	return r.wasRead(e, e.DeliveryOrder)
}

// wasRead reports whether the API was shown, at most Fresh before the request, the delivery order in flight at a
// location and, unless an operator answers for it, that location in ERROR.
func (r *replay) wasRead(e Entry, id string) bool {
	return slices.ContainsFunc(r.freshReads(e, "delivery_order"+id), func(x Read) bool {
		return isInFlight(x.State) && (r.wasHeld(x.Location, e.Sent) || slices.ContainsFunc(r.freshReads(e, "integration"+x.Location), func(i Read) bool {
			return i.State == IntegrationError
		}))
	})
}

// freshReads returns the reads of one thing by this actor that were at most Fresh old at this request.
func (r *replay) freshReads(e Entry, key string) []Read {
	all := r.readsOf[e.Actor+key]
	end, _ := slices.BinarySearchFunc(all, e.SentSeq, func(x Read, seq int) int { return x.Seq - seq })
	start := end
	for start > 0 && e.Sent.Sub(all[start-1].At) <= Fresh {
		start--
	}
	return all[start:end]
}

// findStrays finds the DRAFTs that the worker created and that no row names.
func (r *replay) findStrays() []Finding {
	found := []Finding{}
	for _, d := range r.b.DeliveryOrders {
		if d.Status != Draft || !r.made[d.ID] || sumUnits(d.Lines) == 0 {
			continue
		}
		claimed := slices.ContainsFunc(r.rows, func(row Row) bool {
			return row.ReplacementID == d.ID && row.State != "left" && row.State != "reassigned"
		})
		if !claimed {
			found = append(found, Finding{d.ID, "DRAFT made by the API, and no open or needs-a-person row claims it"})
		}
	}
	return found
}

func isInFlight(status string) bool { return status == Draft || status == Pending || status == Opened }

// sumUnits returns the units that a delivery order may still ship, or has shipped.
func sumUnits(lines []Line) int {
	n := 0
	for _, l := range lines {
		n += l.coveredUnits()
	}
	return n
}

// coveredUnits returns the units that a line covers: none once cancelled or rejected, except those already fulfilled.
func (l Line) coveredUnits() int {
	if l.Status == LineCanceled || l.Status == LineRejected {
		return l.Fulfilled
	}
	return max(l.Quantity, 0)
}
