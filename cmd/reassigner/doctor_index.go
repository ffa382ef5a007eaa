package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/index"
)

// index looks at what is known of each organization's delivery orders.
func (d *doctor) index(ctx context.Context) []finding {
	if d.redis == nil {
		return []finding{{Check: "index", Verdict: unknown, Saw: "it lives in the service: reassigner incidents list tells"}}
	}
	store := index.New(d.redis)
	return d.each(func(o config.Organization) []finding {
		id := o.Credentials.Organization
		age, err := store.Age(ctx, id)
		if err != nil {
			return []finding{{Check: "index", Verdict: unknown, Saw: "it cannot be read"}}
		}
		now := time.Now()
		f := finding{Check: "index", Verdict: fine}
		switch {
		case age.Since.IsZero() && age.Imported.IsZero():
			f.Verdict, f.Saw = failing, "empty: no webhook came, and nothing was imported"
			f.Do = "register the webhooks below, then import the orders that are in flight: reassigner import orders.txt"
			return []finding{f}
		case !age.Behind.IsZero():
			f.Verdict, f.Saw = failing, "what comes now is late: it is behind since "+ago(now, age.Behind)
			f.Do = "look in the dashboard whether the application's webhook queue was blocked; when it has caught up, import the orders"
		case len(age.Open(now)) > 0:
			gap := age.Open(now)[0]
			f.Verdict, f.Saw = warned, fmt.Sprintf("%s known; webhooks came late from %s to %s", terminal.Plural(age.Known, "delivery order"), ago(now, gap.From), ago(now, gap.To))
			f.Do = "import the orders that are in flight, in case some were lost: reassigner import orders.txt"
		case age.Short(now):
			f.Verdict, f.Saw = warned, fmt.Sprintf("%s known; it listens since %s, and nothing was imported", terminal.Plural(age.Known, "delivery order"), ago(now, age.Since))
			f.Do = "import the orders that were in flight before: reassigner import orders.txt"
		case age.Imported.IsZero():
			f.Saw = fmt.Sprintf("%s known; it listens since %s", terminal.Plural(age.Known, "delivery order"), ago(now, age.Since))
		default:
			f.Saw = fmt.Sprintf("%s known; imported %s", terminal.Plural(age.Known, "delivery order"), ago(now, age.Imported))
		}
		return []finding{f, d.silence(ctx, id, age.Last, now)}
	})
}

// Silence looks when the last webhook came.
func (d *doctor) silence(ctx context.Context, organization string, last, now time.Time) finding {
	store := index.New(d.redis)
	flying, err := store.CountAllInFlight(ctx, organization)
	f := finding{Check: "webhooks", Verdict: fine}
	switch {
	case err != nil:
		f.Verdict, f.Saw = unknown, "the index cannot be read"
	case last.IsZero():
		f.Verdict, f.Saw, f.Do = failing, "none came yet", "register the webhooks below; event send tries the way"
	case flying > 0 && now.Sub(last) > d.cfg.Alerts.Silence:
		f.Verdict, f.Saw = warned, fmt.Sprintf("the last one is of %s, with %s in flight", ago(now, last), terminal.Plural(flying, "delivery order"))
		f.Do = "look in the dashboard whether the application's webhook queue is blocked"
	default:
		f.Saw = "the last one is of " + ago(now, last)
	}
	return f
}

// ago is a past time as people say it.
func ago(now, then time.Time) string {
	d := now.Sub(then)
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return terminal.Plural(int(d.Minutes()), "minute") + " ago"
	case d < 48*time.Hour:
		return terminal.Plural(int(d.Hours()), "hour") + " ago"
	default:
		return terminal.Plural(int(d.Hours()/24), "day") + " ago"
	}
}

// webhooks are those to register, with the URL to register them for.
func (d *doctor) webhooks() []subscription {
	base := d.public
	if base == "" {
		base = "https://YOUR_HOST"
	}
	return subscriptions(strings.TrimRight(base, "/"))
}
