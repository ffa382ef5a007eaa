package sandbox

import (
	"fmt"
	"slices"
	"time"
)

// findForgotten lists what is in flight at a location in ERROR, or one that an operator answers for, under an incident that
// drains or watches, and is in no row. It leaves out what the worker cannot know, because no webhook or read showed it, or one
// said that it does not exist; and what is under a recorded proceed, for which an operator vouches.
func (r *replay) findForgotten(incidents []Incident) []Finding {
	found := []Finding{}
	known := r.knownInFlight()
	for _, inc := range incidents {
		if inc.State != "draining" && inc.State != "watching" || !r.b.isFailing(inc.LocationID) && (inc.ByHand == nil || !inc.ByHand.EndedAt.IsZero()) {
			continue
		}
		for _, d := range r.b.DeliveryOrders {
			stuck := d.Location == inc.LocationID && isInFlight(d.Status) && (&delivery{DeliveryOrder: d}).isLive()
			if stuck && !r.proceeded[d.ID] && known[d.ID] && !slices.Contains(inc.Unapproved, d.ID) && !r.hasRow(d, inc) {
				found = append(found, Finding{d.ID, fmt.Sprintf("%s at %s, which is in ERROR or emptied by hand, and no row or approval of incident %s waits for it", d.Status, d.Location, inc.IncidentID)})
			}
		}
	}
	return found
}

func (b Books) isFailing(location string) bool {
	return slices.ContainsFunc(b.Locations, func(l Location) bool { return l.ID == location && l.IntegrationState == IntegrationError })
}

// knownInFlight returns the delivery orders that the newest webhook or read showed to the worker as in flight where
// they are. A read that shows nothing live may be stale: it counts only if the read before showed nothing live either.
func (r *replay) knownInFlight() map[string]bool {
	type sight struct {
		at       time.Time
		seq      int
		location string
		live     bool
	}
	last := map[string]sight{}
	see := func(id string, s sight) {
		if before := last[id]; s.at.After(before.at) || s.at.Equal(before.at) && s.seq > before.seq {
			last[id] = s
		}
	}
	for _, t := range r.b.WebhookReads {
		see(t.ID, sight{t.At, t.Seq, t.Location, t.Live && isInFlight(t.Status)})
	}
	goneBefore := map[string]bool{}
	for _, x := range r.b.Reads {
		if x.Kind != "delivery_order" {
			continue
		}
		gone := !x.Live || !isInFlight(x.State)
		see(x.ID, sight{x.At, x.Seq, x.Location, isInFlight(x.State) && (x.Live || !goneBefore[x.ID])})
		goneBefore[x.ID] = gone
	}
	known := map[string]bool{}
	for _, d := range r.b.DeliveryOrders {
		known[d.ID] = last[d.ID].live && last[d.ID].location == d.Location
	}
	return known
}

// lasting are the reasons for which a delivery order stays left while its incident lasts.
var lasting = []string{"policy_leave", "config_leave", "by_person", "stopped"}

// hasRow reports whether a row is about a delivery order now: it is open, has needs_person, or was left for good.
func (r *replay) hasRow(d DeliveryOrder, inc Incident) bool {
	return slices.ContainsFunc(r.rows, func(row Row) bool {
		named := row.DeliveryOrderID == d.ID || row.ReplacementID == d.ID
		switch row.State {
		case "reassigned":
			return false
		case "left":
			return row.DeliveryOrderID == d.ID && slices.Contains(lasting, row.Reason) && (row.IncidentID == inc.IncidentID || row.IncidentID == "")
		}
		return named || r.made[d.ID] && slices.ContainsFunc(row.OrderIDs, func(id string) bool { return slices.Contains(d.Orders, id) })
	})
}
