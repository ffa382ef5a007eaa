package happycolis

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
)

const (
	outcomeOK  = "ok"
	notGraphQL = "not a GraphQL answer"
	tooLarge   = "body too large"
)

// checkResponse judges the answer to one document: nil, or why the answer cannot be used.
type checkResponse func(answer) *Error

// callAPI sends doc and lets judge read the answer. Where its token is refused, a query is sent once more with a new
// one. A mutation never is: what justified it has to be read again first.
func (a *Account) callAPI(ctx context.Context, doc string, variables any, judge checkResponse) (Read, error) {
	body, err := json.Marshal(map[string]any{"query": documents[doc].text, "variables": variables})
	if err != nil {
		return Read{}, a.completeError(doc, &Error{Kind: KindInvalid, sure: notRun})
	}
	place, e := a.slotFor(doc)
	if e != nil {
		return Read{}, e
	}
	defer place.free()
	for last := false; ; last = true {
		token, e := a.acquireToken(ctx, doc)
		if e != nil {
			return Read{}, e
		}
		read, e := a.sendRequest(ctx, doc, body, token, judge)
		if e == nil || e.isTokenAccepted() {
			a.state.tokens.confirmToken(token, doc)
		}
		if e == nil {
			return read, nil
		}
		if e.Kind != KindUnauthorized || e.Done > 0 {
			return read, e
		}
		if a.state.tokens.invalidate(token, doc, e); e.RetryAfter > 0 || last || documents[doc].mutation {
			return read, e
		}
	}
}

// acquireToken returns the token for a request that may be sent now, or an error of KindWaiting. The limiter is asked
// last, so that a request is sent at once when it is granted.
func (a *Account) acquireToken(ctx context.Context, doc string) (Secret, *Error) {
	if err := ctx.Err(); err != nil {
		return "", a.completeError(doc, &Error{Kind: KindTransport, cause: err, sure: notRun})
	}
	if wait := a.state.backoff.waitTime(a.client.options.Now()); wait > 0 {
		return "", a.completeError(doc, &Error{Kind: KindWaiting, RetryAfter: wait})
	}
	if token, reserved := a.reserved.use(); reserved {
		return token, nil
	}
	token, e := a.state.tokens.bearerToken(ctx)
	if e != nil {
		return "", e
	}
	if a.client.options.Limiter == nil {
		return token, nil
	}
	wait, err := a.client.options.Limiter.Wait(ctx, a.organization, a.class)
	switch {
	case err != nil:
		return "", a.completeError(doc, &Error{Kind: KindLimiter, cause: err})
	case wait > 0:
		return "", a.completeError(doc, &Error{Kind: KindWaiting, RetryAfter: wait})
	}
	return token, nil
}

// sendRequest sends one HTTP request and reads its answer.
func (a *Account) sendRequest(ctx context.Context, doc string, body []byte, token Secret, judge checkResponse) (Read, *Error) {
	var connected atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	api := a.client.queries
	if documents[doc].mutation {
		api = a.client.mutations
	}
	checked, check := a.withCheck(traced)
	read := Read{SentAt: a.client.options.Now()}
	started := time.Now()
	res, err := api.R().SetContext(checked).SetAuthToken(token.Reveal()).SetBody(body).Post(a.client.options.GraphQLURL)
	taken := time.Since(started)

	var e *Error
	if why := check.withheldCause(err); why != nil {
		e = &Error{Kind: KindWithheld, cause: why}
	} else if hasResponse(res, err) {
		read.Date, _ = http.ParseTime(res.Header().Get("Date"))
		e = a.readResponse(doc, res, judge)
		if err != nil && e.sure == notRun { // a body that is too large may contain data
			e = &Error{Kind: KindResponse, Status: e.Status, detail: tooLarge}
		}
		said := res.StatusCode()
		if e != nil && e.Kind == KindThrottled {
			said = http.StatusTooManyRequests // also where only a code says so
		}
		if wait := a.state.backoff.observe(a.client.options.Now(), said, res.Header()); wait > 0 && e != nil {
			e.RetryAfter = wait
		}
	} else {
		e = transportError(ctx, err)
		if !connected.Load() && (a.client.traced || describeDialError(err) != "") {
			e.sure = notRun
		}
	}
	outcome := outcomeOK
	if e != nil {
		outcome = string(a.completeError(doc, e).Kind)
	}
	observed := Call{Organization: a.organization, Operation: doc, Outcome: outcome, SentAt: read.SentAt, Duration: taken, Date: read.Date}
	if res != nil && res.RawResponse != nil {
		observed.Limit, observed.Remaining = parseAllowance(res.Header())
	}
	a.client.options.Observe(observed)
	return read, e
}

// hasResponse reports whether there is a response to judge. A refusal counts by its status alone, even if its body is
// too large.
func hasResponse(res *resty.Response, err error) bool {
	if res == nil || res.RawResponse == nil {
		return false
	}
	return err == nil || errors.Is(err, resty.ErrResponseBodyTooLarge) && res.StatusCode() >= http.StatusMultipleChoices
}

// readResponse turns a response into nil or an Error, by judge.
func (a *Account) readResponse(doc string, res *resty.Response, judge checkResponse) *Error {
	status := res.StatusCode()
	got, ok := parse(res.Body())
	for _, text := range got.vendorTexts() {
		a.client.options.VendorText(a.organization, doc, text)
	}
	var e *Error
	switch {
	case status < 200 || status >= 300:
		e = statusError(status, got)
	case !ok:
		e = &Error{Kind: KindResponse, detail: notGraphQL}
	default:
		e = judge(got)
	}
	if e != nil {
		e.Status = status
	}
	return e
}

// transportError classifies a failure of the transport, without the URL that Go's own error quotes. The end of the
// caller's context is kept as the cause; the timeout of one request is not.
func transportError(ctx context.Context, err error) *Error {
	e := &Error{Kind: KindTransport, cause: ctx.Err()}
	timeout, timed := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		return &Error{Kind: KindResponse, detail: tooLarge}
	case e.cause != nil:
	case timed && timeout.Timeout():
		e.detail = "timeout"
	default:
		e.detail = cmp.Or(describeDialError(err), "connection lost")
	}
	return e
}

func (a *Account) completeError(doc string, e *Error) *Error {
	e.Organization, e.Operation = a.organization, doc
	return e
}
