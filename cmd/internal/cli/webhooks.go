package cli

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/registry"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/intake"
)

// registeringMost is how long registering may take: a request for each type and organization, at the rate of background
// work.
const registeringMost = 10 * time.Minute

func (c *cli) webhooks() *cobra.Command {
	var file string
	group := asGroup(&cobra.Command{Use: "webhooks", Short: "Register webhooks with the platform, and see those that were registered"})
	group.PersistentFlags().StringVar(&file, "config", "", "configuration file (or REASSIGNER_CONFIG)")
	group.AddCommand(c.listWebhooks(&file), c.registerWebhooks(&file), c.removeWebhooks(&file))
	return group
}

// openRegistry returns the configuration, and what is kept in its Redis.
func (c *cli) openRegistry(ctx context.Context, file string) (*config.Config, *registry.Registry, error) {
	if file = c.configFile(file); file == "" {
		return nil, nil, usageError("name the configuration: --config FILE")
	}
	cfg, err := config.Load(file, c.getenv)
	if err != nil {
		return nil, nil, &exit{ExitUsage, err}
	}
	r, err := registry.Open(ctx, cfg)
	if errors.Is(err, registry.ErrUnreachable) {
		return nil, nil, &exit{ExitUnreachable, err}
	}
	if err != nil {
		return nil, nil, &exit{ExitUsage, err}
	}
	return cfg, r, nil
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
			cfg, r, err := c.openRegistry(cmd.Context(), *file)
			if err != nil {
				return err
			}
			defer r.Close()
			rows := []webhookRow{}
			for _, o := range cfg.Organizations {
				kept, err := r.List(cmd.Context(), o.Credentials.Organization)
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
