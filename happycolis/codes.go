package happycolis

import (
	"net/http"
	"slices"
	"strings"
)

// The lists say what is surely a refusal, and what a gateway says of itself. Whatever is on none of them is KindUnclear:
// a code that nobody knew here may mean either.

// refusals are the codes with which the platform says no to one field.
var refusals = map[string]Kind{
	"FORBIDDEN":          KindForbidden, // documented
	"INSUFFICIENT_SCOPE": KindForbidden, // documented
	"NOT_FOUND":          KindNotFound,  // documented
	"BAD_USER_INPUT":     KindRefused,   // assumed: what Apollo's servers say of arguments
}

// unread are the codes of a document that was not run at all (assumed: Apollo's servers and routers).
var unread = []string{"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}

// gatewayCodes are what a federated graph says of itself and of the way to its services (assumed: Apollo's gateway, router and
// servers, and the words that others use for the same). Codes that begin with SUBREQUEST_ belong to them. A service may
// have done what it was asked all the same.
var gatewayCodes = map[string]Kind{
	"UNAUTHORIZED":                KindUnauthorized, // documented
	"UNAUTHENTICATED":             KindUnauthorized,
	"TOO_MANY_REQUESTS":           KindThrottled,
	"RATE_LIMITED":                KindThrottled,
	"REQUEST_RATE_LIMITED":        KindThrottled,
	"REQUEST_CONCURRENCY_LIMITED": KindThrottled,
	"INTERNAL_SERVER_ERROR":       KindServer,
	"DOWNSTREAM_SERVICE_ERROR":    KindServer,
	"GATEWAY_TIMEOUT":             KindServer,
	"REQUEST_TIMEOUT":             KindServer,
	"BAD_GATEWAY":                 KindServer,
	"SERVICE_UNAVAILABLE":         KindServer,
	"MALFORMED_RESPONSE":          KindServer,
	"COMPRESSION_ERROR":           KindServer,
	"EXECUTION_PATH_NOT_FOUND":    KindServer,
}

// fieldCodes are those of the gateway codes that also stand for an error inside one field, where asking for less helps.
var fieldCodes = []string{"INTERNAL_SERVER_ERROR", "DOWNSTREAM_SERVICE_ERROR"}

func kindOfCode(code string) Kind {
	if kind, ok := refusals[code]; ok {
		return kind
	}
	if kind, ok := gatewayCodes[code]; ok {
		return kind
	}
	switch {
	case strings.HasPrefix(code, "SUBREQUEST_"):
		return KindServer
	case slices.Contains(unread, code):
		return KindInvalid
	}
	return KindUnclear
}

// statusError is what a status other than 2xx says. Where there is data beside a refusal, something was run.
func statusError(status int, got answer) *Error {
	e := &Error{Code: got.firstCode()}
	switch {
	case status == http.StatusRequestTimeout || status >= 500:
		e.Kind = KindServer
		return e
	case status < 400:
		e.Kind = KindResponse
		return e
	case got.data != nil:
		return &Error{Kind: KindResponse, Code: e.Code, detail: "data beside a refusal"}
	case status == http.StatusUnauthorized:
		e.Kind = KindUnauthorized
	case status == http.StatusForbidden:
		e.Kind = KindForbidden
	case status == http.StatusTooManyRequests:
		e.Kind = KindThrottled
	case status == http.StatusBadRequest, status == http.StatusNotFound, status == http.StatusRequestEntityTooLarge, got.isUnread():
		e.Kind = KindInvalid
	default: // HTTP 409, 422 and others say no in general, and of what is not known
		return unclearError(got.errs)
	}
	e.sure = notRun
	return e
}

// heaviest is the order in which one of several errors speaks for all about a query.
var heaviest = []Kind{KindUnauthorized, KindForbidden, KindThrottled, KindServer, KindUnclear, KindRefused, KindInvalid, KindNotFound}

func worstError(errs []platformError) *Error {
	for _, kind := range heaviest {
		for _, e := range errs {
			if code := e.code(); kindOfCode(code) == kind {
				return &Error{Kind: kind, Code: code}
			}
		}
	}
	return &Error{Kind: KindUnclear}
}

// unclearError is what errors say that are no sure refusal of what was asked: a fault of the way there if one of them is, else
// no more than that something went wrong.
func unclearError(errs []platformError) *Error {
	for _, e := range errs {
		switch kind := kindOfCode(e.code()); kind {
		case KindUnauthorized, KindThrottled, KindServer:
			return &Error{Kind: kind, Code: e.code()}
		default:
		}
	}
	e := &Error{Kind: KindUnclear}
	if len(errs) > 0 {
		e.Code = errs[0].code()
	}
	return e
}
