// Package index stores what is known of the platform without asking it: the delivery orders, where they are and how
// far, and the locations with their slugs. The receiver (webhooks), our own reads and imports write it;
// incidents and the API read it. It exists because no documented query lists delivery orders by location. It only
// suggests what may be affected: a mutation is justified by a fresh read alone (P5). Coverage says how complete it is.
//
// Of two messages about one delivery order the one with the newer date wins, of equal dates the one that arrived
// later. Our own reads are dated by the platform's clock. A date in the future counts as the arrival (dates.go). What
// only webhooks contain (the pickup point, the order-line ids) is kept when a read that lacks it comes later. Storing
// the same message twice changes nothing.
//
// Entries hold ids, codes, quantities, SKUs and the country only, no personal data (P6). Times are UTC.
package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
)

// Index stores the entries in Redis. It may be used by several goroutines, and by several processes over one Redis.
type Index struct {
	rdb redis.UniversalClient

	arrived time.Time // zero: what is put arrives now

	// OnFutureDate is called for each message and read whose date lay in the future, with how far; it may be nil.
	OnFutureDate func(organization string, by time.Duration)
}

// New returns the index over Redis; it does not connect.
func New(rdb redis.UniversalClient) *Index { return &Index{rdb: rdb} }

// Arrived returns the index for what arrived at a time, by Redis's clock, and waited on disk since.
func (x *Index) Arrived(at time.Time) *Index {
	y := *x
	y.arrived = at
	return &y
}

// Entry is one delivery order, as one message or read shows it (Put), or as it is stored (Get).
type Entry struct {
	ID       string   `json:"id"`
	Number   string   `json:"number,omitempty"`
	Location string   `json:"location,omitempty"`
	Orders   []string `json:"orders,omitempty"`
	Status   string   `json:"status,omitempty"`
	Priority string   `json:"priority,omitempty"`
	Lines    []Line   `json:"lines,omitempty"`
	Events   []string `json:"events,omitempty"` // types of its events, in order

	// Suspect marks a cancelled delivery order whose lines are in a DRAFT elsewhere: perhaps a handover that the
	// journal has lost. It is enrolled although it is not in flight.
	Suspect bool `json:"suspect,omitempty"`

	Road     string       `json:"-"` // for Put: on which road the message came; "" for our own reads
	Date     time.Time    `json:"-"` // of the webhook, or of the answer to our read; zero: none, and the arrival counts
	Facts    WebhookFacts `json:"-"`
	Canceled Canceled     `json:"-"` // for Put: as this message shows it; from Get: as it was ever shown
}

// Line is one line of a delivery order.
type Line struct {
	ID        string `json:"id"`
	SKU       string `json:"sku,omitempty"`
	Status    string `json:"status,omitempty"`
	Quantity  int    `json:"quantity"` // units; 0 also where it is not known
	Fulfilled int    `json:"fulfilled,omitempty"`
	Empty     bool   `json:"empty,omitempty"` // known to be of 0 units: it does not count, whatever its status
}

// IsInFlight reports whether the delivery order may still have to be shipped from where it is: neither completed, nor
// cancelled or rejected line by line. An unknown status counts as in flight, so that an operator sees it.
func (e Entry) IsInFlight() bool {
	if e.Suspect && e.Location != "" {
		return true
	}
	if e.Status == "COMPLETED" || e.Location == "" {
		return false
	}
	return !e.IsDead()
}

// IsDead reports whether nothing of a delivery order will be shipped any more: every line that has units is cancelled
// or rejected.
func (e Entry) IsDead() bool { return e.allLinesHave("CANCELED", "REJECTED") }

// allLinesHave reports whether each line that has units has one of these statuses; where none has units, every line.
func (e Entry) allLinesHave(statuses ...string) bool {
	lines := slices.DeleteFunc(slices.Clone(e.Lines), func(l Line) bool { return l.Empty })
	if len(lines) == 0 {
		lines = e.Lines
	}
	return len(lines) > 0 && !slices.ContainsFunc(lines, func(l Line) bool { return !slices.Contains(statuses, l.Status) })
}

// ErrRepeated reports that a message with this id was processed before.
var ErrRepeated = errors.New("the message was seen before")

// Put stores what a webhook (message is its id) or a read (message "") shows of a delivery order, and reports whether
// it was newer than what is stored. The error wraps ErrRepeated where the message was processed before; then nothing
// is stored. The location that the entry names is added to the index, too.
//
// Of two messages from different roads that differ, and are dated within 10 s, nobody knows which is the later one, since
// each road dates them in its own way. The newer date wins, and the delivery order is noted for Disputed.
//
// Many webhooks come at once when a location fails, so a message that has everything takes one round trip to Redis,
// and a partial one two. ride may add commands of the same organization, which are run after the first.
func (x *Index) Put(ctx context.Context, organization string, e Entry, message string, ride ...func(redis.Pipeliner)) (bool, error) {
	k := keys(organization)
	shape := fullMessage
	if e.isPartial() {
		shape = partialMessage
	}
	answer, err := x.runPut(ctx, k, e, message, shape, "", ride)
	for err == nil && answer[0] == putPartial { // fails again only where another message was stored in between
		said := e
		known, _ := answer[1].(string)
		said.fillFrom(known)
		if said.Facts.Issued.IsZero() {
			said.Facts.Issued = decodeFacts(answer[2]).Issued
		}
		answer, err = x.runPut(ctx, k, said, message, completedMessage, known, ride)
	}
	if err == nil && answer[0] == putRepeated {
		err = ErrRepeated
	}
	if err != nil {
		return false, fmt.Errorf("indexing %s: %w", e.ID, err)
	}
	x.reportFuture(organization, answer[1])
	return answer[0] == putStored, nil
}

// runPut runs the script and the commands that ride added, in one round trip. known is the stored body by which e was
// completed.
func (x *Index) runPut(ctx context.Context, k keys, e Entry, message string, shape completeness, known string, ride []func(redis.Pipeliner)) ([]any, error) {
	arguments, err := x.putArguments(e, message, shape, known)
	if err != nil {
		return nil, err
	}
	entry := k.entry(e.ID)
	names := redisscript.Keys{"entry": entry, "disputed": k.disputed(), "meta": k.meta(), "seen": k.seen(message), "flight": k.flight(e.Location),
		"ended": k.ended(e.Location), "places": k.locations()}
	run := func(script func(context.Context, redis.Scripter, redisscript.Keys, redisscript.Args) *redis.Cmd) ([]any, error) {
		var answer *redis.Cmd
		_, _ = x.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
			answer = script(ctx, p, names, arguments)
			queueCanceled(ctx, p, entry, e.Canceled, message != "")
			for _, add := range ride {
				add(p)
			}
			return nil
		})
		return answer.Slice() // each command has its own error
	}
	answer, err := run(putScript.EvalSha)
	if redis.HasErrorPrefix(err, "NOSCRIPT") { // the script is not loaded in this Redis yet
		return run(putScript.Eval)
	}
	return answer, err
}

// putArguments are what the script wants to know of an entry.
func (x *Index) putArguments(e Entry, message string, shape completeness, known string) (redisscript.Args, error) {
	number := e.Number
	e.Number = "" // stored in a field of its own
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	told, member, ended := []byte(nil), "", ""
	if e.Facts.isSet() {
		if told, err = json.Marshal(e.Facts); err != nil {
			return nil, err
		}
	}
	if e.IsInFlight() {
		member = flightMember(e)
	} else if e.allLinesHave("CANCELED") {
		ended = e.ID
	}
	place, err := json.Marshal(Location{ID: e.Location})
	if err != nil {
		return nil, err
	}
	return x.withSeen(redisscript.Args{
		"date_ms": dateText(e.Date), "body": body, "told": told, "shape": shape, "cancel_rejected": !e.Facts.CancelRejected.IsZero(),
		"member": member, "seen_ttl_s": seenTTL(message), "ended": ended, "ended_kept_ms": endedKept.Milliseconds(), "location": e.Location,
		"place": place, "number": number, "known": known, "id": e.ID, "road": e.Road, "apart_ms": roadsApart,
		"disputed_most": maxDisputed,
	}), nil
}

// KnownSince returns when a delivery order was first stored, by Redis's clock; zero where it is not stored, or a
// release that did not record the time stored it.
func (x *Index) KnownSince(ctx context.Context, organization, id string) (time.Time, error) {
	since, err := x.rdb.HGet(ctx, keys(organization).entry(id), "since").Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return time.Time{}, fmt.Errorf("reading index entry %s: %w", id, err)
	}
	return decodeMillis(since), nil
}

// Get returns the entry of a delivery order; false if there is none. An entry that cannot be read counts as none: the
// next webhook or read stores it anew.
func (x *Index) Get(ctx context.Context, organization, id string) (Entry, bool, error) {
	fields, err := x.rdb.HMGet(ctx, keys(organization).entry(id), "body", "told", "date", "cancel_rejected", "number",
		"canceled_number", "canceled_last", "canceled_told").Result()
	if err != nil {
		return Entry{}, false, fmt.Errorf("reading index entry %s: %w", id, err)
	}
	var e Entry
	body, _ := fields[0].(string)
	if json.Unmarshal([]byte(body), &e) != nil {
		return Entry{}, false, nil
	}
	if number, _ := fields[4].(string); number != "" { // otherwise an entry of an earlier release, which has the number in its body
		e.Number = number
	}
	e.Facts = decodeFacts(fields[1])
	e.Date = decodeMillis(fields[2])
	e.Facts.CancelRejected = decodeMillis(fields[3])
	e.Canceled = decodeCanceled(fields[5], fields[6], fields[7])
	return e, true, nil
}

func decodeMillis(field any) time.Time {
	text, _ := field.(string)
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
