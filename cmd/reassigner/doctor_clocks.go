package main

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/worker/receiver"
)

// How far two clocks may be apart.
const (
	skewWarn = 2 * time.Second
	skewMost = time.Minute
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
	read := d.read
	d.mu.Unlock()
	if read.Date.IsZero() {
		return append(found, finding{Check: "against the platform", Verdict: unknown, Saw: "no answer of it had a date"})
	}
	// Its date is cut to the second, and the answer took a moment.
	return append(found, judgeSkew("against the platform", read.Asked.Sub(read.Date), time.Second))
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
	found := []finding{{Check: "file", Verdict: fine, Saw: fmt.Sprintf("%s: %s, mode %s", d.file, plural(len(d.cfg.organizations), "organization"), d.cfg.incident.mode)}}
	if len(d.cfg.users) == 0 {
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
