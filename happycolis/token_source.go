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
	tokenEarly     = 60 * time.Second // how long before its end a token is renewed (documented advice)
	firstHold      = 30 * time.Second // after refused credentials
	lastHold       = 5 * time.Minute
)

// tokenSource holds the bearer token of one set of credentials. One goroutine at a time fetches a new one; the others
// wait for it, as long as their contexts allow.
type tokenSource struct {
	client      *Client
	credentials Credentials
	fetching    chan struct{} // holds one item while nobody fetches a token

	mu        sync.Mutex // protects what follows; never held while waiting
	token     bearerToken
	unused    bool            // the token replaces a refused one and was not accepted yet
	doubted   map[string]bool // operations whose token was refused and not accepted since
	strikes   int             // holds in a row
	heldUntil time.Time       // nothing is sent before then: a new token would not help, or cannot be had
	refusal   Error           // the error until then
	fetches   int             // fetches that have ended, successful or not
	failed    *Error          // error of the last of them; nil: it succeeded
}

// bearerToken is a token from the token endpoint. The zero value is none.
type bearerToken struct {
	access Secret
	scope  string
	until  time.Time // zero: its end is not known
}

func (k *tokenSource) release() { k.fetching <- struct{}{} }

// Scopes returns the scopes of the token, which it fetches if there is none. known is false where the platform did not
// say, and with an integration token, whose scopes nobody says.
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

// renewable reports whether a new token can be fetched at all.
func (k *tokenSource) renewable() bool { return k.credentials.IntegrationToken == "" }

// bearerToken returns a token that is valid for a while.
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

// fetchedSince returns the result of a fetch that ended while its caller waited to fetch. All who waited share it, so
// that they do not ask a slowly failing endpoint one after the other.
func (k *tokenSource) fetchedSince(fetches int) (Secret, *Error) {
	access, now, e := k.current()
	if access != "" || e != nil || now == fetches {
		return access, e
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed == nil || k.failed.cause != nil { // it ended by its caller's own context
		return "", nil
	}
	shared := *k.failed
	return "", &shared
}

// current returns the present token, "" if one has to be fetched, and the number of fetches so far.
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

// invalidate records that the platform refused a token, and sets in why when to try again: at once, with a new token,
// where that may help; after a hold where this one was the new token already, or where there is no other. If another
// goroutine has replaced the token meanwhile, the new one is kept.
func (k *tokenSource) invalidate(refused Secret, operation string, why *Error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	last := !k.renewable()
	if k.renewable() && k.token.access == refused {
		last = k.unused || k.doubted[operation]
		k.token, k.unused, k.doubted[operation] = bearerToken{}, true, true
	}
	switch left := k.heldUntil.Sub(k.client.options.Now()); {
	case left > 0: // it was refused together with others: one hold, one strike
		why.RetryAfter = left
	case last:
		k.holdCredentials(why)
	}
}

// confirmToken records that the platform accepted a token for an operation. It does nothing if that is no longer the
// present token.
func (k *tokenSource) confirmToken(taken Secret, operation string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.renewable() && k.token.access != taken {
		return
	}
	k.unused, k.strikes = false, 0
	delete(k.doubted, operation)
}

// holdCredentials stops the use of refused credentials for a while, longer after each refusal.
func (k *tokenSource) holdCredentials(why *Error) {
	k.pauseCredentials(why, why.RetryAfter, firstHold, lastHold)
}

// pauseCredentials sends nothing for a while: as long as the platform says, otherwise from first to last, doubling.
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
