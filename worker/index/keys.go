package index

import (
	"fmt"
	"strconv"
	"time"

	"happycolis-reassigner/worker/rediskey"
)

// seenFor is how long a message id is remembered. A repetition later than that is harmless too: every
// effect is idempotent by the dates.
const seenFor = 48 * time.Hour

// seenSeconds is seenFor as the scripts want it.
var seenSeconds = strconv.Itoa(int(seenFor.Seconds()))

// endedKept is how long it is remembered that a delivery order in flight was cancelled.
const endedKept = 7 * 24 * time.Hour

type keys string

func (org keys) key(name string) string           { return rediskey.Of(string(org), name) }
func (org keys) entry(id string) string           { return org.key("do:" + id) }
func (org keys) flight(location string) string    { return org.key("flight:" + location) } // in flight at a location, in order of urgency
func (org keys) ended(location string) string     { return org.key("ended:" + location) }  // cancelled while in flight there, by arrival
func (org keys) meta() string                     { return org.key("index") }
func (org keys) seen(message string) string       { return org.key("seen:" + message) }
func (org keys) locations() string                { return org.key("locations") }             // location id > what is known of it
func (org keys) slugs() string                    { return org.key("slugs") }                 // slug > location id
func (org keys) shipments(location string) string { return org.key("shipments:" + location) } // shipment > delivery order, "" not asked yet
func (org keys) shipment(id string) string        { return org.key("shipment:" + id) }        // its delivery order
func (org keys) reservations() string             { return org.key("claims") }                // owner > what it was promised
func (org keys) reviews() string                  { return org.key("claims:due") }            // owner by the time its promise is looked at again
func (org keys) stock(location, sku string) string {
	return org.key("stock:" + location + "|" + sku) // the figure, and the units promised
}
func (org keys) committed(location, sku string) string {
	return org.key("settled:" + location + "|" + sku) // owners whose delivery order was sent, by when
}
func (org keys) starts(location string) string { return org.key("began:" + location) } // handovers that began there, by when
func (org keys) imported(list string) string   { return org.key("import:" + list) }

// flightMember sorts the delivery orders in flight at a location: HIGH priority first, then the oldest.
// All scores are 0, so that a page begins exactly after the last one, whatever was added or removed.
func flightMember(e Entry) string {
	rank := map[string]int{"HIGH": 0, "NORMAL": 1, "LOW": 2}
	urgency, known := rank[e.Priority]
	if !known {
		urgency = 1
	}
	issued := e.Facts.Issued
	var ms int64
	if !issued.IsZero() {
		ms = max(issued.UnixMilli(), 0)
	}
	return fmt.Sprintf("%d|%015d|%s", urgency, ms, e.ID)
}

// memberID is the delivery order of a member.
func memberID(member string) string { return member[len("0|000000000000000|"):] }
