package happycolis

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	notToken = "not a token"
	maxToken = 16 << 10 // bytes that every server accepts in a header
)

// fetchToken asks the token endpoint, for as long as the caller's context allows. It sends the client_credentials form
// (documented) with the secret in the body, and organization_id, since one application can serve several
// organizations.
func (k *tokenSource) fetchToken(ctx context.Context) (bearerToken, *Error) {
	config := clientcredentials.Config{
		ClientID:       k.credentials.ClientID,
		ClientSecret:   k.credentials.ClientSecret.Reveal(),
		TokenURL:       k.client.options.TokenURL,
		EndpointParams: url.Values{"organization_id": {k.credentials.Organization}},
		AuthStyle:      oauth2.AuthStyleInParams,
	}
	started := time.Now()
	got, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, k.client.tokens))
	outcome := outcomeOK
	var e *Error
	switch {
	case err != nil:
		e = k.wrapError(ctx, err)
	case !isSendable(got.AccessToken):
		e = k.keepFailure(&Error{Kind: KindResponse, detail: notToken, sure: notRun})
	}
	if e != nil {
		outcome = string(e.Kind)
	}
	k.client.options.Observe(Call{
		Organization: k.credentials.Organization,
		Operation:    tokenOperation,
		Outcome:      outcome,
		Duration:     time.Since(started),
	})
	if e != nil {
		return bearerToken{}, e
	}
	fetched := bearerToken{access: Secret(got.AccessToken)}
	fetched.scope, _ = got.Extra("scope").(string)
	if !got.Expiry.IsZero() {
		fetched.until = k.client.options.Now().Add(time.Until(got.Expiry))
	}
	return fetched, nil
}

// isSendable reports whether a token can be sent in a header.
func isSendable(access string) bool {
	return access != "" && len(access) <= maxToken && !strings.ContainsFunc(access, func(c rune) bool { return c <= ' ' || c > '~' })
}

// credentialRefusals are the codes by which a token endpoint refuses a request for good (OAuth 2.0). With the same
// HTTP status it may also say temporarily_unavailable, or a gateway may answer.
var credentialRefusals = []string{
	"invalid_client", "invalid_grant", "unauthorized_client", "access_denied", "invalid_request", "invalid_scope", "unsupported_grant_type",
}

// wrapError turns oauth2's error into an Error; it never keeps the former, which quotes the response.
func (k *tokenSource) wrapError(ctx context.Context, err error) *Error {
	if _, ok := errors.AsType[*url.Error](err); ok {
		e := transportError(ctx, err)
		e.sure = notRun // as far as the API is concerned
		return k.keepFailure(e)
	}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return k.keepFailure(&Error{Kind: KindResponse, detail: notToken, sure: notRun})
	}
	now, status, code := k.client.options.Now(), refused.Response.StatusCode, plainCode(refused.ErrorCode)
	e := k.keepFailure(&Error{Kind: tokenKind(status, code), Status: status, Code: code, sure: notRun})
	k.mu.Lock()
	defer k.mu.Unlock()
	switch e.Kind {
	case KindUnauthorized:
		k.holdCredentials(e)
	case KindThrottled:
		k.pauseCredentials(e, retryAfter(now, refused.Response.Header), firstBackoff, lastBackoff)
	default:
	}
	return e
}

// tokenKind classifies a failure of the token endpoint. Only a sure refusal of the credentials is KindUnauthorized.
func tokenKind(status int, code string) Kind {
	kind := kindOfCode(code)
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden,
		status <= http.StatusBadRequest && slices.Contains(credentialRefusals, code):
		return KindUnauthorized
	case status < 300, status >= 400 && (kind == KindServer || kind == KindThrottled):
		return kind
	}
	return statusError(status, answer{}).Kind
}
