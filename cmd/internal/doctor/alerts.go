package doctor

import (
	"context"
	"time"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/notify"
)

// checkAlerts checks that somebody gets alerts. It sends none; the results of the service's last messages count.
func (d *Doctor) checkAlerts(ctx context.Context) []Result {
	targets := d.cfg.Alerts.Targets
	if len(targets) == 0 {
		return []Result{{Check: "targets", Severity: Warning, Saw: "none: when a person is needed, nobody will be told",
			Do: "name one under alerts.targets"}}
	}
	var states []notify.TargetState
	var err error
	if d.redis != nil {
		states, err = notify.TargetStates(ctx, d.redis, targets)
	}
	var found []Result
	for i, t := range targets {
		f := Result{Check: "target", Severity: Passed, Saw: t.Name + " (" + t.Service + "): "}
		switch {
		case d.redis == nil || err != nil:
			f.Severity, f.Saw = Unknown, f.Saw+"its URL is in order; whether messages arrive cannot be seen from here"
		case states[i].FailingSince != nil:
			f.Severity, f.Saw = Warning, f.Saw+"fails since "+terminal.TimeIn(*states[i].FailingSince, d.cfg.Zone())+": "+states[i].Error
			f.Do = "mend its URL, or the way there; messages that were missed are not sent again, how things stand is"
		case states[i].SentAt == nil:
			f.Saw += "its URL is in order; no message was sent yet"
		default:
			f.Saw += "the last message arrived " + formatAgo(time.Now(), *states[i].SentAt)
		}
		found = append(found, f)
	}
	return found
}
