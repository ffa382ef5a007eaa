package main

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"time"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/desk"
	"happycolis-reassigner/worker/receiver"
)

//go:embed demo_policy.yaml
var demoPolicy []byte

// Times of the demo, far shorter than those of a real platform, so that somebody may watch.
const (
	demoSettle    = time.Second
	demoPoll      = 3 * time.Second
	demoDeadline  = 6 * time.Second // for a cancel to be confirmed, and a fallback to accept
	demoAsync     = 2 * time.Second // until an asynchronous cancel is confirmed
	demoSweep     = 2 * time.Second
	demoTimeout   = 2 * time.Second // of one request
	demoLook      = 100 * time.Millisecond
	demoStillness = 500 * time.Millisecond // at rest for that long is at rest
	demoStalled   = 90 * time.Second       // without any change: it will not come to rest
)

// stage is the whole demo: a platform and the worker, over real HTTP on loopback.
type stage struct {
	d        demoFlags
	platform *sandbox.Platform
	listener *app.Listener
	app      *app.App
	api      *api
	merchant sandbox.Merchant
	log      *slog.Logger
	stalled  time.Duration // after so long without any change it is given up
	stop     context.CancelFunc
	ended    chan struct{}
}

// openStage starts it, with what change makes of its configuration.
func openStage(d demoFlags, log *slog.Logger, change ...func(*config.Config)) (*stage, error) {
	ctx, stop := context.WithCancel(context.Background())
	s := &stage{d: d, log: log, stalled: demoStalled, stop: stop, ended: make(chan struct{})}
	s.platform = sandbox.New(sandbox.Options{Seed: d.seed})
	go func() { s.platform.Run(ctx); close(s.ended) }()
	s.listener = &app.Listener{Name: "platform", Address: "127.0.0.1:0", Handler: flaky(s.platform, d), Log: log}
	if err := s.listener.Open(); err != nil {
		s.close()
		return nil, err
	}
	s.listener.Serve()
	cfg := s.config()
	for _, c := range change {
		c(cfg)
	}
	var err error
	if s.app, err = app.New(cfg, app.AllRoles(), log); err != nil {
		s.close()
		return nil, err
	}
	if err := s.app.Start(ctx); err != nil {
		s.close()
		return nil, err
	}
	c := &cli{getenv: func(string) string { return "" }}
	if s.api, err = c.api(remote{admin: "http://" + s.app.AdminAddress().String()}); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// Config is what a user would write, with shorter times.
func (s *stage) config() *config.Config {
	o := sandboxOrganization(demoOrganization)
	base := "http://" + s.listener.Addr().String()
	return &config.Config{
		Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Redis: config.EmbeddedRedis,
		Platform: config.Platform{GraphQLURL: base + "/graphql", TokenURL: base + "/token", Timeout: demoTimeout},
		Organizations: []config.Organization{{
			Credentials: happycolis.Credentials{Organization: o.ID, ClientID: o.ClientID, ClientSecret: happycolis.Secret(o.ClientSecret)},
			Signing:     happycolis.Secret(o.ClientSecret),
			Policy:      "policy.example.yaml",
			Rate:        happycolis.Rate{PerMinute: 1000, PerSecond: 100},
		}},
		Incident: config.Incident{Mode: "automatic", Settle: demoSettle, Sweep: demoSweep, ApproveAbove: demoOrdersMost,
			Canary: demoOrdersMost, MaxShare: 1, Cooldown: time.Second}, // it shows what becomes of every order
		Handover: config.Handover{
			Statuses: []string{"DRAFT", "PENDING"}, RedispatchSettle: time.Second, Poll: demoPoll,
			CancelTimeout: demoDeadline, AcceptTimeout: demoDeadline, MaxHops: 3,
		},
		OpenPolicy: func(string) (*policy.Policy, error) { return policy.Parse(demoPolicy) },
	}
}

// moods bends the platform as the switches say.
func (s *stage) moods() {
	switch s.d.cancel {
	case "async":
		s.platform.Mood(sandbox.Mood{Kind: sandbox.CancelAsync, Location: sandbox.Paris, After: demoAsync})
	case "refused":
		s.platform.Mood(sandbox.Mood{Kind: sandbox.CancelRefused, Location: sandbox.Paris})
	case "never":
		s.platform.Mood(sandbox.Mood{Kind: sandbox.CancelSilent, Location: sandbox.Paris})
	}
	switch s.d.fallback {
	case "rejects":
		s.platform.Mood(sandbox.Mood{Kind: sandbox.Reject, Location: sandbox.Lyon})
	case "silent":
		s.platform.Mood(sandbox.Mood{Kind: sandbox.Silent, Location: sandbox.Lyon})
	}
}

// play runs the demo to its end.
func (s *stage) play(ctx context.Context, show *demoScreen) (*demoReport, error) {
	addSandboxOrganization(s.platform, demoOrganization)
	s.platform.SubscribeURL(demoOrganization, "http://"+s.app.PublicAddress().String()+receiver.Path)
	s.merchant = sandbox.Seed(s.platform, sandbox.SeedOptions{Organization: demoOrganization, Orders: s.d.orders, Seed: s.d.seed})
	s.moods()
	if err := s.heard(ctx); err != nil {
		return nil, err
	}
	show.opening()
	begun := time.Now()
	s.platform.Break(sandbox.Paris)
	rested, err := s.watch(ctx, show)
	if err != nil {
		return nil, err
	}
	return s.report(ctx, time.Since(begun), rested)
}

// heard waits until every webhook of the seed was taken.
func (s *stage) heard(ctx context.Context) error {
	last, changed, why := -1, time.Now(), ""
	for {
		waiting := s.platform.Waiting(demoOrganization)
		if waiting == 0 {
			return nil
		}
		if waiting != last {
			last, changed = waiting, time.Now()
		}
		if time.Since(changed) > s.stalled {
			return fmt.Errorf("the platform's webhooks are not taken: %s", why)
		}
		why = cmp.Or(s.unblock(), why)
		if err := pauseFor(ctx, demoLook); err != nil {
			return err
		}
	}
}

// unblock lets the platform's webhook queue run again, as its support would, where one webhook was refused: on a
// machine so busy that Redis does not answer in time. It returns why the queue stood; "" if it did not.
func (s *stage) unblock() string {
	blocked, why := s.platform.Blocked(demoOrganization)
	if !blocked {
		return ""
	}
	s.log.Warn("the platform's webhook queue was blocked, and is unblocked", "error", why)
	s.platform.Unblock(demoOrganization, true)
	return why
}

// watch shows the progress until everything is at rest, and reports whether it came to that.
func (s *stage) watch(ctx context.Context, show *demoScreen) (rested bool, err error) {
	defer show.progressed()
	var last string
	changed, still := time.Now(), time.Time{}
	for {
		if err := pauseFor(ctx, demoLook); err != nil {
			return false, err
		}
		var rows []desk.IncidentRow
		if err := s.api.get(ctx, "/api/incidents", nil, &rows); err != nil {
			return false, err
		}
		enrolled, resting, now := 0, 0, fmt.Sprint(s.platform.Waiting(demoOrganization))
		for _, row := range rows {
			now += fmt.Sprint(row.State, row.Counts)
			for state, n := range row.Counts {
				enrolled += n
				if state.AtRest() {
					resting += n
				}
			}
		}
		show.progress(resting)
		s.unblock()
		if now != last {
			last, changed = now, time.Now()
		}
		quiet := len(rows) > 0 && enrolled >= len(s.merchant.InFlight) && resting == enrolled && s.platform.Waiting(demoOrganization) == 0
		switch {
		case !quiet:
			still = time.Time{}
		case still.IsZero():
			still = time.Now()
		case time.Since(still) >= demoStillness:
			return true, nil
		}
		if time.Since(changed) > s.stalled {
			return false, nil
		}
	}
}

func pauseFor(ctx context.Context, d time.Duration) error {
	app.Sleep(ctx, d)
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted")
	}
	return nil
}

func (s *stage) close() {
	if s.app != nil {
		s.app.Stop()
	}
	s.stop()
	<-s.ended
	s.listener.Close()
}
