package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/index"
)

// Bounds of what is asked about a policy.
const (
	locationsMost   = 100 // locations that are read
	locationsAtOnce = 4
)

// checkPolicies compares each organization's policy with the locations as they are now.
func (d *Doctor) checkPolicies(ctx context.Context) []Result {
	return d.forEachOrganization(func(o config.Organization) []Result {
		p := d.policies[o.Policy]
		names, candidates := p.Names(), p.Candidates()
		left := len(names) - locationsMost
		names = names[:min(len(names), locationsMost)]
		found, read := make([][]Result, len(names)), make([]*happycolis.Location, len(names))
		gate := make(chan struct{}, locationsAtOnce)
		var at sync.WaitGroup
		for i, name := range names {
			at.Go(func() {
				gate <- struct{}{}
				defer func() { <-gate }()
				found[i], read[i] = d.checkLocation(ctx, o, name, slices.Contains(candidates, name))
			})
		}
		at.Wait()
		all := []Result{{Check: "policy", Severity: Passed, Saw: fmt.Sprintf("revision %s, %s named, %s", p.Revision(), terminal.Plural(len(p.Names()), "location"), terminal.Plural(len(candidates), "candidate"))}}
		for _, f := range found {
			all = append(all, f...)
		}
		if left > 0 {
			all = append(all, Result{Check: "location", Severity: Unknown, Saw: terminal.Plural(left, "more location") + " not asked for"})
		}
		known, accepts := map[string]*happycolis.Location{}, map[string]time.Time{}
		for i, loc := range read {
			if loc != nil {
				known[names[i]], accepts[loc.ID] = loc, d.acceptsOrdersFrom(ctx, o, loc.ID)
			}
		}
		return append(append(all, checkFallbacks(p, known, d.locationsUnderIncident(ctx, o), accepts)...), checkCountries(p, known)...)
	})
}

// checkLocation checks one location that the policy names.
func (d *Doctor) checkLocation(ctx context.Context, o config.Organization, name string, candidate bool) ([]Result, *happycolis.Location) {
	loc, err := d.readLocation(ctx, o.Credentials.Organization, name)
	f := Result{Check: "location", Severity: Passed}
	switch kind := happycolis.KindOf(err); {
	case kind == happycolis.KindNotFound && candidate:
		f.Severity, f.Saw, f.Do = Failed, name+" is not known to the platform", "write its name as the platform does: nothing can go there"
	case kind == happycolis.KindNotFound:
		f.Severity, f.Saw, f.Do = Warning, name+" is not known to the platform", "write its name as the platform does: the rule never matches"
	case kind == happycolis.KindUnauthorized || kind == happycolis.KindForbidden:
		return nil, nil // reported before
	case err != nil:
		f.Severity, f.Saw, f.Do = Unknown, name+" could not be read: "+err.Error(), retryAdvice(err)
	default:
		judgeLocation(&f, loc, candidate, d.acceptsOrdersFrom(ctx, o, loc.ID))
	}
	return []Result{f}, loc
}

func (d *Doctor) readLocation(ctx context.Context, organization, name string) (loc *happycolis.Location, err error) {
	account := d.accounts[organization]
	err = retryWhileRateLimited(ctx, func() (err error) { loc, err = account.LocationBySlug(ctx, name); return err })
	if happycolis.KindOf(err) == happycolis.KindNotFound {
		err = retryWhileRateLimited(ctx, func() (err error) { loc, err = account.Location(ctx, name); return err })
	}
	return loc, err
}

// warehouse is the type of location that fulfils through an integration (documented).
const warehouse = "WAREHOUSE"

// acceptsOrdersFrom returns since when a location accepts orders, by its webhooks; zero where none came.
func (d *Doctor) acceptsOrdersFrom(ctx context.Context, o config.Organization, id string) time.Time {
	if d.redis == nil {
		return time.Time{}
	}
	place, _, err := index.New(d.redis).Location(ctx, o.Credentials.Organization, id)
	if err != nil {
		return time.Time{} // the check of Redis reports it
	}
	return place.AcceptsFrom
}

func judgeLocation(f *Result, loc *happycolis.Location, candidate bool, accepts time.Time) {
	state := "no integration"
	if loc.Integration != nil {
		state = "integration " + loc.Integration.State
	}
	f.Saw = fmt.Sprintf("%s: %s, %s%s", loc.Slug, map[bool]string{true: "active", false: "not active"}[loc.Active], state, shipsTo(loc))
	erring := loc.Integration != nil && loc.Integration.State == orders.IntegrationError
	works := loc.Integration != nil && loc.Integration.State == "ACTIVE"
	switch {
	case !candidate && erring:
		f.Severity, f.Do = Warning, "it is down now: an incident should be open"
	case !candidate:
	case !loc.Active:
		f.Severity, f.Do = Warning, "it is a candidate: nothing goes there until it is active"
	case loc.Type == warehouse && !works:
		f.Severity, f.Do = Warning, "it is a candidate: nothing goes there until its integration is ACTIVE"
	case accepts.After(time.Now()):
		f.Saw += ", takes no orders before " + accepts.Format(time.RFC3339)
		f.Severity, f.Do = Warning, "it is a candidate: nothing goes there before"
	}
}

func shipsTo(loc *happycolis.Location) string {
	text := ""
	if len(loc.AllowedCountries) > 0 {
		text += ", ships to " + strings.Join(loc.AllowedCountries, " ")
	}
	if len(loc.ExcludedCountries) > 0 {
		text += ", not to " + strings.Join(loc.ExcludedCountries, " ")
	}
	return text
}
