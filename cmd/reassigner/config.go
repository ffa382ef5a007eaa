package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/policy/strictyaml"
	"happycolis-reassigner/worker/desk"
)

// config is what the configuration file says. The annotated example at the top of the repository is the
// reference of its keys.
type config struct {
	listen        string
	admin         string
	metrics       string // an own listener for metrics, without a login; "": the admin listener has them
	users         []desk.User
	log           logConfig
	redis         happycolis.Secret // a URL, which may hold a password, or embedded
	platform      platformConfig
	organizations []organizationConfig
	incident      incidentConfig
	handover      handoverConfig
	consoleURL    string // for links in alerts; "": none
	alerts        alertsConfig
	retention     retentionConfig
	openPolicy    func(path string) (*policy.Policy, error)
}

type logConfig struct {
	level      slog.Level
	json       bool
	vendorText bool
}

type platformConfig struct {
	graphqlURL, tokenURL string
	timeout              time.Duration
}

type organizationConfig struct {
	credentials happycolis.Credentials
	previous    happycolis.Secret // a client secret that still verifies signatures
	signing     happycolis.Secret // the client secret, also where an integration token is used for calls
	policy      string            // path
	rate        happycolis.Rate
}

type incidentConfig struct {
	mode          string
	settle, sweep time.Duration
	cooldown      time.Duration
	approveAbove  int
	canary        int
	maxShare      float64
}

type handoverConfig struct {
	statuses                                             []string
	leaveAutomatic                                       bool
	redispatchSettle, poll, cancelTimeout, acceptTimeout time.Duration
	maxHops                                              int
}

// redisEmbedded is the Redis that lives and dies with the process.
const redisEmbedded = "embedded"

// loadConfig reads a configuration file. The error is problems, all there are, or that the file cannot
// be read.
func loadConfig(path string, getenv func(string) string) (*config, error) {
	r, root, err := openConfig(path, getenv)
	if err != nil {
		return nil, err
	}
	c := r.config(root)
	if len(r.problems) > 0 {
		return nil, problems{path, r.sorted()}
	}
	return c, nil
}

// openConfig reads the tree of a configuration file.
func openConfig(path string, getenv func(string) string) (*reader, strictyaml.Node, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, strictyaml.Node{}, fmt.Errorf("reading the configuration %s: %s", path, reasonOf(err))
	}
	root, p := readTree(data)
	if p != nil {
		return nil, strictyaml.Node{}, problems{path, []problem{*p}}
	}
	return &reader{dir: filepath.Dir(path), getenv: getenv}, root, nil
}

func (r *reader) config(root strictyaml.Node) *config {
	top := r.section(root, "",
		[]string{"listen", "admin", "log", "redis", "happycolis", "organizations", "policy", "incident", "handover", "metrics",
			"console_url", "alerts", "retention"})
	c := &config{listen: top.address("listen", ":8080"), openPolicy: readPolicy}
	r.admin(c, top)
	r.metrics(c, top)
	r.logging(c, top)
	r.redis(c, top)
	rate := r.platform(c, top)
	r.organizations(c, top, rate)
	r.incident(c, top)
	r.handover(c, top)
	r.alerts(c, top)
	r.retention(c, top)
	return c
}

func (r *reader) logging(c *config, top *section) {
	s := r.section(top.values["log"], "log", []string{"level", "format", "vendor_text"})
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	c.log.level = levels[s.choice("level", "info", "debug", "info", "warn", "error")]
	c.log.json = s.choice("format", "json", "json", "text") == "json"
	c.log.vendorText = s.truth("vendor_text", false)
}

func (r *reader) redis(c *config, top *section) {
	text, referenced := top.scalar("redis")
	top.require("redis", text, "write a URL like redis://127.0.0.1:6379/0, or embedded for a trial")
	c.redis = happycolis.Secret(text)
	if text == "" {
		return
	}
	if wrong := checkRedisURL(text, referenced); wrong != "" {
		top.refuse("redis", "%s", wrong)
	}
}

// platform reads how HappyColis is reached and returns the rate that organizations have by default.
func (r *reader) platform(c *config, top *section) happycolis.Rate {
	s := r.section(top.values["happycolis"], "happycolis", []string{"graphql_url", "token_url", "timeout", "rate_limit"})
	if top.values["happycolis"].Kind == strictyaml.Absent {
		s.at = top.at
	}
	c.platform.graphqlURL = s.endpoint("graphql_url")
	s.require("graphql_url", c.platform.graphqlURL, "write the URL that the platform's operator names; there is no default")
	c.platform.tokenURL = s.endpoint("token_url")
	c.platform.timeout = s.duration("timeout", happycolis.DefaultTimeout)
	if !r.allHaveTokens(top) {
		s.require("token_url", c.platform.tokenURL, "write the URL that gives tokens, or give every organization an integration_token")
	}
	return r.rate(s, happycolis.Rate{PerMinute: 1000, PerSecond: 100})
}

// allHaveTokens reports whether every organization has an integration token, so that no other is fetched.
func (r *reader) allHaveTokens(top *section) bool {
	items := top.values["organizations"].Items
	for _, item := range items {
		found := false
		for _, f := range item.Fields {
			found = found || f.Key.Text == "integration_token" && f.Value.Kind.IsScalar() && f.Value.Text != ""
		}
		if !found {
			return false
		}
	}
	return len(items) > 0
}

func (r *reader) rate(s *section, otherwise happycolis.Rate) happycolis.Rate {
	limit := r.section(s.values["rate_limit"], s.name("rate_limit"), []string{"per_minute", "per_second"})
	return happycolis.Rate{
		PerMinute: limit.number("per_minute", otherwise.PerMinute, 1),
		PerSecond: limit.number("per_second", otherwise.PerSecond, 1),
	}
}

func (r *reader) incident(c *config, top *section) {
	s := r.section(top.values["incident"], "incident", []string{"mode", "settle", "approve_above", "canary", "max_share", "cooldown", "sweep"})
	if top.values["incident"].Kind == strictyaml.Absent {
		s.at = top.at
	}
	c.incident.mode = s.choice("mode", "", "automatic", "approve")
	s.require("mode", c.incident.mode, "write approve (a person lets each incident move its orders) or automatic; begin with approve")
	c.incident.settle = s.duration("settle", 2*time.Minute)
	c.incident.approveAbove = s.number("approve_above", 200, 0)
	c.incident.canary = s.number("canary", 5, 1)
	c.incident.maxShare = s.share("max_share", 0.5)
	c.incident.cooldown = s.duration("cooldown", time.Hour)
	c.incident.sweep = s.duration("sweep", time.Minute)
}

func (r *reader) handover(c *config, top *section) {
	s := r.section(top.values["handover"], "handover",
		[]string{"statuses", "auto_dispatched", "redispatch_settle", "poll", "cancel_timeout", "accept_timeout", "max_hops"})
	c.handover = handoverConfig{
		statuses:         s.words("statuses", []string{"DRAFT", "PENDING"}, []string{"DRAFT", "PENDING", "OPENED"}),
		leaveAutomatic:   s.choice("auto_dispatched", "hand_over", "hand_over", "leave") == "leave",
		redispatchSettle: s.duration("redispatch_settle", 2*time.Minute),
		poll:             s.duration("poll", 20*time.Second),
		cancelTimeout:    s.duration("cancel_timeout", 15*time.Minute),
		acceptTimeout:    s.duration("accept_timeout", time.Hour),
		maxHops:          s.number("max_hops", 3, 1),
	}
}

// isName reports whether text can stand in keys and headers: printable, without spaces and braces.
func isName(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c) || c == '{' || c == '}'
	})
}

// readPolicy reads a policy file. Its error names the file in each line.
func readPolicy(path string) (*policy.Policy, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: the policy cannot be read: %s", path, reasonOf(err))
	}
	if data, err = readDocument(path, data); err != nil {
		return nil, err
	}
	p, err := policy.Parse(data)
	if err != nil {
		return nil, named(path, err)
	}
	return p, nil
}
