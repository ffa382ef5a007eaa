package doctor

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
	verdict      Severity // if the scope is missing
}{
	{"view_delivery_orders", "to read delivery orders before anything is decided", Failed},
	{"edit_delivery_orders", "to move, open, request and cancel delivery orders", Failed},
	{"create_delivery_orders", "to prepare replacements", Failed},
	{"view_orders", "to read an order's lines and state before its delivery orders are moved", Failed},
	{"view_locations", "to see whether a location really failed, and whether a fallback works", Failed},
	{"view_shipments", "to see whether goods have left; else only webhooks tell", Warning},
}

// checkPlatform checks credentials, scopes and rate limit of every organization.
func (d *Doctor) checkPlatform(ctx context.Context) []Result {
	return append(d.describeProxy(), d.forEachOrganization(func(o config.Organization) []Result {
		account := d.accounts[o.Credentials.Organization]
		if o.Credentials.IntegrationToken != "" {
			return append(d.probeAPI(ctx, account, o), d.checkRateLimit(o)...)
		}
		granted, known, err := account.Scopes(ctx)
		if err != nil {
			return []Result{judgeCredentials(err)}
		}
		found := []Result{{Check: "credentials", Severity: Passed, Saw: "the platform gives a token"}}
		found = append(found, judgeScopes(granted, known)...)
		return append(append(found, d.probeAPI(ctx, account, o)...), d.checkRateLimit(o)...)
	})...)
}

// describeProxy says through which proxy the platform is reached, if through one.
func (d *Doctor) describeProxy() []Result {
	proxy := d.cfg.Platform.ProxyOf(d.cfg.Platform.GraphQLURL)
	if proxy == "" {
		return nil
	}
	return []Result{{Check: "proxy", Severity: Passed, Saw: "requests go through " + proxy + ", as the environment says"}}
}

func judgeScopes(granted []string, known bool) []Result {
	if !known {
		return []Result{{Check: "scopes", Severity: Unknown, Saw: "the platform does not say what the token allows",
			Do: "make sure that the application has " + scopeNames()}}
	}
	var missing []Result
	for _, s := range scopes {
		if !slices.Contains(granted, s.name) {
			missing = append(missing, Result{Check: "scopes", Severity: s.verdict, Saw: s.name + " is missing",
				Do: "give it to the application: it is needed " + s.needed})
		}
	}
	if missing != nil {
		return missing
	}
	return []Result{{Check: "scopes", Severity: Passed, Saw: fmt.Sprintf("all %d that are needed", len(scopes))}}
}

func scopeNames() string {
	var names []string
	for _, s := range scopes {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

// probeAPI reads a location, whether it exists or not: the answer shows whether the token is accepted.
func (d *Doctor) probeAPI(ctx context.Context, account *happycolis.Account, o config.Organization) []Result {
	name := "doctor"
	if names := d.policies[o.Policy].Names(); len(names) > 0 {
		name = names[0]
	}
	err := retryWhileRateLimited(ctx, func() error {
		_, err := account.LocationBySlug(ctx, name)
		return err
	})
	withToken := o.Credentials.IntegrationToken != ""
	switch kind := happycolis.KindOf(err); {
	case err == nil || kind == happycolis.KindNotFound:
		if withToken {
			return []Result{
				{Check: "credentials", Severity: Passed, Saw: "the API takes the integration token"},
				{Check: "scopes", Severity: Unknown, Saw: "nobody is told what an integration token allows", Do: "make sure that it has " + scopeNames()},
			}
		}
		return []Result{{Check: "API", Severity: Passed, Saw: "it answers"}}
	case kind == happycolis.KindUnauthorized && withToken:
		return []Result{{Check: "credentials", Severity: Failed, Saw: "the platform refuses the integration token",
			Do: "take the integration_token of this organization from the dashboard"}}
	case kind == happycolis.KindUnauthorized:
		return []Result{{Check: "API", Severity: Failed, Saw: "it refuses the token that the platform gave",
			Do: "make sure that graphql_url and token_url belong to one environment"}}
	case kind == happycolis.KindForbidden && codeOf(err) != "":
		return []Result{{Check: "API", Severity: Failed, Saw: "it does not let locations be read", Do: "give the application the scope view_locations"}}
	case kind == happycolis.KindLimiter:
		return []Result{{Check: "API", Severity: Failed, Saw: "not asked: Redis refuses what the shared rate limit writes", Do: "look at Redis above"}}
	default:
		return []Result{{Check: "API", Severity: Failed, Saw: "it cannot be asked: " + err.Error(), Do: adviceFor(err, "happycolis.graphql_url")}}
	}
}

func codeOf(err error) string {
	if e, ok := errors.AsType[*happycolis.Error](err); ok {
		return e.Code
	}
	return ""
}

// adviceFor returns what to do about an address that does not answer as it should.
func adviceFor(err error, key string) string {
	look := "look at " + key + ", and at the way there"
	if passes := retryAdvice(err); passes != "" {
		return passes + "; if it stays, " + look
	}
	return look
}

// retryAdvice says to try again later where the failure is temporary and the platform's; otherwise "". If nothing
// answers at all, the configuration may be wrong, too.
func retryAdvice(err error) string {
	if e, ok := errors.AsType[*happycolis.Error](err); ok && e.IsTransient() && e.Kind != happycolis.KindTransport {
		return "try again in a minute: such trouble passes"
	}
	return ""
}

// judgeCredentials says what to do where no token was issued.
func judgeCredentials(err error) Result {
	f := Result{Check: "credentials", Severity: Failed}
	switch happycolis.KindOf(err) {
	case happycolis.KindUnauthorized:
		f.Saw = "the platform refuses client_id and client_secret for this organization"
		f.Do = "compare organizations[].id, client_id and client_secret with the dashboard; the application must be installed for the organization"
	default:
		f.Saw, f.Do = "no token: "+err.Error(), adviceFor(err, "happycolis.token_url")
	}
	return f
}

// checkRateLimit compares the rate limit that is configured with what the platform says it allows.
func (d *Doctor) checkRateLimit(o config.Organization) []Result {
	d.mu.Lock()
	limit := d.limits[o.Credentials.Organization]
	d.mu.Unlock()
	switch {
	case limit == 0:
		return nil
	case limit < o.Rate.PerMinute:
		return []Result{{Check: "rate limit", Severity: Warning, Saw: fmt.Sprintf("the platform allows %d requests a minute, the configuration %d", limit, o.Rate.PerMinute),
			Do: fmt.Sprintf("set rate_limit: {per_minute: %d}", limit)}}
	default:
		return []Result{{Check: "rate limit", Severity: Passed, Saw: fmt.Sprintf("the platform allows %d requests a minute, the configuration %d", limit, o.Rate.PerMinute)}}
	}
}
