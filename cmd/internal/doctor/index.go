package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/index"
)

// checkIndex looks at what is known of each organization's delivery orders.
func (d *Doctor) checkIndex(ctx context.Context) []Result {
	if d.redis == nil {
		return []Result{{Check: "index", Severity: Unknown, Saw: "it lives in the service: reassigner incidents list tells"}}
	}
	store := index.New(d.redis)
	return d.forEachOrganization(func(o config.Organization) []Result {
		id := o.Credentials.Organization
		age, err := store.Coverage(ctx, id)
		if err != nil {
			return []Result{{Check: "index", Severity: Unknown, Saw: "it cannot be read"}}
		}
		now := time.Now()
		f := Result{Check: "index", Severity: Passed}
		switch {
		case age.Since.IsZero() && age.Imported.IsZero():
			f.Severity, f.Saw = Failed, "empty: no webhook came, and nothing was imported"
			f.Do = "register the webhooks below, then import the orders that are in flight: reassigner import orders.txt"
			return []Result{f}
		case !age.BehindSince.IsZero():
			f.Severity, f.Saw = Failed, "what comes now is late: it is behind since "+formatAgo(now, age.BehindSince)
			f.Do = "look in the dashboard whether the application's webhook queue was blocked; when it has caught up, import the orders"
		case len(age.OpenGaps(now)) > 0:
			gap := age.OpenGaps(now)[0]
			f.Severity, f.Saw = Warning, fmt.Sprintf("%s known; webhooks came late from %s to %s", terminal.Plural(age.Known, "delivery order"), formatAgo(now, gap.From), formatAgo(now, gap.To))
			f.Do = "import the orders that are in flight, in case some were lost: reassigner import orders.txt"
		case age.IsIncomplete(now):
			f.Severity, f.Saw = Warning, fmt.Sprintf("%s known; it listens since %s, and nothing was imported", terminal.Plural(age.Known, "delivery order"), formatAgo(now, age.Since))
			f.Do = "import the orders that were in flight before: reassigner import orders.txt"
		case age.Imported.IsZero():
			f.Saw = fmt.Sprintf("%s known; it listens since %s", terminal.Plural(age.Known, "delivery order"), formatAgo(now, age.Since))
		default:
			f.Saw = fmt.Sprintf("%s known; imported %s", terminal.Plural(age.Known, "delivery order"), formatAgo(now, age.Imported))
		}
		return []Result{f, d.checkWebhooks(ctx, id, age.Last, now)}
	})
}

// checkWebhooks checks when the last webhook came.
func (d *Doctor) checkWebhooks(ctx context.Context, organization string, last, now time.Time) Result {
	store := index.New(d.redis)
	flying, err := store.CountAllInFlight(ctx, organization)
	f := Result{Check: "webhooks", Severity: Passed}
	switch {
	case err != nil:
		f.Severity, f.Saw = Unknown, "the index cannot be read"
	case last.IsZero():
		f.Severity, f.Saw, f.Do = Failed, "none came yet", "register the webhooks below; event send tries the way"
	case flying > 0 && now.Sub(last) > d.cfg.Alerts.Silence:
		f.Severity, f.Saw = Warning, fmt.Sprintf("the last one is of %s, with %s in flight", formatAgo(now, last), terminal.Plural(flying, "delivery order"))
		f.Do = "look in the dashboard whether the application's webhook queue is blocked"
	default:
		f.Saw = "the last one is of " + formatAgo(now, last)
	}
	return f
}

// formatAgo is a past time as people say it.
func formatAgo(now, then time.Time) string {
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

// webhooksToRegister returns the webhooks to register, with their URL.
func (d *Doctor) webhooksToRegister() []Subscription {
	base := d.public
	if base == "" {
		base = "https://YOUR_HOST"
	}
	return listSubscriptions(strings.TrimRight(base, "/"))
}
