package happycolis

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	tokenOperation = "token"
	tokenEarly     = 60 * time.Second // renew that long before it expires (documented advice)
	firstHold      = 30 * time.Second // after refused credentials
	lastHold       = 5 * time.Minute
)

// keyring holds the bearer token of one set of credentials. One goroutine at a time asks for a new
// one; the others wait for it, no longer than their contexts allow.
type keyring struct {
	client      *Client
	credentials Credentials
	strikes     atomic.Int32  // refusals in a row
	turn        chan struct{} // holds one item while nobody is at the fields below

	token   *oauth2.Token
	held    time.Time // credentials were refused: not asked again before
	refusal Error     // what is said meanwhile
}

func (k *keyring) release() { k.turn <- struct{}{} }

// Scopes fetches a token, unless there is one, and returns what it allows. Known is false where the platform
// did not say, and with an integration token, which nobody is told the scopes of.
func (a *Account) Scopes(ctx context.Context) (granted []string, known bool, err error) {
	k := &a.seat.keyring
	if _, e := k.bearer(ctx); e != nil {
		return nil, false, e
	}
	<-k.turn
	defer k.release()
	if k.token == nil {
		return nil, false, nil
	}
	text, _ := k.token.Extra("scope").(string)
	granted = strings.FieldsFunc(text, func(c rune) bool { return c == ',' || unicode.IsSpace(c) })
	return granted, len(granted) > 0, nil
}

// renewable reports whether another token can be had at all.
func (k *keyring) renewable() bool { return k.credentials.IntegrationToken == "" }

// bearer returns a token that is good for a while.
func (k *keyring) bearer(ctx context.Context) (Secret, *Error) {
	if !k.renewable() {
		return k.credentials.IntegrationToken, nil
	}
	select {
	case <-k.turn:
		defer k.release()
	case <-ctx.Done():
		return "", k.fail(&Error{Kind: KindTransport, cause: ctx.Err(), unsent: true})
	}
	if left := k.held.Sub(k.client.options.Now()); left > 0 {
		e := k.refusal
		e.RetryAfter = left
		return "", &e
	}
	token, err := oauth2.ReuseTokenSourceWithExpiry(k.token, fetch{ctx, k}, tokenEarly).Token()
	if err != nil {
		e, _ := asError(err)
		return "", e
	}
	k.token = token
	return Secret(token.AccessToken), nil
}

// drop forgets a token that the platform refused, unless somebody replaced it already. With hold, a
// new one was refused as well: fetching another would not help, so the credentials rest for a while.
func (k *keyring) drop(refused Secret, hold bool, why *Error) {
	<-k.turn
	defer k.release()
	if k.token == nil || k.token.AccessToken != refused.Reveal() {
		return
	}
	k.token = nil
	if hold {
		k.hold(why)
	}
}

// accepted ends the count of refusals: the platform took the token.
func (k *keyring) accepted() { k.strikes.Store(0) }

// hold lets the credentials rest, longer with each refusal.
func (k *keyring) hold(why *Error) {
	wait := why.RetryAfter
	if wait <= 0 {
		wait = backoff(firstHold, lastHold, int(k.strikes.Add(1)))
	}
	why.RetryAfter = wait
	k.held = k.client.options.Now().Add(wait)
	k.refusal = *why
	k.fail(&k.refusal)
}

func (k *keyring) fail(e *Error) *Error {
	e.Organization, e.Operation = k.credentials.Organization, tokenOperation
	return e
}

// fetch asks the token endpoint, for as long as one caller's context allows.
type fetch struct {
	ctx context.Context
	*keyring
}

// Token sends the client_credentials form (documented): the secret goes into the body, and so does
// organization_id, since one application can serve several organizations.
func (f fetch) Token() (*oauth2.Token, error) {
	config := clientcredentials.Config{
		ClientID:       f.credentials.ClientID,
		ClientSecret:   f.credentials.ClientSecret.Reveal(),
		TokenURL:       f.client.options.TokenURL,
		EndpointParams: url.Values{"organization_id": {f.credentials.Organization}},
		AuthStyle:      oauth2.AuthStyleInParams,
	}
	ctx := context.WithValue(f.ctx, oauth2.HTTPClient, f.client.tokens)
	started := time.Now()
	token, err := config.Token(ctx)
	outcome := outcomeOK
	var e *Error
	if err != nil {
		e = f.explain(err)
		outcome = string(e.Kind)
	}
	f.client.options.Observe(Call{
		Organization: f.credentials.Organization,
		Operation:    tokenOperation,
		Outcome:      outcome,
		Duration:     time.Since(started),
	})
	if e != nil {
		return nil, e
	}
	return token, nil
}

// explain never keeps oauth2's error: it quotes the response.
func (f fetch) explain(err error) *Error {
	if _, ok := errors.AsType[*url.Error](err); ok {
		e := transportError(f.ctx, err)
		e.unsent = true // as far as the API is concerned
		return f.fail(e)
	}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return f.fail(&Error{Kind: KindResponse, detail: "not a token", unsent: true})
	}
	status := refused.Response.StatusCode
	e := f.fail(&Error{Kind: kindOfStatus(status), Status: status, Code: plainCode(refused.ErrorCode), unsent: true})
	switch e.Kind {
	case KindServer, KindResponse:
		return e
	case KindThrottled:
		e.RetryAfter = retryAfter(f.client.options.Now(), refused.Response.Header)
	default:
		e.Kind = KindUnauthorized
	}
	f.hold(e)
	return e
}
