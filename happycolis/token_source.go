package happycolis

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode"
)

const (
	tokenOperation = "token"
	tokenEarly     = 60 * time.Second // renew that long before it expires (documented advice)
	firstHold      = 30 * time.Second // after refused credentials
	lastHold       = 5 * time.Minute
)

// tokenSource holds the bearer token of one set of credentials. One goroutine at a time asks for a new
// one; the others wait for it, no longer than their contexts allow.
type tokenSource struct {
	client      *Client
	credentials Credentials
	fetching    chan struct{} // holds one item while nobody fetches a token

	mu        sync.Mutex // never held while anything is waited for; it guards what follows
	token     bearerToken
	unused    bool            // the token stands for one that was refused, and nothing was taken with it yet
	doubted   map[string]bool // operations whose token was refused, and that were not taken since
	strikes   int             // rests in a row
	heldUntil time.Time       // nothing is asked before: another token would not help, or none is to be had
	refusal   Error           // what is said meanwhile
	fetches   int             // that ended, well or not
	failed    *Error          // how the last of them did, nil: well
}

// bearerToken is what the token endpoint gave. The zero value is none.
type bearerToken struct {
	access Secret
	scope  string
	until  time.Time // zero: it does not say when it expires
}

func (k *tokenSource) release() { k.fetching <- struct{}{} }

// Scopes fetches a token, unless there is one, and returns what it allows. Known is false where the platform
// did not say, and with an integration token, which nobody is told the scopes of.
func (a *Account) Scopes(ctx context.Context) (granted []string, known bool, err error) {
	k := &a.state.tokens
	if _, e := k.bearerToken(ctx); e != nil {
		return nil, false, e
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	granted = strings.FieldsFunc(k.token.scope, func(c rune) bool { return c == ',' || unicode.IsSpace(c) })
	return granted, len(granted) > 0, nil
}

// renewable reports whether another token can be had at all.
func (k *tokenSource) renewable() bool { return k.credentials.IntegrationToken == "" }

// bearerToken returns a token that is good for a while.
func (k *tokenSource) bearerToken(ctx context.Context) (Secret, *Error) {
	access, fetches, e := k.current()
	if access != "" || e != nil {
		return access, e
	}
	select {
	case <-k.fetching:
		defer k.release()
	case <-ctx.Done():
		return "", k.keepFailure(&Error{Kind: KindTransport, cause: ctx.Err(), sure: notRun})
	}
	if access, e = k.fetchedSince(fetches); access != "" || e != nil {
		return access, e
	}
	fetched, e := k.fetchToken(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fetches++
	if k.failed = e; e != nil {
		return "", e
	}
	k.token = fetched
	return fetched.access, nil
}

// fetchedSince returns what came of a fetch that ended while its caller waited for the turn. All who waited share it,
// failed or not, so that each does not ask an endpoint that is slow to fail again, one after the other.
func (k *tokenSource) fetchedSince(fetches int) (Secret, *Error) {
	access, now, e := k.current()
	if access != "" || e != nil || now == fetches {
		return access, e
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed == nil || k.failed.cause != nil { // it gave up for a reason of its own
		return "", nil
	}
	shared := *k.failed
	return "", &shared
}

// current returns the token that is there, "" if one has to be fetched, and how many were.
func (k *tokenSource) current() (access Secret, fetches int, e *Error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.client.options.Now()
	if left := k.heldUntil.Sub(now); left > 0 {
		refusal := k.refusal
		refusal.RetryAfter = left
		return "", k.fetches, &refusal
	}
	if !k.renewable() {
		return k.credentials.IntegrationToken, k.fetches, nil
	}
	if !k.token.until.IsZero() && !now.Add(tokenEarly).Before(k.token.until) {
		return "", k.fetches, nil
	}
	return k.token.access, k.fetches, nil
}

// invalidate notes that the platform refused a token, and says in why when to come back: at once, for another token, where
// that may help; after a rest where this one was the other token already, and where there is no other. A token that
// somebody replaced meanwhile is another's, and is kept.
func (k *tokenSource) invalidate(refused Secret, operation string, why *Error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	last := !k.renewable()
	if k.renewable() && k.token.access == refused {
		last = k.unused || k.doubted[operation]
		k.token, k.unused, k.doubted[operation] = bearerToken{}, true, true
	}
	switch left := k.heldUntil.Sub(k.client.options.Now()); {
	case left > 0: // it was refused together with others: one rest, one strike
		why.RetryAfter = left
	case last:
		k.holdCredentials(why)
	}
}

// confirmToken notes that the platform took a token for an operation. What is told of another token than the present one is
// old news.
func (k *tokenSource) confirmToken(taken Secret, operation string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.renewable() && k.token.access != taken {
		return
	}
	k.unused, k.strikes = false, 0
	delete(k.doubted, operation)
}

// holdCredentials lets refused credentials rest, longer with each refusal.
func (k *tokenSource) holdCredentials(why *Error) {
	k.pauseCredentials(why, why.RetryAfter, firstHold, lastHold)
}

// pauseCredentials lets nothing be asked for a while: as long as the platform says, else from first to last, longer each time.
func (k *tokenSource) pauseCredentials(why *Error, wait, first, last time.Duration) {
	if wait <= 0 {
		k.strikes++
		wait = backoff(first, last, k.strikes)
	}
	why.RetryAfter = wait
	k.heldUntil = k.client.options.Now().Add(wait)
	k.refusal = *why
	k.refusal.sure = notRun
	k.keepFailure(&k.refusal)
}

func (k *tokenSource) keepFailure(e *Error) *Error {
	e.Organization, e.Operation = k.credentials.Organization, tokenOperation
	return e
}
