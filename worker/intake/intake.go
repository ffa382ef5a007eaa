// Package intake is the one door for the platform's events. An event has one meaning, whichever road it came: the
// webhook receiver is a thin file before Decode, which bounds and reads what came, and Take, which carries out what it
// asks for, or keeps it on disk until Redis is there (package spool).
//
//	receiver > Decode (what, and whose) > Arrival > Take > Apply (index, ledger, task, or parked)
//	                                                  |      ^
//	                                                  spool -+  in order, once an effect failed and until all is applied
//
// What it promises: a message is marked as seen after its effect, never before, so a crash in between repeats the
// effect and loses nothing. Effects are idempotent: a message that comes twice changes nothing. An event is a hint:
// its effect is an entry of the index or the ledger, or a task that reads the platform.
package intake

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/ledger"
)

// Road is the way on which an event came.
type Road string

// The roads: a POST to Path, and a record of a Kafka topic.
const (
	Webhook Road = "webhook"
	Kafka   Road = "kafka"
)

// Options are the parts that an Intake uses.
type Options struct {
	Index  *index.Index
	Ledger *ledger.Ledger
	Redis  redis.UniversalClient // for what is parked
	Queue  tasks.Queue
	// HasWatcher adds to a round trip the question whether a reassignment waits for an event about a delivery order.
	HasWatcher func(ctx context.Context, p redis.Pipeliner, organization, deliveryOrder string) (watched func() bool)
	// Signal ends the wait of the reassignment that waits for an event about a delivery order.
	Signal func(ctx context.Context, organization, deliveryOrder string) error
	Now    func() time.Time
	Log    *slog.Logger
	// Parked is how many parked events of an organization are kept; 0: 1,000.
	Parked int
}

// Intake carries out what events ask for.
type Intake struct {
	Options
	stamped atomic.Int64 // the latest arrival, in nanoseconds
}

// New returns an Intake. It may be used by many goroutines.
func New(o Options) *Intake {
	if o.Parked == 0 {
		o.Parked = defaultParked
	}
	return &Intake{Options: o}
}

// stamp is when an event arrives: now, and never before the one that arrived last, whatever is done to the clock.
func (in *Intake) stamp() time.Time {
	now := in.Now().UTC()
	for {
		last := in.stamped.Load()
		if now.UnixNano() <= last {
			return time.Unix(0, last).UTC()
		}
		if in.stamped.CompareAndSwap(last, now.UnixNano()) {
			return now
		}
	}
}

// Result is what became of an event, as the answer's body and a metric's label name it.
type Result string

// The results of an event that was taken.
const (
	Taken    Result = "taken"
	Repeated Result = "seen before"
	Kept     Result = "parked"
	Ignored  Result = "not needed"
	Spooled  Result = "spooled" // by Take: it is on disk, and is applied once Redis is there
)

// Decode reads an event that came now on a road, and that speaks for one of the organizations given: at least one. What
// it cannot use becomes a Parked of the first of them, or of the one that the event names if it is among them.
func (in *Intake) Decode(body []byte, organizations []string, road Road) Arrival {
	e, err := webhook.Parse(body)
	return in.DecodeParsed(e, err, body, organizations, road)
}

// ErrTooLarge stands for the error of parsing, where a body is larger than max_body and was not parsed.
var ErrTooLarge = errors.New("larger than max_body")

// DecodeParsed is Decode for a body that was parsed already: e and err are what webhook.Parse returned, or another
// function of that package with the same results; or err is ErrTooLarge.
func (in *Intake) DecodeParsed(e *webhook.Event, err error, body []byte, organizations []string, road Road) Arrival {
	a := Arrival{At: in.stamp(), Road: road, Organization: organizations[0]}
	var reason string
	switch {
	case errors.Is(err, ErrTooLarge):
		reason = reasonTooLarge
	case e == nil:
		reason = reasonUndecodable
	case !slices.Contains(organizations, e.Organization):
		reason = reasonOrganization
	default:
		a.Organization = e.Organization
		if err != nil {
			reason = reasonUndecodable
		} else {
			reason = missingIn(e)
		}
	}
	if reason == "" {
		a.Event = e
		return a
	}
	kind := ""
	if e != nil {
		kind = e.Type
	}
	a.Parked = parkedOf(a.At, body, kind, reason)
	return a
}

// Apply carries out what an arrival asks for, once: a message that was seen before has no effect. It returns the errors
// of Redis; calling it again then repeats nothing that was done.
func (in *Intake) Apply(ctx context.Context, a Arrival) (Result, error) {
	if a.Parked != nil {
		return Kept, in.park(ctx, a)
	}
	e := a.Event
	if e.MessageID != "" && !isCheckedByStore(e) {
		seen, err := in.Index.IsSeen(ctx, e.Organization, e.MessageID)
		if err != nil {
			return "", err
		}
		if seen {
			return Repeated, nil
		}
	}
	result, err := in.applyEvent(ctx, e, a.At, a.Road)
	if errors.Is(err, index.ErrRepeated) {
		return Repeated, nil
	}
	if err != nil {
		return "", err
	}
	if !isMarkedByStore(e) {
		err = in.Index.MarkSeen(ctx, e.Organization, e.MessageID, e.Date)
	}
	return result, err
}

// ApplyLate is Apply for an arrival that waited on disk. ahead is how far Redis's clock, by which the stores go, is ahead of
// the clock that stamped it.
func (in *Intake) ApplyLate(ctx context.Context, a Arrival, ahead time.Duration) (Result, error) {
	o := in.Options
	o.Index, o.Ledger = in.Index.Arrived(a.At.Add(ahead)), in.Ledger.Arrived(a.At.Add(ahead))
	return (&Intake{Options: o}).Apply(ctx, a)
}

// isMarkedByStore reports whether what stores the event also checks whether the message was seen, and marks it, in one
// round trip: there are many of these.
func isMarkedByStore(e *webhook.Event) bool { return e.DeliveryOrder != nil || e.Stock != nil }

// isCheckedByStore reports whether what stores the event first checks whether the message was seen: that saves a round
// trip of what must not be late.
func isCheckedByStore(e *webhook.Event) bool {
	return isMarkedByStore(e) || e.Integration != nil || e.Location != nil
}
