package doctor

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/rediskey"
)

// requestMost is the timeout of one request to the platform, if the configured one is not shorter.
const requestMost = 10 * time.Second

// Doctor checks what a configuration names.
type Doctor struct {
	cfg      *config.Config
	file     string
	public   string // URL
	policies map[string]*policy.Policy
	redis    redis.UniversalClient // nil: embedded, which only the service itself can reach
	accounts map[string]*happycolis.Account

	mu     sync.Mutex
	limits map[string]int // the platform's limit in requests a minute, by organization
	ahead  time.Duration  // of this machine's clock, by the answer that shows least; negative: behind
	dated  bool           // an answer had a date
}

// New reads the policies and sends no request; its error is about the configuration. file is the name used in results,
// and public the URL at which the platform is to send webhooks.
func New(cfg *config.Config, file, public string) (*Doctor, error) {
	d := &Doctor{cfg: cfg, file: file, public: public, policies: map[string]*policy.Policy{},
		accounts: map[string]*happycolis.Account{}, limits: map[string]int{}}
	var wrong []error
	for _, o := range cfg.Organizations {
		if _, seen := d.policies[o.Policy]; seen {
			continue
		}
		p, err := cfg.OpenPolicy(o.Policy)
		d.policies[o.Policy] = p
		wrong = append(wrong, err)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if cfg.Redis.Reveal() != config.EmbeddedRedis {
		client, err := app.DialRedis(cfg.Redis, cfg.RedisTLS, app.PromptRedis)
		if err != nil {
			return nil, err
		}
		d.redis = client
	}
	return d, nil
}

// Close closes the connection to Redis.
func (d *Doctor) Close() {
	if d.redis != nil {
		_ = d.redis.Close()
	}
}

// check is one part of the examination.
type check struct {
	section string
	run     func(context.Context) []Result
}

// Run checks Redis first, since the shared rate limit is there; then everything else at the same time; last the
// clocks, by the answers that came meanwhile.
func (d *Doctor) Run(ctx context.Context) *Report {
	parts := []check{
		{"Configuration", d.checkConfiguration},
		{"Redis", d.checkRedis},
		{"Platform", d.checkPlatform},
		{"Schema", d.checkSchema},
		{"Brakes", d.checkBrakes},
		{"Receiver", d.checkReceiver},
		{"Index", d.checkIndex},
		{"Policy", d.checkPolicies},
		{"Kafka", d.checkKafka},
		{"Alerts", d.checkAlerts},
		{"Clocks", d.checkClocks},
	}
	found := make([][]Result, len(parts))
	look := func(i int) { found[i] = parts[i].run(ctx) }
	first, last := 1, len(parts)-1
	look(first)
	d.makeAccounts(!redisFailed(found[first]))
	var at sync.WaitGroup
	for i := range parts {
		if i != first && i != last {
			at.Go(func() { look(i) })
		}
	}
	at.Wait()
	look(last)
	r := &Report{Holds: true, Checks: []Result{}, Webhooks: d.webhooksToRegister()}
	for i, part := range parts {
		for _, f := range found[i] {
			f.Section = part.section
			r.Checks = append(r.Checks, f)
			r.Holds = r.Holds && f.Severity != Failed
		}
	}
	return r
}

func redisFailed(found []Result) bool {
	for _, f := range found {
		if f.Check == reachable && f.Severity == Failed {
			return true
		}
	}
	return false
}

// makeAccounts makes the accounts. Their requests count in the shared rate limit if Redis answers; without Redis no
// service sends any.
func (d *Doctor) makeAccounts(limited bool) {
	options := happycolis.Options{
		GraphQLURL: d.cfg.Platform.GraphQLURL, TokenURL: d.cfg.Platform.TokenURL,
		Timeout: min(d.cfg.Platform.Timeout, requestMost), Proxy: d.cfg.Platform.Proxy,
		Observe: func(call happycolis.Call) {
			d.mu.Lock()
			defer d.mu.Unlock()
			if call.Limit > 0 {
				d.limits[call.Organization] = call.Limit
			}
			if ahead, known := call.Ahead(); known && (!d.dated || ahead.Abs() < d.ahead.Abs()) {
				d.ahead, d.dated = ahead, true
			}
		},
	}
	if d.redis != nil && limited {
		rates := map[string]happycolis.Rate{}
		for _, o := range d.cfg.Organizations {
			rates[o.Credentials.Organization] = o.Rate
		}
		options.Limiter = happycolis.NewRedisLimiter(d.redis, rediskey.Of, func(id string) happycolis.Rate { return rates[id] },
			app.NewDrainCache(d.journal()).IsDraining)
	}
	client := happycolis.New(options)
	for _, o := range d.cfg.Organizations {
		d.accounts[o.Credentials.Organization] = client.Account(o.Credentials, happycolis.ClassBackground)
	}
}

// forEachOrganization examines every organization, at the same time.
func (d *Doctor) forEachOrganization(look func(config.Organization) []Result) []Result {
	found := make([][]Result, len(d.cfg.Organizations))
	var at sync.WaitGroup
	for i, o := range d.cfg.Organizations {
		at.Go(func() { found[i] = look(o) })
	}
	at.Wait()
	var all []Result
	for i, o := range d.cfg.Organizations {
		for _, f := range found[i] {
			f.Organization = o.Credentials.Organization
			all = append(all, f)
		}
	}
	return all
}

// retryWhileRateLimited repeats what the rate limit denied, until the examination's time is over.
func retryWhileRateLimited(ctx context.Context, do func() error) error {
	for {
		err := do()
		var e *happycolis.Error
		if !errors.As(err, &e) || e.Kind != happycolis.KindWaiting {
			return err
		}
		app.Sleep(ctx, e.RetryAfter)
		if ctx.Err() != nil {
			return err
		}
	}
}
