// Package index is what the worker knows of the platform without asking: the delivery orders, where
// they are and how far, and the locations that were heard of. It is fed by webhooks, by our own reads
// and by imports. It nominates; only a fresh read justifies a mutation.
//
// Of what arrives about one delivery order the newer date wins, of equal dates the later arrival. A
// read of ours is dated by the platform's own clock. What only webhooks tell (the pickup point, the
// order-line ids) is kept when a read that cannot tell it comes later.
//
// Entries hold ids, codes, quantities, SKUs and the country only.
package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Index keeps the entries in Redis.
type Index struct{ rdb redis.UniversalClient }

// New returns the index over Redis.
func New(rdb redis.UniversalClient) *Index { return &Index{rdb} }

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

	Date time.Time `json:"-"` // of the webhook, or of the answer to our read
	Told Told      `json:"-"`
}

// Line is one line of a delivery order.
type Line struct {
	ID        string `json:"id"`
	SKU       string `json:"sku,omitempty"`
	Status    string `json:"status,omitempty"`
	Quantity  int    `json:"quantity"`
	Fulfilled int    `json:"fulfilled,omitempty"`
}

// InFlight reports whether the delivery order may still have to be shipped from where it is: neither
// completed nor cancelled as a whole. An unknown status counts as in flight, so that a person sees it.
func (e Entry) InFlight() bool {
	if e.Suspect && e.Location != "" {
		return true
	}
	if e.Status == "COMPLETED" || e.Location == "" {
		return false
	}
	return !e.cancelled()
}

// cancelled reports whether every line is cancelled.
func (e Entry) cancelled() bool {
	for _, l := range e.Lines {
		if l.Status != "CANCELED" {
			return false
		}
	}
	return len(e.Lines) > 0
}

// ErrRepeated tells that a message was taken before.
var ErrRepeated = errors.New("the message was seen before")

// Put stores what a webhook (message is its id) or a read (message "") says of a delivery order, and
// reports whether it was news. The location that it names is known from then on. The error wraps
// ErrRepeated where the message was taken before; then nothing is stored. It takes two round trips to
// Redis: many webhooks come at once when a location fails.
func (x *Index) Put(ctx context.Context, organization string, e Entry, message string) (bool, error) {
	k := keys(organization)
	fields, err := x.before(ctx, k, e.ID, message)
	if err != nil {
		return false, fmt.Errorf("indexing %s: %w", e.ID, err)
	}
	e.complete(fields[2])
	body, err := json.Marshal(e)
	if err != nil {
		return false, fmt.Errorf("indexing %s: %w", e.ID, err)
	}
	told, toldAt := "", max(e.Date.UnixMilli(), millis(fields[1]).UnixMilli())
	if e.recall(toldOf(fields[0]), millis(fields[1])) {
		text, err := json.Marshal(e.Told)
		if err != nil {
			return false, fmt.Errorf("indexing %s: %w", e.ID, err)
		}
		told = string(text)
	}
	rejected, ttl, member := "", "", ""
	if !e.Told.CancelRejected.IsZero() {
		rejected = strconv.FormatInt(e.Told.CancelRejected.UnixMilli(), 10)
	}
	if message != "" {
		ttl = seenSeconds
	}
	ended := ""
	if e.InFlight() {
		member = flightMember(e)
	} else if e.cancelled() {
		ended = e.ID
	}
	place, err := json.Marshal(Place{ID: e.Location})
	if err != nil {
		return false, fmt.Errorf("indexing %s: %w", e.ID, err)
	}
	stored, err := put.Run(ctx, x.rdb,
		[]string{k.entry(e.ID), k.meta(), k.seen(message), k.flight(e.Location), k.ended(e.Location), k.places()},
		e.Date.UnixMilli(), body, told, toldAt, rejected, member, ttl, ended, endedKept.Milliseconds(), e.Location, place).Bool()
	if err != nil {
		return false, fmt.Errorf("indexing %s: %w", e.ID, err)
	}
	return stored, nil
}

// before asks in one round trip what is known of a delivery order, and whether the message was taken.
func (x *Index) before(ctx context.Context, k keys, id, message string) (told []any, err error) {
	var seen *redis.IntCmd
	var fields *redis.SliceCmd
	if _, err := x.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		if message != "" {
			seen = p.Exists(ctx, k.seen(message))
		}
		fields = p.HMGet(ctx, k.entry(id), "told", "told_date", "body")
		return nil
	}); err != nil {
		return nil, err
	}
	if seen != nil && seen.Val() > 0 {
		return nil, ErrRepeated
	}
	return fields.Val(), nil
}

// Get returns the entry of a delivery order; false if it is not known. An entry that cannot be read
// counts as not known: the next webhook or read writes it anew.
func (x *Index) Get(ctx context.Context, organization, id string) (Entry, bool, error) {
	fields, err := x.rdb.HMGet(ctx, keys(organization).entry(id), "body", "told", "date", "cancel_rejected").Result()
	if err != nil {
		return Entry{}, false, fmt.Errorf("reading index entry %s: %w", id, err)
	}
	var e Entry
	body, _ := fields[0].(string)
	if json.Unmarshal([]byte(body), &e) != nil {
		return Entry{}, false, nil
	}
	e.Told = toldOf(fields[1])
	e.Date = millis(fields[2])
	e.Told.CancelRejected = millis(fields[3])
	return e, true, nil
}

func millis(field any) time.Time {
	text, _ := field.(string)
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
