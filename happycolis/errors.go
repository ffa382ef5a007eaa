package happycolis

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is the one error of this package. It holds no URL, no body, no token and none of the
// platform's texts, so it may be logged and shown whole.
type Error struct {
	Organization string
	Operation    string // name of the GraphQL operation, or "token"
	Kind         Kind
	Code         string        // the platform's extensions.code, or "" (also if it was not a plain word)
	Status       int           // of the HTTP response; 0 without one
	RetryAfter   time.Duration // not earlier than this, for KindWaiting, KindThrottled and credentials that rest
	Done         int           // mutations of one document that succeeded before this one failed

	unsent bool  // the request never left, although Kind alone does not say so
	cause  error // our own limiter's error, our last check's or the context's; never the platform's
	detail string
}

// Kind says what became of a call, and with it whether to try again.
type Kind string

// Every kind there is. Where nothing else is said, the outcome of a mutation is known: it failed.
const (
	KindWaiting      Kind = "waiting"      // our own rate limit; nothing was sent; see RetryAfter
	KindLimiter      Kind = "limiter"      // the rate limiter failed; nothing was sent
	KindWithheld     Kind = "withheld"     // our own last check refused it (Guarded); nothing whole was sent
	KindTransport    Kind = "transport"    // no usable reply: the outcome of a mutation is unknown
	KindServer       Kind = "server"       // HTTP 5xx or an internal error: the outcome is unknown
	KindThrottled    Kind = "throttled"    // HTTP 429; not executed; see RetryAfter
	KindUnauthorized Kind = "unauthorized" // token or credentials refused; without RetryAfter the next call has another token
	KindForbidden    Kind = "forbidden"    // the token lacks a scope
	KindNotFound     Kind = "not_found"    // gone, or of another organization
	KindRefused      Kind = "refused"      // the platform says no: state "error", or an error with another code
	KindInvalid      Kind = "invalid"      // HTTP 400 and other 4xx: the request is wrong
	KindResponse     Kind = "response"     // undecodable, too large, contradictory, or null where data was due: unknown
)

// KindOf returns the kind of the Error in err's chain, or "" if there is none.
func KindOf(err error) Kind {
	if e, ok := asError(err); ok {
		return e.Kind
	}
	return ""
}

func asError(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// NotExecuted reports whether the request surely did nothing on the platform, so that a mutation may
// be sent again without a look first.
func (e *Error) NotExecuted() bool {
	if e.Done > 0 {
		return false
	}
	switch e.Kind {
	case KindWaiting, KindLimiter, KindWithheld, KindThrottled, KindUnauthorized, KindForbidden, KindInvalid:
		return true
	case KindTransport, KindServer, KindNotFound, KindRefused, KindResponse:
		return e.unsent
	}
	return false
}

// tokenTaken reports whether the answer shows that the token was good.
func (e *Error) tokenTaken() bool {
	return e.Status > 0 && e.Status < 300 && (e.Kind == KindNotFound || e.Kind == KindRefused || e.Kind == KindForbidden)
}

// Error reads as "deliveryOrderCancel for organization org_1: throttled (HTTP 429), retry after 3s".
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s for organization %s: %s", e.Operation, e.Organization, e.Kind)
	var notes []string
	if e.Status != 0 && e.Status != http.StatusOK {
		notes = append(notes, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.Code != "" {
		notes = append(notes, "code "+e.Code)
	}
	if e.detail != "" {
		notes = append(notes, e.detail)
	}
	if len(notes) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(notes, ", "))
	}
	if e.Done > 0 {
		fmt.Fprintf(&b, ", after %d done", e.Done)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, ", retry after %s", e.RetryAfter.Round(time.Millisecond))
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap gives the error of the context, of the limiter or of the last check, where one of them stopped the call.
func (e *Error) Unwrap() error { return e.cause }
