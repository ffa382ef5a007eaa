package happycolis

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is the one error of this package. It holds no URL, no body, no token and no text that the platform wrote, so
// it may be logged and shown completely.
type Error struct {
	Organization string
	Operation    string // name of the GraphQL operation, or "token"
	Kind         Kind
	Code         string        // the platform's extensions.code, or "" (also if it was not a plain word)
	Status       int           // of the HTTP response; 0 without one
	RetryAfter   time.Duration // for KindWaiting, KindThrottled and held credentials: not before this has passed
	Done         int           // mutations of one document that succeeded before this one failed

	sure   certainty
	cause  error // an error of our limiter, of the last check or of the context; never the platform's
	detail string
}

// Kind classifies a failed call.
type Kind string

// All kinds. What is certain about a mutation is said by IsNotExecuted and IsRefused; where both are false its outcome
// is unknown, whatever the kind.
const (
	KindWaiting      Kind = "waiting"      // our own rate limit or slots; nothing was sent; see RetryAfter
	KindLimiter      Kind = "limiter"      // the rate limiter failed; nothing was sent
	KindWithheld     Kind = "withheld"     // our own last check refused it (WithLastCheck); no whole request was sent
	KindTransport    Kind = "transport"    // no usable reply
	KindServer       Kind = "server"       // HTTP 5xx, 408 or a proxy's 407, or the code of a gateway that failed
	KindThrottled    Kind = "throttled"    // HTTP 429, or a code that says so; see RetryAfter
	KindUnauthorized Kind = "unauthorized" // token or credentials refused; without RetryAfter the next call has another token
	KindForbidden    Kind = "forbidden"    // HTTP 403; or the token lacks a scope
	KindNotFound     Kind = "not_found"    // gone, or of another organization
	KindRefused      Kind = "refused"      // the platform says no: state "error", or a code that says so
	KindInvalid      Kind = "invalid"      // HTTP 400, 404 or 413, or a code that says so: the request or the address is wrong
	KindUnclear      Kind = "unclear"      // another code or none, or another 4xx: neither surely a refusal nor surely temporary
	KindResponse     Kind = "response"     // undecodable, too large, contradictory, or null where data was expected
)

// certainty says how much is certain about a failed mutation; a higher value is more certain.
type certainty int

const (
	maybeRun certainty = iota
	saidNo             // the platform refused it
	notRun             // nothing was sent, or it was rejected before anything was run
)

// KindOf returns the kind of the Error in err's chain, or "" if there is none.
func KindOf(err error) Kind {
	if e, ok := asError(err); ok {
		return e.Kind
	}
	return ""
}

func asError(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// IsNotExecuted reports whether the request surely did nothing on the platform, so that a mutation may be sent again
// without a read first: nothing was sent, or the answer was HTTP 400, 401, 403, 404, 407, 413 or 429 without data, or the
// document could not be parsed.
func (e *Error) IsNotExecuted() bool {
	if e.Done > 0 {
		return false
	}
	switch e.Kind {
	case KindWaiting, KindLimiter, KindWithheld:
		return true
	default:
		return e.sure == notRun
	}
}

// IsRefused reports whether the platform surely refused the mutation that failed (with Done, those before it took
// effect): by state "error", or by errors at its own field, without data, all of whose codes are refusals.
func (e *Error) IsRefused() bool { return e.sure == saidNo }

// IsTransient reports whether the failure passes without a change of the request: one of our own limits, of the
// transport, of a gateway, or of a token. However often it is repeated, it is not a refusal by the platform.
func (e *Error) IsTransient() bool {
	switch e.Kind {
	case KindWaiting, KindLimiter, KindWithheld, KindTransport, KindServer, KindThrottled, KindUnauthorized:
		return true
	case KindResponse:
		return e.detail == notGraphQL || e.detail == notToken
	case KindForbidden, KindNotFound, KindRefused, KindInvalid, KindUnclear:
	}
	return false
}

// isTokenAccepted reports whether the answer shows that the token was accepted.
func (e *Error) isTokenAccepted() bool {
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

// Unwrap returns the error of the context, of the limiter or of the last check, where one of them stopped the call.
func (e *Error) Unwrap() error { return e.cause }
