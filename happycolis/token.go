package happycolis

import (
	"context"
	"errors"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// fetch asks the token endpoint, for as long as one caller's context allows. It sends the client_credentials form
// (documented): the secret goes into the body, and so does organization_id, since one application can serve several
// organizations.
func (k *keyring) fetch(ctx context.Context) (bearerToken, *Error) {
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
	if err != nil {
		e = k.explain(ctx, err)
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

// explain never keeps oauth2's error: it quotes the response.
func (k *keyring) explain(ctx context.Context, err error) *Error {
	if _, ok := errors.AsType[*url.Error](err); ok {
		e := transportError(ctx, err)
		e.sure = notRun // as far as the API is concerned
		return k.fail(e)
	}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return k.fail(&Error{Kind: KindResponse, detail: "not a token", sure: notRun})
	}
	status := refused.Response.StatusCode
	e := k.fail(&Error{Kind: statusError(status, answer{}).Kind, Status: status, Code: plainCode(refused.ErrorCode), sure: notRun})
	switch e.Kind {
	case KindServer, KindResponse:
		return e
	case KindThrottled:
		e.RetryAfter = retryAfter(k.client.options.Now(), refused.Response.Header)
	default:
		e.Kind = KindUnauthorized
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.hold(e)
	return e
}
