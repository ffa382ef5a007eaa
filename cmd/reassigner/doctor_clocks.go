package main

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/receiver"
)

// How far two clocks may be apart.
const (
	skewWarn = 2 * time.Second
	skewMost = time.Minute

	othersApart = 10 * time.Second // of the workers' clocks and of Redis's, from the platform's
)

// clocks compares this machine's clock with Redis's, which leases go by, and with the platform's.
func (d *doctor) clocks(ctx context.Context) []finding {
	var found []finding
	if d.redis != nil {
		f := finding{Check: "against Redis", Verdict: unknown, Saw: "it cannot be asked"}
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
		found = append(found, finding{Check: "against the platform", Verdict: unknown, Saw: "no answer of it had a date"})
	}
	return append(found, d.otherClocks(ctx)...)
}

// otherClocks are those that the workers measured lately, where they are too far from the platform's.
func (d *doctor) otherClocks(ctx context.Context) []finding {
	if d.redis == nil {
		return nil
	}
	all, err := happycolis.LastClocks(ctx, d.redis)
	if err != nil {
		return nil // said of Redis above
	}
	var found []finding
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

func judgeSkew(check string, skew, grain time.Duration) finding {
	f := finding{Check: check, Verdict: fine, Saw: "this machine agrees"}
	apart := max(0, skew.Abs()-grain)
	if apart < skewWarn {
		return f
	}
	f.Saw = fmt.Sprintf("this machine is %s %s", skew.Abs().Round(time.Second), map[bool]string{true: "ahead", false: "behind"}[skew > 0])
	f.Verdict, f.Do = warned, "keep the clocks with NTP"
	if apart > skewMost {
		f.Verdict, f.Do = failing, "set the clock, and keep it with NTP: deadlines are judged by it"
	}
	return f
}

// configuration sums up what the file says.
func (d *doctor) configuration(context.Context) []finding {
	found := []finding{{Check: "file", Verdict: fine, Saw: fmt.Sprintf("%s: %s, mode %s", d.file, terminal.Plural(len(d.cfg.Organizations), "organization"), d.cfg.Incident.Mode)}}
	if len(d.cfg.Users) == 0 {
		found = append(found, finding{Check: "users", Verdict: warned, Saw: "none: whoever is on this machine is operator",
			Do: "add admin.users where others have accounts on it"})
	}
	return found
}

// subscriptions are the webhooks to register at a URL.
func subscriptions(base string) []subscription {
	var all []subscription
	for _, group := range receiver.Subscriptions() {
		for _, name := range group.Types {
			all = append(all, subscription{Type: name, Why: group.Why, EndPoint: base + receiver.Path,
				Mutation: fmt.Sprintf("mutation { integrationWebhookCreate(input: {type: %q, endPoint: %q}) { id health } }", name, base+receiver.Path)})
		}
	}
	return all
}
