package intake

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"path"
	"runtime"
	"strconv"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/connections"
)

// Path is the path to which webhooks are posted.
const Path = "/webhooks/happycolis"

// CleanPath returns the path of a request without slashes that are doubled or at its end: those are the same door.
func CleanPath(r *http.Request) string { return path.Clean("/" + r.URL.Path) }

// Secret is a key that signs webhooks, with one organization that it belongs to. Several organizations may share one
// application's secret, and one organization has two while its secret is being replaced.
type Secret struct {
	Organization string
	Key          happycolis.Secret
}

// ReceiverOptions are the parts that the webhook receiver uses.
type ReceiverOptions struct {
	Intake  *Intake
	Taker   *Taker // keeps what came; nil: it is applied by Intake, without a spool
	Secrets []Secret
	// MaxBody is how many bytes of a body are held; of a larger one, up to 8 MiB, only the hash is. 0: DefaultMaxBody.
	MaxBody int64
	// Observe is called after each webhook with its result, the status of the answer, and the time from the last byte
	// of the request to the answer; nil: not called.
	Observe func(result, code string, took time.Duration)
	Log     *slog.Logger
	// Patience is how long Redis may be away before a webhook is refused; 0: 3 s.
	Patience time.Duration
	// End ends the patience of all webhooks, as the process ends; nil: nothing does.
	End context.Context
}

// DefaultMaxBody is the largest body that is read as an event unless ReceiverOptions say otherwise. The platform documents no
// limit; its bodies have a few KiB.
const DefaultMaxBody = 256 << 10

// Times of one webhook. The pause between tries is not shorter, because go-redis, after as many refused connections as
// its pool is large, refuses by itself and checks only once a second whether Redis is back: an outage that ends within
// Patience would then look longer than it.
const (
	defaultPatience = 3 * time.Second
	effectTry       = time.Second // for one try
	effectPause     = 250 * time.Millisecond
)

type receiver struct {
	ReceiverOptions
	keys     keyring
	budget   *budget
	turns    chan struct{} // hashing and decoding of what is larger than smallBody: small ones find a free processor
	refusals *refusals
}

// NewReceiver returns the handler of POST /webhooks/happycolis; other paths it refuses. It may be called by many
// goroutines.
//
// One answer other than 2xx, one timeout or one refused connection blocks the platform's webhook queue for this
// application until somebody unblocks it by hand (documented). So it answers fast, and 2xx to everything that is signed
// correctly: types that it does not know, bodies that it cannot read or that are too large to be held, and organizations
// that are not configured are parked, not refused. It refuses only what has no valid signature (401), what is too large
// even to be hashed, or large and not signed (413), and what it cannot keep because Redis is away for longer than its
// patience, and there is no spool, or none that has room (503).
//
// Whoever has no secret costs little: what has not the form of a signature is refused before its body is read, nothing
// is parsed before its signature fits, and all bodies that are not verified yet share a number of bytes.
func NewReceiver(o ReceiverOptions) http.Handler {
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.End == nil {
		o.End = context.Background()
	}
	if o.Observe == nil {
		o.Observe = func(string, string, time.Duration) {}
	}
	if o.Taker == nil {
		o.Taker = NewTaker(TakerOptions{Intake: o.Intake, Log: o.Log})
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	return &receiver{ReceiverOptions: o, keys: newKeyring(o.Secrets), budget: newBudget(unverifiedBytes),
		turns: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), refusals: newRefusals(o.Intake.Redis, o.Intake.Now, o.Log)}
}

// ServeHTTP answers 200 accepted (also: parked, or seen before), 401 not signed with a configured secret, 413 too
// large, 503 Redis is away.
func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	arrival, refused := rc.readArrival(w, r)
	read := time.Now()
	answer := func(status int, result, text string) {
		writeReply(w, status, text)
		rc.Observe(result, strconv.Itoa(status), time.Since(read))
	}
	if refused != nil {
		w.Header().Set("Connection", "close") // so that what is left of the body need not be read
		answer(refused.status, refused.result, refused.text)
		rc.refusals.note(r, *refused)
		return
	}
	result, err := rc.applyWithRetry(r.Context(), arrival)
	if err != nil {
		rc.Log.ErrorContext(r.Context(), "webhook refused: it could not be kept", "error", err)
		answer(http.StatusServiceUnavailable, "storage away", "storage is away; send again")
		return
	}
	if p := arrival.Parked; p != nil {
		rc.Log.WarnContext(r.Context(), "webhook parked", "organization", arrival.Organization, "type", p.Type, "bytes", p.Size, "reason", p.Reason)
	}
	answer(http.StatusOK, string(result), string(result))
}

// refusal is why a request is refused, as the answer, the log and the metric say it.
type refusal struct {
	status int
	result string
	text   string
}

// readArrival reads the body of a request, and decodes it once its signature fits.
func (rc *receiver) readArrival(w http.ResponseWriter, r *http.Request) (Arrival, *refusal) {
	switch {
	case CleanPath(r) != Path:
		return Arrival{}, &refusal{http.StatusNotFound, "no such path", "there is nothing here"}
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return Arrival{}, &refusal{http.StatusMethodNotAllowed, "wrong method", "webhooks are posted"}
	}
	signatures := signaturesIn(r.Header)
	switch {
	case len(signatures) > 0:
	case r.ContentLength > rc.MaxBody:
		return Arrival{}, tooLarge(rc.MaxBody, ", and not signed")
	default:
		return Arrival{}, &refusal{http.StatusUnauthorized, "not signed", notSigned}
	}
	sender, control := connections.Of(r.Context()), http.NewResponseController(w)
	b := body{receiver: rc, signatures: signatures, first: sender.Remembered(), from: r.Body, length: r.ContentLength,
		share:  rc.budget.newShare(func() { _ = control.SetReadDeadline(time.Unix(1, 0)) }),
		extend: func(d time.Duration) { _ = control.SetReadDeadline(time.Now().Add(d)) }}
	defer b.share.release()
	refused := b.readSigned(r.Context())
	if refused != nil {
		return Arrival{}, refused
	}
	sender.Remember(b.signedWith)
	sender.Trust()
	owners := rc.keys[b.signedWith].organizations
	if b.held != nil {
		if text, fits := inflate(b.held, rc.MaxBody); fits {
			defer rc.takeTurn(len(text))()
			return rc.Intake.Decode(text, owners, Webhook), nil
		}
	}
	now := rc.Intake.stamp()
	return Arrival{At: now, Road: Webhook, Organization: owners[0],
		Parked: &Parked{At: now, Size: int(b.size), SHA256: b.sum(), Reason: reasonTooLarge}}, nil
}

// takeTurn waits, where many bytes are to be hashed or decoded, until few others do that: a small body finds a processor
// free. It returns what ends the turn.
func (rc *receiver) takeTurn(bytes int) func() {
	if bytes <= smallBody {
		return func() {}
	}
	rc.turns <- struct{}{}
	return func() { <-rc.turns }
}

// applyWithRetry carries out what the webhook asks for, and tries again while Redis is away and patience lasts. It goes
// on when the sender closes the connection, so that what has begun is finished.
func (rc *receiver) applyWithRetry(ctx context.Context, arrival Arrival) (Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rc.Patience)
	defer cancel()
	defer context.AfterFunc(rc.End, cancel)()
	for {
		try, stop := context.WithTimeout(ctx, effectTry)
		result, err := rc.Taker.Take(try, arrival)
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
