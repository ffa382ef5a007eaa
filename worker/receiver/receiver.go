// Package receiver takes the platform's webhooks. One answer outside 2xx, one timeout, one refused
// connection blocks the platform's queue for this application until somebody unblocks it by hand
// (documented). So it answers fast, and 2xx to everything that the platform signed: types it does not
// know, bodies it cannot read and organizations it does not serve are parked, not refused. It refuses
// only what the platform did not sign, what is too large, and what it cannot keep because Redis is away
// for longer than it may wait.
//
// A message counts as seen after its effect, never before. Effects are idempotent: a message that comes
// twice changes nothing.
package receiver

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
)

// Path is where webhooks are posted to.
const Path = "/webhooks/happycolis"

// Secret is a key that signs webhooks, and an organization that it belongs to. Several organizations may
// share one application's secret, and one may have two while it is changed.
type Secret struct {
	Organization string
	Key          happycolis.Secret
}

// Options are what the receiver works with.
type Options struct {
	Secrets []Secret
	Index   *index.Index
	Redis   redis.UniversalClient // for what is parked
	Queue   tasks.Queue
	// HasWatcher asks whether a reassignment waits for a delivery order, with a round trip that is made anyway.
	HasWatcher func(ctx context.Context, p redis.Pipeliner, organization, deliveryOrder string) (watched func() bool)
	// Signal tells the reassignment that waits for a delivery order that an event about it came.
	Signal func(ctx context.Context, organization, deliveryOrder string) error
	Now    func() time.Time
	// Observe learns of each webhook what came of it, the status of the answer and the time from its last
	// byte to the answer; nil: nobody wants to know.
	Observe func(result, code string, took time.Duration)
	Log     *slog.Logger
	// Parked is how many parked webhooks are kept of an organization; 0: 1,000.
	Parked int
	// Patience is how long Redis may be away before a webhook is refused; 0: 3 s.
	Patience time.Duration
}

// Times of one webhook. The pause is no shorter, since go-redis, after as many refused connections as its
// pool is large, refuses by itself and looks only once a second whether Redis is back: an outage that ends
// within the patience would seem to outlast it.
const (
	defaultPatience = 3 * time.Second
	effectTry       = time.Second // one try at Redis
	effectPause     = 250 * time.Millisecond
)

type receiver struct{ Options }

// New returns the handler of POST /webhooks/happycolis.
func New(o Options) http.Handler {
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.Observe == nil {
		o.Observe = func(string, string, time.Duration) {}
	}
	if o.Parked == 0 {
		o.Parked = defaultParked
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+Path, &receiver{o})
	return mux
}

// ServeHTTP answers 200 taken (also: parked, or seen before), 401 not signed by a known secret, 413 too
// large, 503 Redis away.
func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhook.MaxBody))
	read := time.Now()
	answer := func(status int, result, text string) {
		writeReply(w, status, text)
		rc.Observe(result, strconv.Itoa(status), time.Since(read))
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		answer(http.StatusRequestEntityTooLarge, "too large", "body is larger than 1 MiB")
		return
	case err != nil:
		answer(http.StatusBadRequest, "unreadable", "body could not be read")
		return
	}
	owners := rc.signedBy(body, r.Header.Get(webhook.SignatureHeader))
	if len(owners) == 0 {
		answer(http.StatusUnauthorized, "not signed", "signature missing or wrong")
		return
	}
	result, err := rc.takeWithRetry(r.Context(), body, owners)
	if err != nil {
		rc.Log.ErrorContext(r.Context(), "webhook refused: it could not be kept", "error", err)
		answer(http.StatusServiceUnavailable, "storage away", "storage is away; send again")
		return
	}
	answer(http.StatusOK, result, result)
}

// signedBy returns the organizations of every secret that signed the body.
func (rc *receiver) signedBy(body []byte, signature string) []string {
	var owners []string
	for _, s := range rc.Secrets {
		if webhook.Verify(body, signature, s.Key.Reveal()) == nil {
			owners = append(owners, s.Organization)
		}
	}
	return owners
}

// takeWithRetry does what the webhook asks for, again and again while Redis is away and patience lasts. The sender
// hanging up does not end it: what was begun is finished.
func (rc *receiver) takeWithRetry(ctx context.Context, body []byte, owners []string) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rc.Patience)
	defer cancel()
	for {
		try, stop := context.WithTimeout(ctx, effectTry)
		result, err := rc.applyOnce(try, body, owners)
		stop()
		if err == nil {
			return result, nil
		}
		select {
		case <-ctx.Done():
			return "", err
		case <-time.After(effectPause):
		}
	}
}

func writeReply(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	key := "result"
	if status != http.StatusOK {
		key = "error"
	}
	_ = json.NewEncoder(w).Encode(map[string]string{key: text}) // the sender may have hung up: nothing is lost
}
