package cli

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/rediskey"
)

// registeringMost is how long registering may take: a request for each type and organization, at the rate of background
// work.
const registeringMost = 10 * time.Minute

func (c *cli) webhooks() *cobra.Command {
	var file string
	group := asGroup(&cobra.Command{Use: "webhooks", Short: "Register webhooks with the platform, and see those that were registered"})
	group.PersistentFlags().StringVar(&file, "config", "", "configuration file")
	group.AddCommand(c.listWebhooks(&file), c.registerWebhooks(&file), c.removeWebhooks(&file))
	return group
}

// registry has what the verbs need: the configuration, the platform, and what is kept in Redis.
type registry struct {
	cfg     *config.Config
	redis   io.Closer
	journal *journal.Journal
	client  *happycolis.Client
	healthz *http.Client
	id      string // of the deployment; "": no service was started on this Redis yet
}

func (c *cli) openRegistry(ctx context.Context, file string) (*registry, error) {
	if file == "" {
		return nil, usageError("name the configuration: --config FILE")
	}
	cfg, err := config.Load(file, c.getenv)
	if err != nil {
		return nil, &exit{ExitUsage, err}
	}
	if cfg.Redis.Reveal() == config.EmbeddedRedis {
		return nil, usageError("redis: embedded is in the service and ends with it, so what was registered cannot be kept; use a Redis of your own")
	}
	rdb, err := app.DialRedis(cfg.Redis, cfg.RedisTLS, app.PromptRedis)
	if err != nil {
		return nil, &exit{ExitUsage, err}
	}
	if err := rdb.Ping(ctx).Err(); err != nil {
		_ = rdb.Close()
		return nil, exitError(ExitUnreachable, "Redis, where it is kept what was registered, does not answer: %s", app.ConnectionFailure(err))
	}
	owner, _ := rdb.Get(ctx, app.PlatformKey).Result() // nobody's is ours to begin with
	if owner = strings.TrimSpace(owner); owner != "" && owner != cfg.Platform.GraphQLURL {
		_ = rdb.Close()
		return nil, exitError(ExitUsage, "Redis belongs to another platform: its records are about %s, the configuration says %s", owner, cfg.Platform.GraphQLURL)
	}
	id, _ := rdb.Get(ctx, app.DeploymentKey).Result() // "" says what is missing
	rates := map[string]happycolis.Rate{}
	for _, o := range cfg.Organizations {
		rates[o.Credentials.Organization] = o.Rate
	}
	kept := journal.New(rdb, cfg.Platform.Timeout, cfg.Incident.Canary)
	return &registry{
		cfg: cfg, redis: rdb, journal: kept, id: id,
		client: happycolis.New(happycolis.Options{
			GraphQLURL: cfg.Platform.GraphQLURL, TokenURL: cfg.Platform.TokenURL, Timeout: cfg.Platform.Timeout, Proxy: cfg.Platform.Proxy,
			Limiter: happycolis.NewRedisLimiter(rdb, rediskey.Of, func(id string) happycolis.Rate { return rates[id] }, app.NewDrainCache(kept).IsDraining),
		}),
		healthz: &http.Client{Timeout: connectMost, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

func (r *registry) close() { _ = r.redis.Close() }

func (r *registry) account(o config.Organization) *happycolis.Account {
	return r.client.Account(o.Credentials, happycolis.ClassBackground)
}

// webhookRow is a row of webhooks list --json.
type webhookRow struct {
	Organization string    `json:"organization_id"`
	Type         string    `json:"type"`
	URL          string    `json:"url"`
	ID           *string   `json:"id"`     // null: its reply was lost, it may exist
	Health       *string   `json:"health"` // as it was told at its creation
	At           time.Time `json:"created_at"`
}

func (c *cli) listWebhooks(file *string) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use: "list --config FILE", Short: "List the webhooks that were registered from here", Args: cobra.NoArgs,
		Long: "List the webhooks that were registered from here, as Redis has them. The platform documents no list, so those that\n" +
			"were registered otherwise are not there; and it documents the health of one only in the reply to its creation.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := c.openRegistry(cmd.Context(), *file)
			if err != nil {
				return err
			}
			defer r.close()
			rows := []webhookRow{}
			for _, o := range r.cfg.Organizations {
				kept, err := r.journal.Registrations(cmd.Context(), o.Credentials.Organization)
				if err != nil {
					return &exit{ExitFailed, err}
				}
				for _, k := range kept {
					rows = append(rows, webhookRow{o.Credentials.Organization, k.Type, k.URL, textOrNull(k.ID), textOrNull(k.Health), k.At})
				}
			}
			if asJSON {
				return c.printJSON(rows)
			}
			c.printWebhookRows(rows)
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (c *cli) printWebhookRows(rows []webhookRow) {
	if len(rows) == 0 {
		c.stdout.Println("None was registered from here: reassigner webhooks register")
		return
	}
	table := terminal.Table{Head: []string{"ORGANIZATION", "TYPE", "HEALTH", "ID", "URL"}}
	for _, r := range rows {
		id, health := "may exist; look in the dashboard", "not told"
		if r.ID != nil {
			id = *r.ID
		}
		if r.Health != nil {
			health = *r.Health
		}
		table.Add(r.Organization, r.Type, health, id, r.URL)
	}
	table.Print(c.stdout, "")
}

// readPublicURL reads the URL at which the platform reaches the receiver, and returns that of its webhooks.
func readPublicURL(text string) (base, hook string, err error) {
	u, wrong := url.Parse(text)
	if wrong != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", "", usageError("--public-url: write the https URL at which the platform reaches the receiver, like https://reassigner.example.com")
	}
	base = strings.TrimRight(text, "/")
	return base, base + intake.Path, nil
}
