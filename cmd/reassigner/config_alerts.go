package main

import (
	"fmt"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/incident/alert"
)

type alertsConfig struct {
	targets         []alert.Target
	remind, silence time.Duration
}

// alerts reads who is told, and how often. The URLs of the targets are secrets.
func (r *reader) alerts(c *config, top *section) {
	c.consoleURL = top.endpoint("console_url")
	s := r.section(top.values["alerts"], "alerts", []string{"targets", "remind", "silence"})
	c.alerts.remind = s.duration("remind", 30*time.Minute)
	c.alerts.silence = s.duration("silence", time.Hour)
	items, _ := s.items("targets")
	known := map[string]string{}
	for i, item := range items {
		name := fmt.Sprintf("alerts.targets[%d]", i)
		if !item.Kind.IsScalar() {
			r.refuse(item, name, "wants the URL of a service, not %s", describe(item))
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
		target, err := alert.NewTarget(name, happycolis.Secret(address))
		if err != nil {
			r.refuse(item, name, "%v", err)
			continue
		}
		c.alerts.targets = append(c.alerts.targets, target)
	}
}

type retentionConfig struct {
	incident.Retention
	parked int
}

// retention reads how long what is over is kept.
func (r *reader) retention(c *config, top *section) {
	s := r.section(top.values["retention"], "retention", []string{"incidents", "audit", "parked"})
	c.retention.Incidents = s.duration("incidents", 90*24*time.Hour)
	if c.retention.Incidents < c.incident.cooldown {
		s.refuse("incidents", "%s is shorter than incident.cooldown, which needs the last incident; write %s or more", c.retention.Incidents, c.incident.cooldown)
	}
	c.retention.Audit = s.duration("audit", 365*24*time.Hour)
	c.retention.parked = s.number("parked", 1000, 1)
}
