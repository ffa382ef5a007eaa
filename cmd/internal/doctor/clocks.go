package doctor

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/rediskey"
)

// How far two clocks may be apart.
const (
	skewWarn = 2 * time.Second
	skewMost = time.Minute

	othersApart = 10 * time.Second // of the workers' clocks and of Redis's, compared with the platform's
)

// checkClocks compares this machine's clock with Redis's, which leases go by, and with the platform's.
func (d *Doctor) checkClocks(ctx context.Context) []Result {
	var found []Result
	if d.redis != nil {
		f := Result{Check: "against Redis", Severity: Unknown, Saw: "it cannot be asked"}
		before := time.Now()
		if theirs, err := d.redis.Time(ctx).Result(); err == nil {
			after := time.Now()
			f = judgeSkew("against Redis", before.Add(after.Sub(before)/2).Sub(theirs), 0)
		}
		found = append(found, f)
	}
	d.mu.Lock()
	ahead, dated := d.ahead, d.dated
	d.mu.Unlock()
	if dated {
		found = append(found, judgeSkew("against the platform", ahead, 0))
	} else {
		found = append(found, Result{Check: "against the platform", Severity: Unknown, Saw: "no answer of it had a date"})
	}
	return append(found, d.checkOtherClocks(ctx)...)
}

// checkOtherClocks reports the clocks, as measured lately by the workers, that are too far from the platform's.
func (d *Doctor) checkOtherClocks(ctx context.Context) []Result {
	if d.redis == nil {
		return nil
	}
	all, err := happycolis.LastClocks(ctx, d.redis, rediskey.Clocks())
	if err != nil {
		return nil // the check of Redis reports it
	}
	var found []Result
	for _, c := range all {
		if c.Ahead.Abs() <= othersApart {
			continue
		}
		f := judgeSkew("of "+c.Host, c.Ahead, 0)
		f.Saw = fmt.Sprintf("it is %s %s the platform's", c.Ahead.Abs().Round(time.Second), map[bool]string{true: "ahead of", false: "behind"}[c.Ahead > 0])
		found = append(found, f)
	}
	return found
}

func judgeSkew(check string, skew, grain time.Duration) Result {
	f := Result{Check: check, Severity: Passed, Saw: "this machine agrees"}
	apart := max(0, skew.Abs()-grain)
	if apart < skewWarn {
		return f
	}
	f.Saw = fmt.Sprintf("this machine is %s %s", skew.Abs().Round(time.Second), map[bool]string{true: "ahead", false: "behind"}[skew > 0])
	f.Severity, f.Do = Warning, "keep the clocks with NTP"
	if apart > skewMost {
		f.Severity, f.Do = Failed, "set the clock, and keep it with NTP: deadlines are judged by it"
	}
	return f
}

// checkConfiguration summarizes the configuration file.
func (d *Doctor) checkConfiguration(context.Context) []Result {
	found := []Result{{Check: "file", Severity: Passed, Saw: fmt.Sprintf("%s: %s, mode %s", d.file, terminal.Plural(len(d.cfg.Organizations), "organization"), d.cfg.Incident.Mode)}}
	for _, note := range d.cfg.Notes {
		found = append(found, Result{Check: "values", Severity: Warning, Saw: note})
	}
	if len(d.cfg.Users) == 0 {
		found = append(found, Result{Check: "users", Severity: Warning, Saw: "none: whoever is on this machine is operator",
			Do: "add admin.users where others have accounts on it"})
	}
	return found
}

// listSubscriptions returns the webhooks to register for a URL.
func listSubscriptions(base string) []Subscription {
	var all []Subscription
	for _, group := range intake.Subscriptions() {
		for _, name := range group.Types {
			all = append(all, Subscription{Type: name, Why: group.Why, EndPoint: base + intake.Path,
				Mutation: fmt.Sprintf("mutation { integrationWebhookCreate(input: {type: %q, endPoint: %q}) { id health } }", name, base+intake.Path)})
		}
	}
	return all
}
