package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
)

// member is a running part of the worker: of this process, or a process of its own.
type member struct {
	public, admin string // addresses; admin "" where it has no desk
	stop          func()
	app           *app.App // nil where it is a process of its own
}

// startAll starts the worker in all its roles, as the deployment has it.
func (w *processFixture) startAll() {
	w.Helper()
	if !w.store.split {
		w.receiver = w.start(app.AllRoles()...)
		w.desk = w.receiver
		return
	}
	w.receiver, w.desk = w.start(app.RoleReceiver), w.start(app.RoleDesk)
	w.start(app.RoleWorker)
}

// start starts a member, with its log in that of the trial.
func (w *processFixture) start(roles ...string) *member {
	w.Helper()
	if w.store.split {
		return w.startProcess(strings.Join(roles, ","))
	}
	a := startApp(w.T, w.cfg, roles, app.NewLog(w.log, config.Log{Level: slog.LevelDebug, JSON: true}))
	m := &member{public: a.PublicAddress().String(), stop: a.Stop, app: a}
	if at := a.AdminAddress(); at != nil {
		m.admin = at.String()
	}
	return m
}

func (w *processFixture) startProcess(roles string) *member {
	w.Helper()
	dir := w.TempDir()
	file := filepath.Join(dir, "reassigner.yaml")
	text, environment := w.written()
	for name, content := range map[string]string{file: text, filepath.Join(dir, "policy.yaml"): string(demo.Policy)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			w.Fatal(err)
		}
	}
	p := running(w.T, file, roles, environment, w.log)
	at := p.listens(w.T)
	return &member{public: at["public"], admin: at["admin"], stop: func() {
		if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
			w.Error(err)
		}
		select {
		case <-p.ended:
		case <-time.After(stopPromise):
			w.Errorf("it did not end within %s", stopPromise)
		}
	}}
}

// written is the configuration of the trial as a user writes it: no time is below a second there.
func (w *processFixture) written() (text string, environment []string) {
	c := w.cfg
	secret := func(value string) string {
		name := fmt.Sprintf("TRIAL_%d", len(environment))
		environment = append(environment, name+"="+value)
		return "${" + name + "}"
	}
	var b strings.Builder
	say := func(format string, values ...any) { fmt.Fprintf(&b, format+"\n", values...) }
	second := func(d time.Duration) time.Duration { return max(d, time.Second) }
	say("listen: 127.0.0.1:0")
	say("admin:\n  listen: 127.0.0.1:0\n  users:")
	for _, u := range c.Users {
		say("    - {name: %s, password: %q, role: %s}", u.Name, secret(u.Password.Reveal()), u.Role)
	}
	if len(c.Users) == 0 {
		say("    []")
	}
	say("log: {level: debug, format: json}")
	say("redis: %q", secret(c.Redis.Reveal()))
	say("shutdown_delay: %s", c.ShutdownDelay)
	say("happycolis: {graphql_url: %q, token_url: %q, timeout: %s}", c.Platform.GraphQLURL, c.Platform.TokenURL, c.Platform.Timeout)
	say("organizations:")
	for _, o := range c.Organizations {
		say("  - id: %s\n    client_id: %s\n    client_secret: %q", o.Credentials.Organization, o.Credentials.ClientID, secret(o.Credentials.ClientSecret.Reveal()))
		if o.Previous != "" {
			say("    previous_client_secret: %q", secret(o.Previous.Reveal()))
		}
		say("    rate_limit: {per_minute: %d, per_second: %d}", o.Rate.PerMinute, o.Rate.PerSecond)
	}
	say("incident: {mode: %s, settle: %s, sweep: %s, approve_above: %d, canary: %d, max_share: %g, cooldown: %s}", c.Incident.Mode, second(c.Incident.Settle),
		second(c.Incident.Sweep), c.Incident.ApproveAbove, c.Incident.Canary, c.Incident.MaxShare, second(c.Incident.Cooldown))
	say("handover: {statuses: [%s], redispatch_settle: %s, poll: %s, cancel_timeout: %s, accept_timeout: %s, max_hops: %d}",
		strings.Join(c.Handover.Statuses, ", "), second(c.Handover.RedispatchSettle), second(c.Handover.Poll), c.Handover.CancelTimeout,
		c.Handover.AcceptTimeout, c.Handover.MaxHops)
	return b.String(), environment
}
