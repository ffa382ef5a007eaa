package config

import (
	"fmt"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/notify"
)

// Alerts says who gets alerts, and how often.
type Alerts struct {
	Targets         []notify.Target
	Remind, Silence time.Duration
}

// readAlerts reads who gets alerts, and how often. The URLs of the targets are secrets.
func (r *reader) readAlerts(c *Config, top *section) {
	c.ConsoleURL = top.readURL("console_url")
	s := r.readSection(top.values["alerts"], "alerts", []string{"targets", "remind", "silence"})
	c.Alerts.Remind = s.readDuration("remind", 30*time.Minute)
	c.Alerts.Silence = s.readDuration("silence", time.Hour)
	items, _ := s.readItems("targets")
	known := map[string]string{}
	for i, item := range items {
		name := fmt.Sprintf("alerts.targets[%d]", i)
		if !item.Kind.IsScalar() {
			r.refuse(item, name, "wants the URL of a service, not %s", describeKind(item))
			continue
		}
		address, referenced, wrong := r.resolve(item.Text)
		if wrong == "" && !referenced {
			wrong = "the URL of a target is a secret and is written out; " + putAway
		}
		if wrong != "" {
			r.refuse(item, name, "%s", wrong)
			continue
		}
		if known[address] != "" {
			r.refuse(item, name, "is the same as %s; keep one", known[address])
			continue
		}
		known[address] = name
		target, err := notify.NewTarget(name, happycolis.Secret(address))
		if err != nil {
			r.refuse(item, name, "%v", err)
			continue
		}
		c.Alerts.Targets = append(c.Alerts.Targets, target)
	}
}

// Retention says how long finished records are kept.
type Retention struct {
	incident.Retention
	Parked int
}

// readRetention reads how long what is over is kept.
func (r *reader) readRetention(c *Config, top *section) {
	s := r.readSection(top.values["retention"], "retention", []string{"incidents", "audit", "parked"})
	c.Retention.Incidents = s.readDuration("incidents", 90*24*time.Hour)
	if c.Retention.Incidents < c.Incident.Cooldown {
		s.refuse("incidents", "%s is shorter than incident.cooldown, which needs the last incident; write %s or more", c.Retention.Incidents, c.Incident.Cooldown)
	}
	c.Retention.Audit = s.readDuration("audit", 365*24*time.Hour)
	c.Retention.Parked = s.readNumber("parked", 1000, 1)
}
