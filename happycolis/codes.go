package happycolis

import (
	"net/http"
	"slices"
	"strings"
)

// These lists say which codes surely are a refusal, and which come from a gateway. A code on none of them is
// KindUnclear: it may mean either.

// refusals are the codes by which the platform refuses one field.
var refusals = map[string]Kind{
	"FORBIDDEN":          KindForbidden, // documented
	"INSUFFICIENT_SCOPE": KindForbidden, // documented
	"NOT_FOUND":          KindNotFound,  // documented
	"BAD_USER_INPUT":     KindRefused,   // assumed: what Apollo's servers say of arguments
}

// unread are the codes of a document that was not run at all (assumed: those of Apollo's servers and routers).
var unread = []string{"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}

// gatewayCodes are the codes of a federated graph for itself and for the calls to its services (assumed: those of
// Apollo's gateway, router and servers, and others' names for the same). Codes that begin with SUBREQUEST_ belong to
// them. The service behind may have executed the request all the same.
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

// fieldCodes are those gatewayCodes that may also be about one field, so that a query for less may succeed.
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

// statusError returns the Error for a status other than 2xx. Where there is data beside a refusal, something was run.
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
	case status == http.StatusProxyAuthRequired: // not from the platform, and not passed on to it
		e.Kind, e.detail = KindServer, proxyWantsLogin
	case status == http.StatusUnauthorized:
		e.Kind = KindUnauthorized
	case status == http.StatusForbidden:
		e.Kind = KindForbidden
	case status == http.StatusTooManyRequests:
		e.Kind = KindThrottled
	case status == http.StatusBadRequest, status == http.StatusNotFound, status == http.StatusRequestEntityTooLarge, got.isUnread():
		e.Kind = KindInvalid
	default: // HTTP 409, 422 and others: a refusal, but it is not known of what
		return unclearError(got.errs)
	}
	e.sure = notRun
	return e
}

// heaviest is the order of precedence when a query has several errors of different kinds.
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

// unclearError returns the Error for errors that are no sure refusal: of a gateway if one of them is, otherwise of
// KindUnclear.
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
