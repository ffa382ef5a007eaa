package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"happycolis-reassigner/worker/intake/spool"
)

// TakerOptions are the parts that a Taker uses.
type TakerOptions struct {
	Intake *Intake
	// Spool keeps events on disk while Redis is away; nil: then Take fails.
	Spool *spool.Spool
	// IsReady reports whether Redis is known to belong to this platform: before, nothing is applied. nil: it is.
	IsReady func() bool
	// CheckPlatform asks Redis the same, each time before spooled events are applied. nil: not asked.
	CheckPlatform func(ctx context.Context) error
	// Organizations are those that are configured: spooled events of others are kept, and not applied.
	Organizations []string
	Log           *slog.Logger
}

// Taker keeps every event that comes: it carries it out or, once one could not be carried out, puts it into the spool.
//
//	apply  --an effect failed-->  spool  --everything in it is applied-->  apply
//
// While the spool has events, all that comes goes behind them, so the events of one process are applied in the order in
// which it took them; those that are about different delivery orders and locations are applied side by side. Each is applied
// once, and once more for each crash between its effect and the cursor of the spool.
type Taker struct {
	TakerOptions
	wake chan struct{}

	mu        sync.Mutex
	changed   *sync.Cond
	spooling  bool
	applying  int   // events that are being applied without the spool
	appending int   // events on their way into the spool
	failure   error // of the last try while spooling; nil: none, or one worked since

	// Run alone looks at these.
	tookOver   time.Time
	redisAhead time.Duration // of our clock
}

// NewTaker returns a Taker. With a spool it begins with everything going there, until Run has looked what is in it.
func NewTaker(o TakerOptions) *Taker {
	t := &Taker{TakerOptions: o, wake: make(chan struct{}, 1), spooling: o.Spool != nil}
	t.changed = sync.NewCond(&t.mu)
	return t
}

// errNotReady reports that Redis may not be written to yet.
var errNotReady = errors.New("it is not known yet whether Redis belongs to this platform")

// Take applies an arrival, or puts it into the spool: then the result is Spooled. The context bounds the effect only.
// After an error the event is not kept.
func (t *Taker) Take(ctx context.Context, a Arrival) (Result, error) {
	if t.Spool == nil {
		return t.apply(ctx, a)
	}
	var failure error
	isDirect := t.begin()
	if isDirect {
		result, err := t.apply(ctx, a)
		if t.endApplying(err); err == nil {
			return result, nil
		}
		failure = err
	}
	err := t.append(a)
	t.endAppending()
	if err == nil {
		return Spooled, nil
	}
	t.Log.ErrorContext(ctx, "an event could not be kept in the spool", "alert", "urgent", "error", err)
	if isDirect {
		return "", errors.Join(failure, err)
	}
	return t.apply(ctx, a) // better out of order than refused: the index goes by dates and arrivals
}

// IsSpooling reports whether events are in the spool, or on their way there. What is applied then comes before them.
func (t *Taker) IsSpooling() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.spooling
}

// Failure returns why spooled events are not applied now; nil: they are, or there are none.
func (t *Taker) Failure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failure
}

func (t *Taker) setFailure(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failure = err
}

func (t *Taker) apply(ctx context.Context, a Arrival) (Result, error) {
	if t.IsReady != nil && !t.IsReady() {
		return "", errNotReady
	}
	return t.Intake.Apply(ctx, a)
}

// begin reports whether an event may be applied without the spool. It is counted in either case.
func (t *Taker) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.spooling {
		t.appending++
		return false
	}
	t.applying++
	return true
}

// endApplying counts an event that was applied. One that failed is on its way into the spool, and so is all that comes.
func (t *Taker) endApplying(failure error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.applying--
	t.changed.Broadcast()
	if failure == nil {
		return
	}
	if !t.spooling {
		t.Log.Warn("an event could not be applied; events go to the spool until all in it are applied", "error", failure)
	}
	t.spooling, t.failure = true, failure
	t.appending++
}

func (t *Taker) append(a Arrival) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("writing an event as JSON: %w", err)
	}
	return t.Spool.Append(a.At, body)
}

func (t *Taker) endAppending() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.appending--
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// awaitApplying returns once no event is being applied without the spool. Each has a deadline.
func (t *Taker) awaitApplying() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.applying > 0 {
		t.changed.Wait()
	}
}

// endSpooling has events applied without the spool again, if there are none in it, and none on their way.
func (t *Taker) endSpooling() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.appending > 0 || t.Spool.Stats().Waiting > 0 {
		return false
	}
	if err := t.Spool.Clear(); err != nil {
		t.Log.Warn("removing an empty folder of the spool failed", "error", err)
	}
	t.spooling, t.failure = false, nil
	return true
}
