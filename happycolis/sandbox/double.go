package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// isSend reports whether an act sent a delivery order, or did something to one that was sent.
func isSend(e Entry) bool { return e.Applied && isSent(e) && e.Operation != "deliveryOrderCancel" }

// findDoubled looks, after an act of the API that sends, for an order line that more units were sent of
// than were ordered.
func (r *replay) findDoubled(e Entry) (line string, n, of int) {
	return r.findExceeded(e, r.coversLine)
}

// findExceeded finds an order line of a delivery order that was just sent of which more units are sent than were ordered,
// leaving out what the API could not know, and what a person answers for.
func (r *replay) findExceeded(e Entry, covers func(id, orderLine string) int) (line string, n, of int) {
	for _, l := range e.Lines {
		if l.coveredUnits() == 0 || r.proceeded[e.DeliveryOrder] {
			continue
		}
		n = 0
		for _, id := range r.byLine[l.OrderLine] {
			if isSent(r.state[id]) && (id == e.DeliveryOrder || !r.isProceeded(e, id) && !r.isUnseen(e, id)) {
				n += covers(id, l.OrderLine)
			}
		}
		if of, known := r.ordered[l.OrderLine]; known && n > of {
			return l.OrderLine, n, of
		}
	}
	return "", 0, 0
}

// findUnreleased finds, after an act of the API that sends a replacement, the original whose cancel was not confirmed when
// the request left; "" if there is none.
func (r *replay) findUnreleased(e Entry) string {
	if !r.made[e.DeliveryOrder] {
		return ""
	}
	for _, id := range r.traceOf(e.DeliveryOrder).originals {
		if r.holdsUnits(e, id) {
			return id
		}
	}
	free := func(id string) bool { return !r.holdsUnits(e, id) }
	if all := r.traceOf(e.DeliveryOrder).likely; len(all) > 0 && !slices.ContainsFunc(all, free) {
		return all[0]
	}
	if line, _, _ := r.findExceeded(e, r.claimsLine); line != "" {
		for _, id := range r.byLine[line] {
			if r.claimsLine(id, line) > r.coversLine(id, line) && !r.isProceeded(e, id) {
				return id
			}
		}
	}
	return ""
}

// holdsUnits reports whether a delivery order kept units of what is being sent: it claims them, or did so when the request
// left.
func (r *replay) holdsUnits(e Entry, id string) bool {
	if r.isProceeded(e, id) || r.isUnseen(e, id) {
		return false
	}
	return slices.ContainsFunc(e.Lines, func(l Line) bool {
		return l.coveredUnits() > 0 && (r.claimsLine(id, l.OrderLine) > 0 || r.traceOf(id).peak[l.OrderLine] > 0 && r.traceOf(id).until.Seq > e.SentSeq)
	})
}

// isUnseen reports whether a delivery order became sent and live by somebody else's act, at most Fresh before a request
// left or later, and no read showed it to the API since.
func (r *replay) isUnseen(e Entry, id string) bool {
	since := r.traceOf(id).since
	if isOurs(since) || e.Sent.Sub(since.At) > Fresh {
		return false
	}
	return !slices.ContainsFunc(r.readsOf[e.Actor+"delivery_order"+id], func(x Read) bool {
		return x.Seq > since.Seq && x.Seq < e.SentSeq
	})
}

// isProceeded reports whether a person answers for it that an original is not shipped, and what that rests on held when a
// request left: nothing of it was begun, and its location was in ERROR, or was shown so, or was under an incident by hand.
func (r *replay) isProceeded(e Entry, id string) bool {
	if !r.proceeded[id] {
		return false
	}
	if begun := r.traceOf(id).begun; !begun.IsZero() && e.Sent.Sub(begun) > Fresh {
		return false
	}
	at := r.state[id].Location
	ended, was := r.errorUntil[at]
	return r.wasHeld(at, e.Sent) || r.integration[at] == IntegrationError || was && e.Sent.Sub(ended) <= Fresh || r.wasRead(e, id)
}

// findDoublesAtRest finds what is sent twice once all is at rest: more of an order line than was ordered, or more of a
// lineage than its first delivery order ever claimed. What was found already is not told again.
func (r *replay) findDoublesAtRest(known []Finding) []Finding {
	var found []Finding
	seen := map[string]bool{}
	for _, f := range known {
		seen[f.DeliveryOrder] = true
	}
	for _, o := range r.b.Orders {
		for _, l := range o.Lines {
			groups := map[string][]string{}
			roots := []string{""}
			for _, id := range r.byLine[l.ID] {
				root := r.lineageRoot(id)
				if groups[root] == nil {
					roots = append(roots, root)
				}
				groups[root], groups[""] = append(groups[root], id), append(groups[""], id)
			}
			for _, root := range roots {
				limit := l.Quantity
				if root != "" {
					limit = r.traceOf(root).peak[l.ID]
				}
				ids := r.listDoubles(l.ID, groups[root], limit)
				if len(ids) == 0 || slices.ContainsFunc(ids, func(id string) bool { return seen[id] }) {
					continue
				}
				for _, id := range ids {
					seen[id] = true
				}
				ours := ids[slices.IndexFunc(ids, r.sentByUs)]
				found = append(found, Finding{ours, fmt.Sprintf("at rest: order line %s is sent and live in %s, and no row tells it", l.ID, strings.Join(ids, ", "))})
			}
		}
	}
	return found
}

// listDoubles lists, of these delivery orders, those that are sent and live and together claim more of an order line than
// the limit because of the API, unless a row tells a person.
func (r *replay) listDoubles(orderLine string, ids []string, limit int) []string {
	live := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return !r.isStanding(id) || r.claimsLine(id, orderLine) == 0 || r.proceeded[id]
	})
	n := 0
	byUs := slices.DeleteFunc(slices.Clone(live), func(id string) bool { return r.laterByOthers(id, live) })
	for _, id := range byUs {
		n += r.claimsLine(id, orderLine)
	}
	if len(byUs) < 2 || n <= limit || !slices.ContainsFunc(byUs, r.sentByUs) || r.isReported(live) {
		return nil
	}
	return byUs
}

// sentByUs reports whether the API made a delivery order, or sent it.
func (r *replay) sentByUs(id string) bool { return r.made[id] || isOurs(r.traceOf(id).since) }

// laterByOthers reports whether somebody else made a delivery order after all that the API made of these were sent, or
// at most Fresh before and unseen: the platform only if it took RedispatchSettle.
func (r *replay) laterByOthers(id string, live []string) bool {
	born, seen := r.traceOf(id).birth, r.traceOf(id).firstRead
	if r.made[id] {
		return false
	}
	for _, other := range live {
		by := r.traceOf(other).since
		if r.sentByUs(other) && (born.At.Before(by.Sent.Add(-Fresh)) || seen > 0 && seen < by.SentSeq) {
			return false
		}
	}
	return born.Redispatched == "" || born.At.Sub(r.traceOf(born.Redispatched).until.At) >= RedispatchSettle
}

// doubleReasons are those of which a row says that something may be shipped twice.
var doubleReasons = []string{"released_then_rejected", "replacement_sent_early", "over_allocated"}

// isReported reports whether a row tells a person of a double: it names one of the delivery orders, or another one of their
// lineage. Who left it knows.
func (r *replay) isReported(live []string) bool {
	return slices.ContainsFunc(r.rows, func(row Row) bool {
		if row.State != "needs_person" && row.State != "left" ||
			row.State == "needs_person" && !slices.Contains(doubleReasons, row.Reason) || row.State == "left" && row.Reason != "by_person" {
			return false
		}
		return slices.ContainsFunc(live, func(id string) bool {
			return id == row.DeliveryOrderID || id == row.ReplacementID || r.lineageRoot(id) == r.lineageRoot(row.DeliveryOrderID)
		})
	})
}
