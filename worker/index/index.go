// Package index is what the worker knows of the platform without asking: the delivery orders, where
// they are and how far, and the locations that were heard of. It is fed by webhooks, by our own reads
// and by imports. It nominates; only a fresh read justifies a mutation.
//
// Of what arrives about one delivery order the newer date wins, of equal dates the later arrival. A
// read of ours is dated by the platform's own clock. A date that lies in the future counts as the arrival
// (dates.go). What only webhooks tell (the pickup point, the
// order-line ids) is kept when a read that cannot tell it comes later.
//
// Entries hold ids, codes, quantities, SKUs and the country only.
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

// Index keeps the entries in Redis.
type Index struct {
	rdb redis.UniversalClient

	// OnFutureDate learns of each message and read whose date lay in the future, and by how much; nil: nobody wants to know.
	OnFutureDate func(organization string, by time.Duration)
}

// New returns the index over Redis.
func New(rdb redis.UniversalClient) *Index { return &Index{rdb: rdb} }

// Entry is what is known of one delivery order.
type Entry struct {
	ID       string   `json:"id"`
	Number   string   `json:"number,omitempty"`
	Location string   `json:"location,omitempty"`
	Orders   []string `json:"orders,omitempty"`
	Status   string   `json:"status,omitempty"`
	Priority string   `json:"priority,omitempty"`
	Lines    []Line   `json:"lines,omitempty"`
	Events   []string `json:"events,omitempty"` // types, in order

	// Suspect marks a cancelled delivery order of which a DRAFT elsewhere has the lines: a handover that the
	// journal may have lost. It is nominated although it is not in flight.
	Suspect bool `json:"suspect,omitempty"`

	Date     time.Time    `json:"-"` // of the webhook, or of the answer to our read; zero: it has none, and counts as dated when it is put
	Facts    WebhookFacts `json:"-"`
	Canceled Canceled     `json:"-"` // put: as this snapshot shows it; got: as it was ever shown
}

// Line is one line of a delivery order.
type Line struct {
	ID        string `json:"id"`
	SKU       string `json:"sku,omitempty"`
	Status    string `json:"status,omitempty"`
	Quantity  int    `json:"quantity"` // 0 also where it is not known
	Fulfilled int    `json:"fulfilled,omitempty"`
	Empty     bool   `json:"empty,omitempty"` // known to be of 0 units: it covers nothing, whatever its status
}

// IsInFlight reports whether the delivery order may still have to be shipped from where it is: neither
// completed, nor cancelled or rejected line by line. An unknown status counts as in flight, so that an operator sees it.
func (e Entry) IsInFlight() bool {
	if e.Suspect && e.Location != "" {
		return true
	}
	if e.Status == "COMPLETED" || e.Location == "" {
		return false
	}
	return !e.IsDead()
}

// IsDead reports whether nothing of a delivery order is to be shipped any more: every line that has units is cancelled or
// rejected.
func (e Entry) IsDead() bool { return e.allLinesHave("CANCELED", "REJECTED") }

// allLinesHave reports whether each line that covers anything has one of these statuses; where none covers anything, every line.
func (e Entry) allLinesHave(statuses ...string) bool {
	lines := slices.DeleteFunc(slices.Clone(e.Lines), func(l Line) bool { return l.Empty })
	if len(lines) == 0 {
		lines = e.Lines
	}
	return len(lines) > 0 && !slices.ContainsFunc(lines, func(l Line) bool { return !slices.Contains(statuses, l.Status) })
}

// ErrRepeated tells that a message was taken before.
var ErrRepeated = errors.New("the message was seen before")

// Put stores what a webhook (message is its id) or a read (message "") says of a delivery order, and
// reports whether it was news. The location that it names is known from then on. The error wraps
// ErrRepeated where the message was taken before; then nothing is stored. Many webhooks come at once when a
// location fails: one that says all of a delivery order takes one round trip to Redis, a thinner one two. ride
// may add commands of the same organization, which are run after the first.
func (x *Index) Put(ctx context.Context, organization string, e Entry, message string, ride ...func(redis.Pipeliner)) (bool, error) {
	k := keys(organization)
	shape := fullMessage
	if e.isPartial() {
		shape = partialMessage
	}
	answer, err := x.runPut(ctx, k, e, message, shape, "", ride)
	for err == nil && answer[0] == putPartial { // once more only where somebody else stored something in between
		said, known := e, decodeText(answer[1])
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

// runPut runs the script, and whatever rides along, in one round trip. known is the body that completed e.
func (x *Index) runPut(ctx context.Context, k keys, e Entry, message string, shape completeness, known string, ride []func(redis.Pipeliner)) ([]any, error) {
	arguments, err := putArguments(e, message, shape, known)
	if err != nil {
		return nil, err
	}
	entry := k.entry(e.ID)
	names := redisscript.Keys{"entry": entry, "meta": k.meta(), "seen": k.seen(message), "flight": k.flight(e.Location),
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
	if redis.HasErrorPrefix(err, "NOSCRIPT") { // this Redis does not have the script yet
		return run(putScript.Eval)
	}
	return answer, err
}

// putArguments are what the script wants to know of an entry.
func putArguments(e Entry, message string, shape completeness, known string) (redisscript.Args, error) {
	number := e.Number
	e.Number = "" // has a field of its own
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	told, ttl, member, ended := []byte(nil), "", "", ""
	if e.Facts.isSet() {
		if told, err = json.Marshal(e.Facts); err != nil {
			return nil, err
		}
	}
	if message != "" {
		ttl = seenSeconds
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
	return withSeen(redisscript.Args{
		"date_ms": dateText(e.Date), "body": body, "told": told, "shape": shape, "cancel_rejected": !e.Facts.CancelRejected.IsZero(),
		"member": member, "seen_ttl_s": ttl, "ended": ended, "ended_kept_ms": endedKept.Milliseconds(), "location": e.Location,
		"place": place, "number": number, "known": known,
	}), nil
}

// KnownSince returns since when a delivery order is known, by Redis's clock; zero where it is not, or was first told of to a
// release that did not note it.
func (x *Index) KnownSince(ctx context.Context, organization, id string) (time.Time, error) {
	since, err := x.rdb.HGet(ctx, keys(organization).entry(id), "since").Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return time.Time{}, fmt.Errorf("reading index entry %s: %w", id, err)
	}
	return decodeMillis(since), nil
}

// Get returns the entry of a delivery order; false if it is not known. An entry that cannot be read
// counts as not known: the next webhook or read writes it anew.
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
	if number, _ := fields[4].(string); number != "" { // else an entry of an earlier release, with its number inside
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
