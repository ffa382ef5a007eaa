package config

import (
	"fmt"
	"time"
	_ "time/tzdata" // zones are known also where the system has none, as in an image without files

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy/strictyaml"
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
	known, everything := map[string]string{}, len(items) == 0
	for i, item := range items {
		target, wrong := r.readTarget(top, item, fmt.Sprintf("alerts.targets[%d]", i), known)
		everything = everything || wrong || target.IsToldOf("")
		if !wrong {
			c.Alerts.Targets = append(c.Alerts.Targets, target)
		}
	}
	if !everything {
		r.notes = append(r.notes, problem{at: s.placeOf("targets"), key: "alerts.targets",
			text: "each is told of some organizations only, so nobody is told of what all share: Redis, clocks, policies, the spool; add one without organizations"})
	}
}

// readTarget reads who gets alerts: the URL alone, or with the organizations that it is told of. known are the URLs before it.
func (r *reader) readTarget(top *section, item strictyaml.Node, name string, known map[string]string) (target notify.Target, wrong bool) {
	at, key := item, name
	var organizations []string
	if item.Kind == strictyaml.Mapping {
		before := len(r.problems)
		s := r.readSection(item, name, []string{"url", "organizations"})
		organizations = r.readOrganizationIDs(top, s)
		at, key = s.values["url"], name+".url"
		if isUnset(at) {
			s.require("url", "", "write ${NAME} or ${file:PATH}")
		}
		if len(r.problems) > before {
			return target, true
		}
	}
	var address, text string
	if !at.Kind.IsScalar() {
		text = "wants the URL of a service, not " + describeKind(at)
	} else {
		var referenced bool
		if address, referenced, text = r.resolve(at.Text); text == "" && !referenced {
			text = "the URL of a target is a secret and is written out; " + putAway
		}
	}
	if text == "" && known[address] != "" {
		text = "is the same as " + known[address] + "; keep one"
	}
	if text == "" {
		known[address] = name
		var err error
		if target, err = notify.NewTarget(name, happycolis.Secret(address)); err != nil {
			text = err.Error()
		}
	}
	if text != "" {
		r.refuse(at, key, "%s", text)
	}
	target.Organizations = organizations
	return target, text != ""
}

// readTimeZone reads the zone in which people read times.
func (r *reader) readTimeZone(c *Config, top *section) {
	c.TimeZone = top.readText("time_zone", "UTC")
	if _, err := loadZone(c.TimeZone); err != nil {
		top.refuse("time_zone", "%q is no time zone; write one like Europe/Paris, or UTC", c.TimeZone)
	}
}

// Zone is the zone in which people read times.
func (c *Config) Zone() *time.Location {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return time.UTC // Load refused it
	}
	return zone
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
