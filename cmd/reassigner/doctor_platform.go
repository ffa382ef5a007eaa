package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
)

// scopes are what the worker needs of the platform, with what for.
var scopes = []struct {
	name, needed string
	verdict      verdict // where it is missing
}{
	{"view_delivery_orders", "to read delivery orders before anything is decided", failing},
	{"edit_delivery_orders", "to move, open, request and cancel delivery orders", failing},
	{"create_delivery_orders", "to prepare replacements", failing},
	{"view_orders", "to read an order's lines and state before its delivery orders are moved", failing},
	{"view_locations", "to see whether a location really failed, and whether a fallback works", failing},
	{"view_shipments", "to see whether goods have left; else only webhooks tell", warned},
}

// Platform looks at credentials, scopes and allowance of every organization.
func (d *doctor) platform(ctx context.Context) []finding {
	return d.each(func(o config.Organization) []finding {
		account := d.accounts[o.Credentials.Organization]
		if o.Credentials.IntegrationToken != "" {
			return append(d.probe(ctx, account, o), d.allowance(o)...)
		}
		granted, known, err := account.Scopes(ctx)
		if err != nil {
			return []finding{refusedCredentials(err)}
		}
		found := []finding{{Check: "credentials", Verdict: fine, Saw: "the platform gives a token"}}
		found = append(found, judgeScopes(granted, known)...)
		return append(append(found, d.probe(ctx, account, o)...), d.allowance(o)...)
	})
}

func judgeScopes(granted []string, known bool) []finding {
	if !known {
		return []finding{{Check: "scopes", Verdict: unknown, Saw: "the platform does not say what the token allows",
			Do: "make sure that the application has " + scopeNames()}}
	}
	var missing []finding
	for _, s := range scopes {
		if !slices.Contains(granted, s.name) {
			missing = append(missing, finding{Check: "scopes", Verdict: s.verdict, Saw: s.name + " is missing",
				Do: "give it to the application: it is needed " + s.needed})
		}
	}
	if missing != nil {
		return missing
	}
	return []finding{{Check: "scopes", Verdict: fine, Saw: fmt.Sprintf("all %d that are needed", len(scopes))}}
}

func scopeNames() string {
	var names []string
	for _, s := range scopes {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

// probe asks the API for a location, whether it is there or not: the answer tells whether the token is taken.
func (d *doctor) probe(ctx context.Context, account *happycolis.Account, o config.Organization) []finding {
	name := "doctor"
	if names := d.policies[o.Policy].Names(); len(names) > 0 {
		name = names[0]
	}
	err := ask(ctx, func() error {
		_, err := account.LocationBySlug(ctx, name)
		return err
	})
	withToken := o.Credentials.IntegrationToken != ""
	switch kind := happycolis.KindOf(err); {
	case err == nil || kind == happycolis.KindNotFound:
		if withToken {
			return []finding{
				{Check: "credentials", Verdict: fine, Saw: "the API takes the integration token"},
				{Check: "scopes", Verdict: unknown, Saw: "nobody is told what an integration token allows", Do: "make sure that it has " + scopeNames()},
			}
		}
		return []finding{{Check: "API", Verdict: fine, Saw: "it answers"}}
	case kind == happycolis.KindUnauthorized && withToken:
		return []finding{{Check: "credentials", Verdict: failing, Saw: "the platform refuses the integration token",
			Do: "take the integration_token of this organization from the dashboard"}}
	case kind == happycolis.KindUnauthorized:
		return []finding{{Check: "API", Verdict: failing, Saw: "it refuses the token that the platform gave",
			Do: "make sure that graphql_url and token_url belong to one environment"}}
	case kind == happycolis.KindForbidden && codeOf(err) != "":
		return []finding{{Check: "API", Verdict: failing, Saw: "it does not let locations be read", Do: "give the application the scope view_locations"}}
	case kind == happycolis.KindLimiter:
		return []finding{{Check: "API", Verdict: failing, Saw: "not asked: Redis refuses what the shared rate limit writes", Do: "look at Redis above"}}
	default:
		return []finding{{Check: "API", Verdict: failing, Saw: "it cannot be asked: " + err.Error(), Do: advice(err, "happycolis.graphql_url")}}
	}
}

func codeOf(err error) string {
	if e, ok := errors.AsType[*happycolis.Error](err); ok {
		return e.Code
	}
	return ""
}

// advice is what to do about an address that does not answer as it should.
func advice(err error, key string) string {
	look := "look at " + key + ", and at the way there"
	if passes := repeat(err); passes != "" {
		return passes + "; if it stays, " + look
	}
	return look
}

// repeat says that it is trouble of the other side's, which passes, where it is; else "". That nothing answers at all may
// as well lie in what is configured.
func repeat(err error) string {
	if e, ok := errors.AsType[*happycolis.Error](err); ok && e.Passing() && e.Kind != happycolis.KindTransport {
		return "try again in a minute: such trouble passes"
	}
	return ""
}

// refusedCredentials says what to do about a token that was not given.
func refusedCredentials(err error) finding {
	f := finding{Check: "credentials", Verdict: failing}
	switch happycolis.KindOf(err) {
	case happycolis.KindUnauthorized:
		f.Saw = "the platform refuses client_id and client_secret for this organization"
		f.Do = "compare organizations[].id, client_id and client_secret with the dashboard; the application must be installed for the organization"
	default:
		f.Saw, f.Do = "no token: "+err.Error(), advice(err, "happycolis.token_url")
	}
	return f
}

// allowance compares the rate limit that is configured with what the platform says it allows.
func (d *doctor) allowance(o config.Organization) []finding {
	d.mu.Lock()
	limit := d.limits[o.Credentials.Organization]
	d.mu.Unlock()
	switch {
	case limit == 0:
		return nil
	case limit < o.Rate.PerMinute:
		return []finding{{Check: "rate limit", Verdict: warned, Saw: fmt.Sprintf("the platform allows %d requests a minute, the configuration %d", limit, o.Rate.PerMinute),
			Do: fmt.Sprintf("set rate_limit: {per_minute: %d}", limit)}}
	default:
		return []finding{{Check: "rate limit", Verdict: fine, Saw: fmt.Sprintf("the platform allows %d requests a minute, the configuration %d", limit, o.Rate.PerMinute)}}
	}
}
