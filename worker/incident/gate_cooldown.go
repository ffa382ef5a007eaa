package incident

import (
	"context"
	"fmt"
	"time"
)

// cooldownGate holds for incident.cooldown after an incident here that moved delivery orders was closed: a location
// that fails again and again is drained automatically only once in that time.
func (c *gateCheck) cooldownGate(ctx context.Context, now time.Time) (judgement, error) {
	last, err := c.Journal.Cooldown(ctx, c.inc.Organization, c.inc.LocationID)
	if err != nil || last.Incident == "" {
		return judgement{detail: "no incident was closed here"}, err
	}
	until := last.At.Add(c.Settings.Cooldown)
	return judgement{holds: now.Before(until), detail: fmt.Sprintf("%s was closed at %s, the cooldown of %s ends at %s",
		last.Incident, formatTime(last.At), c.Settings.Cooldown, formatTime(until))}, nil
}
