package config

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/policy/strictyaml"
	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/intake/kafka"
)

// Config is the content of the configuration file. The annotated example at the top of the repository describes its
// keys.
type Config struct {
	Listen  string
	Admin   string
	MaxBody int64 // of a webhook, in bytes
	// ShutdownDelay is how long, from SIGTERM on, webhooks are taken though the process is not ready.
	ShutdownDelay time.Duration
	Metrics       string // an own listener for metrics, without a login; "": the admin listener has them
	Users         []admin.User
	// TrustedProxies are the proxies before the admin listener whose X-Forwarded-* is believed.
	TrustedProxies []netip.Prefix
	Log            Log
	Spool          Spool
	Redis          happycolis.Secret // a URL, which may hold a password, or embedded
	RedisTLS       *tls.Config       // for ParseRedis; nil: nothing of our own
	Platform       Platform
	Organizations  []Organization
	Incident       Incident
	Handover       Handover
	ConsoleURL     string // for links in alerts; "": none
	TimeZone       string // of people who read alerts and the command line, as tzdata names it
	Alerts         Alerts
	Retention      Retention
	Kafka          kafka.Settings
	Notes          []string                                  // what is accepted, but may be a mistake: a line each, with its place
	OpenPolicy     func(path string) (*policy.Policy, error) // reads the policy at a path; the demo replaces it
}

// Log is how the service logs.
type Log struct {
	Level      slog.Level
	JSON       bool
	VendorText bool
}

// Spool is where a receiver keeps events while Redis is away; no Dir: nowhere.
type Spool struct {
	Dir      string
	MaxBytes int64
}

// Platform says how HappyColis is reached, and how long a request may take.
type Platform struct {
	GraphQLURL, TokenURL string
	Timeout              time.Duration
	Proxy                happycolis.Proxy // nil: none
}

// Organization is an organization whose delivery orders the worker moves.
type Organization struct {
	Credentials happycolis.Credentials
	Previous    happycolis.Secret // the former client secret, still accepted for signatures
	Signing     happycolis.Secret // the client secret, which is needed even where an integration token is used for calls
	Policy      string            // path
	Rate        happycolis.Rate
}

// Incident says when an incident begins to move delivery orders.
type Incident struct {
	Mode          string
	Settle, Sweep time.Duration
	Cooldown      time.Duration
	ApproveAbove  int
	Canary        int
	MaxShare      float64
}

// Handover says how delivery orders are moved.
type Handover struct {
	Statuses                                             []string
	LeaveAutomatic                                       bool
	RedispatchSettle, Poll, CancelTimeout, AcceptTimeout time.Duration
	MaxHops                                              int
}

// longestShutdownDelay leaves a webhook that comes at its end the time that it may wait for Redis, of the 10 s that a stop
// may take. It is the default.
const longestShutdownDelay = 5 * time.Second

// EmbeddedRedis is the value of redis for a Redis inside the process.
const EmbeddedRedis = "embedded"

// Load reads a configuration file. The error has a line for each problem, with line, column and key, or says why the
// file cannot be read.
func Load(path string, getenv func(string) string) (*Config, error) {
	r, root, err := openFile(path, getenv)
	if err != nil {
		return nil, err
	}
	c := r.readConfig(root)
	if len(r.problems) > 0 {
		return nil, problems{path, sortProblems(r.problems)}
	}
	return r.withNotes(path, c), nil
}

// openFile reads the tree of a configuration file.
func openFile(path string, getenv func(string) string) (*reader, strictyaml.Node, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, strictyaml.Node{}, fmt.Errorf("reading the configuration %s: %s", path, ReadFailure(err))
	}
	root, p := parseTree(data)
	if p != nil {
		return nil, strictyaml.Node{}, problems{path, []problem{*p}}
	}
	return &reader{dir: filepath.Dir(path), getenv: getenv}, root, nil
}

func (r *reader) readConfig(root strictyaml.Node) *Config {
	top := r.readSection(root, "",
		[]string{"listen", "admin", "max_body", "shutdown_delay", "log", "redis", "redis_tls", "happycolis", "organizations", "policy", "incident", "handover",
			"metrics", "console_url", "time_zone", "alerts", "retention", "spool", "kafka"})
	c := &Config{Listen: top.readAddress("listen", ":8080"), OpenPolicy: ReadPolicy}
	c.MaxBody = top.readSize("max_body", intake.DefaultMaxBody, intake.LeastMaxBody, intake.LargestBody)
	c.ShutdownDelay = top.readDurationWithin("shutdown_delay", longestShutdownDelay, 0, longestShutdownDelay)
	r.readAdmin(c, top)
	r.readMetrics(c, top)
	r.readLog(c, top)
	r.readRedis(c, top)
	r.readRedisTLS(c, top)
	r.readSpool(c, top)
	rate := r.readPlatform(c, top)
	r.readOrganizations(c, top, rate)
	r.readIncident(c, top)
	r.readHandover(c, top)
	r.readAlerts(c, top)
	r.readTimeZone(c, top)
	r.readRetention(c, top)
	r.readKafka(c, top)
	return c
}

func (r *reader) readLog(c *Config, top *section) {
	s := r.readSection(top.values["log"], "log", []string{"level", "format", "vendor_text"})
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	c.Log.Level = levels[s.readChoice("level", "info", "debug", "info", "warn", "error")]
	c.Log.JSON = s.readChoice("format", "json", "json", "text") == "json"
	c.Log.VendorText = s.readBool("vendor_text", false)
}

func (r *reader) readRedis(c *Config, top *section) {
	text, referenced := top.readScalar("redis")
	top.require("redis", text, "write a URL like redis://127.0.0.1:6379/0, or embedded for a trial")
	c.Redis = happycolis.Secret(text)
	if text == "" {
		return
	}
	if wrong := checkRedisURL(text, referenced); wrong != "" {
		top.refuse("redis", "%s", wrong)
	}
}

func (r *reader) readSpool(c *Config, top *section) {
	s := r.readSection(top.values["spool"], "spool", []string{"dir", "max_bytes"})
	if dir := s.readText("dir", ""); dir != "" {
		c.Spool.Dir = r.resolvePath(dir)
	}
	c.Spool.MaxBytes = s.readSize("max_bytes", 1<<30, 1<<20, 1<<40)
}

// readPlatform reads how HappyColis is reached and returns the rate that organizations have by default.
func (r *reader) readPlatform(c *Config, top *section) happycolis.Rate {
	s := r.readSection(top.values["happycolis"], "happycolis", []string{"graphql_url", "token_url", "timeout", "proxy", "rate_limit"})
	if top.values["happycolis"].Kind == strictyaml.Absent {
		s.at = top.at
	}
	c.Platform.GraphQLURL = s.readURL("graphql_url")
	s.require("graphql_url", c.Platform.GraphQLURL, "write the URL that the platform's operator names; there is no default")
	c.Platform.TokenURL = s.readURL("token_url")
	c.Platform.Timeout = s.readDuration("timeout", happycolis.DefaultTimeout)
	r.readProxy(c, s)
	if !r.allHaveTokens(top) {
		s.require("token_url", c.Platform.TokenURL, "write the URL that gives tokens, or give every organization an integration_token")
	}
	return r.readRate(s, happycolis.Rate{PerMinute: 1000, PerSecond: 100})
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

func (r *reader) readRate(s *section, otherwise happycolis.Rate) happycolis.Rate {
	limit := r.readSection(s.values["rate_limit"], s.keyPath("rate_limit"), []string{"per_minute", "per_second"})
	return happycolis.Rate{
		PerMinute: limit.readNumber("per_minute", otherwise.PerMinute, 1),
		PerSecond: limit.readNumber("per_second", otherwise.PerSecond, 1),
	}
}

func (r *reader) readIncident(c *Config, top *section) {
	s := r.readSection(top.values["incident"], "incident", []string{"mode", "settle", "approve_above", "canary", "max_share", "cooldown", "sweep"})
	if top.values["incident"].Kind == strictyaml.Absent {
		s.at = top.at
	}
	c.Incident.Mode = s.readChoice("mode", "", "automatic", "approve")
	s.require("mode", c.Incident.Mode, "write approve (a person lets each incident move its orders) or automatic; begin with approve")
	c.Incident.Settle = s.readDuration("settle", 2*time.Minute)
	c.Incident.ApproveAbove = s.readNumber("approve_above", 200, 0)
	c.Incident.Canary = s.readNumber("canary", 5, 1)
	c.Incident.MaxShare = s.readShare("max_share", 0.5)
	c.Incident.Cooldown = s.readDuration("cooldown", time.Hour)
	c.Incident.Sweep = s.readDuration("sweep", time.Minute)
}

func (r *reader) readHandover(c *Config, top *section) {
	s := r.readSection(top.values["handover"], "handover",
		[]string{"statuses", "auto_dispatched", "redispatch_settle", "poll", "cancel_timeout", "accept_timeout", "max_hops"})
	c.Handover = Handover{
		Statuses:         s.readWords("statuses", []string{"DRAFT", "PENDING"}, []string{"DRAFT", "PENDING", "OPENED"}),
		LeaveAutomatic:   s.readChoice("auto_dispatched", "hand_over", "hand_over", "leave") == "leave",
		RedispatchSettle: s.readDuration("redispatch_settle", 2*time.Minute),
		Poll:             s.readDuration("poll", 20*time.Second),
		CancelTimeout:    s.readDuration("cancel_timeout", 15*time.Minute),
		AcceptTimeout:    s.readDuration("accept_timeout", time.Hour),
		MaxHops:          s.readNumber("max_hops", 3, 1),
	}
}

// isID reports whether text can stand in keys and headers: printable, without spaces and braces.
func isID(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c) || c == '{' || c == '}'
	})
}
