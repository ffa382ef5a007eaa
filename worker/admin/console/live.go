package console

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"sync"
	"time"

	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/journal"
)

// Limits of the streams.
const (
	maxListeners   = 20               // pages of one user that listen at once; further ones are not live
	digestEvery    = time.Second      // how often the state is compared, once for all pages
	heartbeatEvery = 15 * time.Second // a comment is sent, so that no proxy closes an idle connection
	liveFor        = 10 * time.Minute // then the browser connects again, and its login is checked again
)

// liveStream signals pages that something changed. It compares the state only while a page listens.
type liveStream struct {
	stateDigest func(context.Context) (uint64, error)
	ctx         context.Context
	stop        context.CancelFunc

	mu        sync.Mutex
	listeners map[chan struct{}]string // by whom
	watching  bool
}

func newLive(pulse func(context.Context) (uint64, error)) *liveStream {
	l := &liveStream{stateDigest: pulse, listeners: map[chan struct{}]string{}}
	l.ctx, l.stop = context.WithCancel(context.Background())
	return l
}

func (l *liveStream) close() { l.stop() }

// join returns a channel that receives a mark for each change; nil where too many pages of the user listen.
func (l *liveStream) join(user string) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := 0
	for _, by := range l.listeners {
		if by == user {
			own++
		}
	}
	if own >= maxListeners {
		return nil
	}
	marks := make(chan struct{}, 1)
	l.listeners[marks] = user
	if !l.watching {
		l.watching = true
		go l.watchState()
	}
	return marks
}

func (l *liveStream) leave(marks chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.listeners, marks)
}

// watchState compares the state while a page listens. That Redis is away counts as a change: the page then says so.
func (l *liveStream) watchState() {
	ticker := time.NewTicker(digestEvery)
	defer ticker.Stop()
	last, first := uint64(0), true
	for {
		ctx, cancel := context.WithTimeout(l.ctx, digestEvery)
		now, err := l.stateDigest(ctx)
		cancel()
		if err != nil {
			now = 0
		}
		if !l.broadcast(!first && now != last) {
			return
		}
		last, first = now, false
		select {
		case <-l.ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// broadcast sends a mark to each page; false if none listens any more.
func (l *liveStream) broadcast(changed bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.listeners) == 0 {
		l.watching = false
		return false
	}
	for marks := range l.listeners {
		if !changed {
			break
		}
		select {
		case marks <- struct{}{}:
		default: // the page has not read the last mark yet
		}
	}
	return true
}

// ServeHTTP streams a mark for each change (server-sent events).
func (l *liveStream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	marks := l.join(admin.UserOf(r).Name)
	if marks == nil {
		w.Header().Set("Retry-After", "60")
		http.Error(w, "too many of your pages listen", http.StatusServiceUnavailable)
		return
	}
	defer l.leave(marks)
	stream := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // otherwise proxies buffer the stream
	say := func(text string) bool {
		_, err := fmt.Fprint(w, text)
		return err == nil && stream.Flush() == nil
	}
	beat := time.NewTicker(heartbeatEvery)
	defer beat.Stop()
	over := time.NewTimer(liveFor)
	defer over.Stop()
	going := say("retry: 2000\n\n")
	for going {
		select {
		case <-l.ctx.Done():
			return
		case <-r.Context().Done():
			return
		case <-over.C:
			return
		case <-beat.C:
			going = say(": beat\n\n")
		case <-marks:
			going = say("event: changed\ndata: 1\n\n")
		}
	}
}

// stateDigest is a hash of what pages show and what changes by itself: open incidents with their counts, and pauses.
// It takes three round trips for each organization and two for each open incident.
func (c *Console) stateDigest(ctx context.Context) (uint64, error) {
	sum := fnv.New64a()
	for _, id := range c.organizations() {
		failing, err := c.query.Journal.OpenIncidents(ctx, id)
		if err != nil {
			return 0, err
		}
		pauses, err := c.query.Journal.Pauses(ctx, id)
		if err != nil {
			return 0, err
		}
		audited, err := c.query.Journal.AuditEntries(ctx, id, 1)
		if err != nil {
			return 0, err
		}
		_, _ = fmt.Fprint(sum, id, failing, len(pauses), audited) // writing to a hash never fails
		for _, incident := range failing {
			tally, err := c.query.Journal.Tally(ctx, id, incident)
			if err != nil {
				return 0, err
			}
			inc, err := c.query.Journal.Incident(ctx, id, incident)
			if err != nil {
				inc = &journal.Incident{}
			}
			_, _ = fmt.Fprint(sum, tally, inc.Version)
		}
	}
	return sum.Sum64(), nil
}
