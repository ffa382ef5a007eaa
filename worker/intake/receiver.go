package intake

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/webhook"
)

// Path is the path to which webhooks are posted.
const Path = "/webhooks/happycolis"

// Secret is a key that signs webhooks, with one organization that it belongs to. Several organizations may share one
// application's secret, and one organization has two while its secret is being replaced.
type Secret struct {
	Organization string
	Key          happycolis.Secret
}

// ReceiverOptions are the parts that the webhook receiver uses.
type ReceiverOptions struct {
	Intake  *Intake
	Secrets []Secret
	// Observe is called after each webhook with its result, the status of the answer, and the time from the last byte
	// of the request to the answer; nil: not called.
	Observe func(result, code string, took time.Duration)
	Log     *slog.Logger
	// Patience is how long Redis may be away before a webhook is refused; 0: 3 s.
	Patience time.Duration
}

// Times of one webhook. The pause between tries is not shorter, because go-redis, after as many refused connections as
// its pool is large, refuses by itself and checks only once a second whether Redis is back: an outage that ends within
// Patience would then look longer than it.
const (
	defaultPatience = 3 * time.Second
	effectTry       = time.Second // for one try
	effectPause     = 250 * time.Millisecond
)

type receiver struct{ ReceiverOptions }

// NewReceiver returns the handler of POST /webhooks/happycolis. It may be called by many goroutines.
//
// One answer other than 2xx, one timeout or one refused connection blocks the platform's webhook queue for this
// application until somebody unblocks it by hand (documented). So it answers fast, and 2xx to everything that is signed
// correctly: types that it does not know, bodies that it cannot read and organizations that are not configured are
// parked, not refused. It refuses only what has no valid signature (401), what is too large (413), and what it cannot
// store because Redis is away for longer than its patience (503).
func NewReceiver(o ReceiverOptions) http.Handler {
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.Observe == nil {
		o.Observe = func(string, string, time.Duration) {}
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+Path, &receiver{o})
	return mux
}

// ServeHTTP answers 200 accepted (also: parked, or seen before), 401 not signed with a configured secret, 413 too
// large, 503 Redis is away.
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
	result, err := rc.applyWithRetry(r.Context(), rc.Intake.Decode(body, owners, Webhook))
	if err != nil {
		rc.Log.ErrorContext(r.Context(), "webhook refused: it could not be kept", "error", err)
		answer(http.StatusServiceUnavailable, "storage away", "storage is away; send again")
		return
	}
	answer(http.StatusOK, string(result), string(result))
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

// applyWithRetry carries out what the webhook asks for, and tries again while Redis is away and patience lasts. It goes
// on when the sender closes the connection, so that what has begun is finished.
func (rc *receiver) applyWithRetry(ctx context.Context, arrival Arrival) (Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rc.Patience)
	defer cancel()
	for {
		try, stop := context.WithTimeout(ctx, effectTry)
		result, err := rc.Intake.Apply(try, arrival)
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
	_ = json.NewEncoder(w).Encode(map[string]string{key: text}) // the sender may have closed the connection; nothing is lost
}
