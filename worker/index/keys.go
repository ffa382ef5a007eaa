package index

import (
	"fmt"
	"time"

	"happycolis-reassigner/worker/rediskey"
)

// seenFor is how long the id of a processed message is kept. A repetition later than that is harmless, too, since
// every effect is idempotent by its date.
const seenFor = 48 * time.Hour

// endedKept is how long the index keeps that a delivery order in flight was cancelled.
const endedKept = 7 * 24 * time.Hour

type keys string

func (org keys) key(name string) string           { return rediskey.Of(string(org), name) }
func (org keys) entry(id string) string           { return org.key("do:" + id) }
func (org keys) flight(location string) string    { return org.key("flight:" + location) } // in flight at a location, by urgency (flightMember)
func (org keys) ended(location string) string     { return org.key("ended:" + location) }  // cancelled while in flight there, by arrival
func (org keys) meta() string                     { return org.key("index") }
func (org keys) seen(message string) string       { return org.key("seen:" + message) }
func (org keys) locations() string                { return org.key("locations") }             // location id: what is known of it
func (org keys) slugs() string                    { return org.key("slugs") }                 // slug: location id
func (org keys) shipments(location string) string { return org.key("shipments:" + location) } // shipment > delivery order, "" not asked yet
func (org keys) shipment(id string) string        { return org.key("shipment:" + id) }        // the delivery order of a shipment
func (org keys) imported(list string) string      { return org.key("import:" + list) }

// disputed has the delivery orders to be read since two roads disagree, by when that was noticed.
func (org keys) disputed() string { return org.key("disputed") }

// flightMember is the member of the sorted set of a location: it sorts HIGH priority first, then the oldest. All
// scores are 0, so that the next page begins exactly after the last one, whatever was added or removed.
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

// memberID returns the delivery order id of a member.
func memberID(member string) string { return member[len("0|000000000000000|"):] }
