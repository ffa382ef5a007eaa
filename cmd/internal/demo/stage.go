package demo

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/intake"
)

// Policy is the policy of the demo: the example.
//
//go:embed policy.yaml
var Policy []byte

// Times of the demo, far shorter than those of a real platform, so that one can watch.
const (
	settle         = time.Second
	poll           = 3 * time.Second
	deadline       = 6 * time.Second // for a cancel to be confirmed, and a fallback to accept
	asyncCancel    = 2 * time.Second // until an asynchronous cancel is confirmed
	sweep          = 2 * time.Second
	requestTimeout = 2 * time.Second // of one request
	lookEvery      = 100 * time.Millisecond
	stillness      = 500 * time.Millisecond // for how long nothing must change until everything counts as at rest
	answerMost     = 30 * time.Second       // for an answer of the worker's API
	stalledMost    = 90 * time.Second       // without any change: the demo is given up
)

// Stage is the whole demo: a platform and the worker, over real HTTP on loopback. Close ends it.
type Stage struct {
	options  Options
	Platform *sandbox.Platform
	listener *app.Listener
	App      *app.App
	Merchant sandbox.Merchant
	broken   func() int // how many requests were made to fail
	log      *slog.Logger
	stalled  time.Duration // after how long without any change the demo is given up
	stop     context.CancelFunc
	ended    chan struct{}
}

// Open starts the stage; change may change its configuration.
func Open(d Options, log *slog.Logger, change ...func(*config.Config)) (*Stage, error) {
	ctx, stop := context.WithCancel(context.Background())
	s := &Stage{options: d, log: log, stalled: stalledMost, stop: stop, ended: make(chan struct{})}
	s.Platform = sandbox.New(sandbox.Options{Seed: d.Seed, Latency: d.Latency})
	go func() { s.Platform.Run(ctx); close(s.ended) }()
	var handler http.Handler
	handler, s.broken = makeFlaky(s.Platform, d)
	s.listener = &app.Listener{Name: "platform", Address: "127.0.0.1:0", Handler: handler, Log: log}
	if err := s.listener.Open(); err != nil {
		s.Close()
		return nil, err
	}
	s.listener.Serve()
	cfg := s.config()
	for _, c := range change {
		c(cfg)
	}
	var err error
	if s.App, err = app.New(cfg, app.AllRoles(), log); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.App.Start(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// config is the configuration that a user would write, with shorter times.
func (s *Stage) config() *config.Config {
	o := SandboxOrganization(Organization)
	base := "http://" + s.listener.Addr().String()
	return &config.Config{
		Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Redis: config.EmbeddedRedis,
		Platform: config.Platform{GraphQLURL: base + "/graphql", TokenURL: base + "/token", Timeout: requestTimeout},
		Organizations: []config.Organization{{
			Credentials: happycolis.Credentials{Organization: o.ID, ClientID: o.ClientID, ClientSecret: happycolis.Secret(o.ClientSecret)},
			Signing:     happycolis.Secret(o.ClientSecret),
			Policy:      "policy.example.yaml",
			Rate:        happycolis.Rate{PerMinute: 1000, PerSecond: 100},
		}},
		Incident: config.Incident{Mode: "automatic", Settle: settle, Sweep: sweep, ApproveAbove: OrdersMost,
			Canary: OrdersMost, MaxShare: 1, Cooldown: time.Second}, // the demo moves every order
		Handover: config.Handover{
			Statuses: []string{"DRAFT", "PENDING"}, RedispatchSettle: time.Second, Poll: poll,
			CancelTimeout: deadline, AcceptTimeout: deadline, MaxHops: 3,
		},
		OpenPolicy: func(string) (*policy.Policy, error) { return policy.Parse(Policy) },
	}
}

// setFaults makes the platform misbehave as the options say.
func (s *Stage) setFaults() {
	switch s.options.Cancel {
	case "async":
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelAsync, Location: sandbox.Paris, After: asyncCancel})
	case "refused":
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelRefused, Location: sandbox.Paris})
	case "never":
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent, Location: sandbox.Paris})
	}
	switch s.options.Fallback {
	case "rejects":
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Reject, Location: sandbox.Lyon})
	case "silent":
		s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Silent, Location: sandbox.Lyon})
	}
}

// Play runs the demo to its end and returns the result. show may be nil.
func (s *Stage) Play(ctx context.Context, show *Screen) (*Report, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	show.printOpening()
	begun := time.Now()
	s.Platform.Break(sandbox.Paris)
	rested, err := s.awaitRest(ctx, show)
	if err != nil {
		return nil, err
	}
	return s.judge(ctx, time.Since(begun), rested)
}

// Prepare creates a merchant with orders, about which the worker gets webhooks, and makes the platform misbehave as
// the options say.
func (s *Stage) Prepare(ctx context.Context) error {
	AddOrganization(s.Platform, Organization)
	s.Platform.SubscribeURL(Organization, "http://"+s.App.PublicAddress().String()+intake.Path)
	s.Merchant = sandbox.Seed(s.Platform, sandbox.SeedOptions{Organization: Organization, Orders: s.options.Orders, Seed: s.options.Seed})
	s.setFaults()
	return s.AwaitWebhooks(ctx)
}

// Get calls the worker's own API.
func (s *Stage) Get(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.App.AdminAddress().String()+path, nil)
	if err != nil {
		return fmt.Errorf("asking the worker: %w", err)
	}
	response, err := (&http.Client{Timeout: answerMost}).Do(request)
	if err != nil {
		return fmt.Errorf("asking the worker: %s", app.ConnectionFailure(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking the worker: %s answers HTTP %d", path, response.StatusCode)
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("asking the worker: reading its answer: %w", err)
	}
	return nil
}

// AwaitWebhooks waits until the worker has accepted every webhook about the merchant's orders.
func (s *Stage) AwaitWebhooks(ctx context.Context) error {
	last, changed, why := -1, time.Now(), ""
	for {
		waiting := s.Platform.Waiting(Organization)
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
		if err := sleepOrFail(ctx, lookEvery); err != nil {
			return err
		}
	}
}

// unblock starts the platform's webhook queue again, as its support would, after a webhook was refused: that happens
// on a machine so busy that Redis does not answer in time. It returns why the queue was blocked; "" if it was not.
func (s *Stage) unblock() string {
	blocked, why := s.Platform.Blocked(Organization)
	if !blocked {
		return ""
	}
	s.log.Warn("the platform's webhook queue was blocked, and is unblocked", "error", why)
	s.Platform.Unblock(Organization, true)
	return why
}

// awaitRest shows the progress until everything is at rest, and reports whether it came to that.
func (s *Stage) awaitRest(ctx context.Context, show *Screen) (rested bool, err error) {
	defer show.endProgress()
	var last string
	changed, still := time.Now(), time.Time{}
	for {
		if err := sleepOrFail(ctx, lookEvery); err != nil {
			return false, err
		}
		var rows []api.IncidentRow
		if err := s.Get(ctx, "/api/incidents", &rows); err != nil {
			return false, err
		}
		enrolled, resting, now := 0, 0, fmt.Sprint(s.Platform.Waiting(Organization))
		for _, row := range rows {
			now += fmt.Sprint(row.State, row.Counts)
			for state, n := range row.Counts {
				enrolled += n
				if state.IsAtRest() {
					resting += n
				}
			}
		}
		show.showProgress(resting)
		s.unblock()
		if now != last {
			last, changed = now, time.Now()
		}
		quiet := len(rows) > 0 && enrolled >= len(s.Merchant.InFlight) && resting == enrolled && s.Platform.Waiting(Organization) == 0
		switch {
		case !quiet:
			still = time.Time{}
		case still.IsZero():
			still = time.Now()
		case time.Since(still) >= stillness:
			return true, nil
		}
		if time.Since(changed) > s.stalled {
			return false, nil
		}
	}
}

func sleepOrFail(ctx context.Context, d time.Duration) error {
	app.Sleep(ctx, d)
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted")
	}
	return nil
}

// Close ends the demo.
func (s *Stage) Close() {
	if s.App != nil {
		s.App.Stop()
	}
	s.stop()
	<-s.ended
	s.listener.Close()
}

// SandboxOrganization returns an organization whose credentials are derived from its id.
func SandboxOrganization(id string) sandbox.Organization {
	return sandbox.Organization{ID: id, ClientID: "client-" + id, ClientSecret: "secret-" + id, IntegrationToken: "token-" + id}
}

// AddOrganization adds an organization to a platform.
func AddOrganization(p *sandbox.Platform, id string) {
	p.AddOrganization(SandboxOrganization(id))
}
