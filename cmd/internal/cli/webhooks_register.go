package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/registry"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/intake"
)

// registerScope is what the mutation needs (documented).
const registerScope = "edit_integrations"

func (c *cli) registerWebhooks(file *string) *cobra.Command {
	var public string
	var dryRun, noCheck bool
	command := &cobra.Command{
		Use: "register --config FILE --public-url URL", Short: "Register the webhooks that the worker needs", Args: cobra.NoArgs,
		Long: "Register the webhooks that the worker needs, one subscription a type, for each organization: with the mutation that\n" +
			"the platform documents for the token of an Integration App with the scope " + registerScope + ". First the URL has to answer\n" +
			"/healthz as this deployment does. What was created is kept in Redis, and not created again: the platform documents\n" +
			"no list. Where a reply is lost, the subscription may exist: look in the dashboard; it is not asked for again.\n\n" +
			"0: all are there; 1: some are not, or may be there twice; 2: wrong usage; 4: the URL does not answer as this deployment.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			base, hook, err := readPublicURL(public)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), registeringMost)
			defer cancel()
			cfg, r, err := c.openRegistry(ctx, *file)
			if err != nil {
				return err
			}
			defer r.Close()
			if !noCheck {
				client := &http.Client{Timeout: connectMost, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
				if err := checkDeployment(ctx, client, base, r.Deployment); err != nil {
					return err
				}
			}
			failed := false
			for _, o := range cfg.Organizations {
				done, err := c.registerFor(ctx, r, o, hook, dryRun)
				if err != nil {
					return err
				}
				failed = failed || !done
			}
			if failed {
				return &exit{code: ExitFailed}
			}
			return nil
		},
	}
	command.Flags().StringVar(&public, "public-url", "", "https URL at which the platform reaches the receiver")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "only tell what would be registered")
	command.Flags().BoolVar(&noCheck, "no-check", false, "do not ask the URL for /healthz first")
	return command
}

// maxHealthAnswer is how much of an answer of /healthz is read, in bytes.
const maxHealthAnswer = 1 << 10

// checkDeployment asks a URL for /healthz. Only the deployment whose Redis this is answers with its id.
func checkDeployment(ctx context.Context, client *http.Client, base, id string) error {
	const without = "; --no-check registers without asking"
	if id == "" {
		return exitError(ExitUnreachable, "no service was started on this Redis yet, so it cannot be known at the URL; start it first: reassigner serve%s", without)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/healthz", nil)
	if err != nil {
		return usageError("--public-url: not a URL")
	}
	response, err := client.Do(request)
	if err != nil {
		return exitError(ExitUnreachable, "%s cannot be reached from here (%s)%s", base, app.ConnectionFailure(err), without)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxHealthAnswer)) // only its header counts
	switch got := response.Header.Get(app.DeploymentHeader); {
	case response.StatusCode != http.StatusOK || got == "":
		return exitError(ExitUnreachable, "%s/healthz does not answer as this service does (HTTP %d)%s", base, response.StatusCode, without)
	case got != id:
		return exitError(ExitUnreachable, "%s is another deployment, with another Redis: webhooks would go there; compare redis in both configurations", base)
	}
	return nil
}

// registerFor registers what an organization lacks. It ends early where every further request would fail alike.
func (c *cli) registerFor(ctx context.Context, r *registry.Registry, o config.Organization, hook string, dryRun bool) (done bool, err error) {
	organization := o.Credentials.Organization
	kept, err := r.List(ctx, organization)
	if err != nil {
		return false, &exit{ExitFailed, err}
	}
	if !dryRun && o.Credentials.IntegrationToken == "" {
		if why := c.whyNotAllowed(ctx, r.Account(o)); why != "" {
			c.stderr.Printf("%s: %s\n", organization, why)
			return false, nil
		}
	}
	done = true
	for _, group := range intake.Subscriptions() {
		for _, kind := range group.Types {
			if i := slices.IndexFunc(kept, func(k registry.Registration) bool { return k.Type == kind }); i >= 0 {
				done = c.describeKept(organization, kept[i], hook) && done
				continue
			}
			if dryRun {
				c.stdout.Printf("%s: %s would be registered, to %s\n", organization, kind, hook)
				continue
			}
			created, again := c.registerOne(ctx, r, o, kind, hook)
			done = created && done
			if !again {
				return false, nil
			}
		}
	}
	return done, nil
}

// whyNotAllowed says why an application that gets its tokens by client id and secret may not register; "" if it may. The
// platform has mutations for these, too, whose names it does not document.
func (c *cli) whyNotAllowed(ctx context.Context, account *happycolis.Account) string {
	granted, known, err := account.Scopes(ctx)
	switch {
	case err != nil:
		return "no token: " + err.Error()
	case !known || slices.Contains(granted, registerScope):
		return ""
	}
	return "the application lacks the scope " + registerScope + "; give it, or write the token of an Integration App as integration_token. " + c.describeOperations(ctx, account)
}

// describeOperations says what the live schema shows where the documentation shows nothing.
func (c *cli) describeOperations(ctx context.Context, account *happycolis.Account) string {
	live, err := account.LiveSchema(ctx)
	if err != nil {
		return "The platform does not show its schema (" + string(happycolis.KindOf(err)) + ")."
	}
	queries, mutations := live.WebhookOperations()
	if queries == "" {
		queries = "none"
	}
	if mutations == "" {
		mutations = "none"
	}
	return "Its schema shows these mutations about webhooks: " + mutations + "; these queries: " + queries + "."
}

// describeKept tells of one that is kept already; false if somebody has to look.
func (c *cli) describeKept(organization string, k registry.Registration, hook string) bool {
	switch {
	case !k.IsCertain():
		c.stdout.Printf("%s: %s may exist, its reply was lost on %s; look in the dashboard, then: reassigner webhooks remove --type %s\n",
			organization, k.Type, k.At.Format(time.DateOnly), k.Type)
		return false
	case k.URL != hook:
		c.stdout.Printf("%s: %s is registered to %s (%s); remove that first, or its events come twice\n", organization, k.Type, k.URL, k.ID)
		return false
	}
	c.stdout.Printf("%s: %s is there already (%s)\n", organization, k.Type, k.ID)
	return true
}

// registerOne registers one type: intent, call, result. again is false where the next one would fail alike.
func (c *cli) registerOne(ctx context.Context, r *registry.Registry, o config.Organization, kind, hook string) (created, again bool) {
	organization := o.Credentials.Organization
	intent := registry.Registration{Type: kind, URL: hook, At: time.Now().UTC().Truncate(time.Second)}
	won, err := r.Intend(ctx, organization, intent)
	if err != nil {
		c.stderr.Printf("%s: %v\n", organization, err)
		return false, false
	}
	if !won {
		c.stdout.Printf("%s: %s is being registered by somebody else\n", organization, kind)
		return false, true
	}
	webhook, err := createWebhook(ctx, r.Account(o), kind, hook)
	if err != nil {
		c.keepFailure(ctx, r, organization, kind, err)
		return false, false
	}
	intent.ID, intent.Health = webhook.ID, webhook.Health
	if err := r.Keep(ctx, organization, intent); err != nil {
		c.stderr.Printf("%s: %s was created as %s, which could not be kept: %v\n", organization, kind, webhook.ID, err)
		return false, false
	}
	if webhook.Health != "" && webhook.Health != happycolis.WebhookHealthy {
		c.stdout.Printf("%s: %s was registered (%s), and its health is %s: look in the dashboard\n", organization, kind, webhook.ID, webhook.Health)
		return false, true
	}
	c.stdout.Printf("%s: %s was registered (%s)\n", organization, kind, webhook.ID)
	return true, true
}

// createWebhook waits for the rate limit, and asks once.
func createWebhook(ctx context.Context, account *happycolis.Account, kind, hook string) (*happycolis.Webhook, error) {
	for {
		webhook, err := account.CreateWebhook(ctx, kind, hook)
		e, ok := errors.AsType[*happycolis.Error](err)
		if !ok || e.Kind != happycolis.KindWaiting || ctx.Err() != nil {
			return webhook, err
		}
		app.Sleep(ctx, e.RetryAfter)
	}
}

// keepFailure forgets what surely was not created, and keeps what may have been.
func (c *cli) keepFailure(ctx context.Context, r *registry.Registry, organization, kind string, err error) {
	e, ok := errors.AsType[*happycolis.Error](err)
	if !ok || !e.IsNotExecuted() && !e.IsRefused() {
		c.stderr.Printf("%s: %s may exist, its reply is not known (%v); look in the dashboard. It is not asked for again\n", organization, kind, err)
		return
	}
	if err := r.Forget(context.WithoutCancel(ctx), organization, kind); err != nil {
		c.stderr.Printf("%s: %v\n", organization, err)
		return
	}
	advice := "look at the URL and at the dashboard"
	switch {
	case e.Kind == happycolis.KindForbidden || e.Kind == happycolis.KindUnauthorized:
		advice = "give the application the scope " + registerScope
	case e.IsTransient():
		advice = "try again"
	}
	c.stderr.Printf("%s: %s was not registered: %v; %s\n", organization, kind, err, advice)
}

func (c *cli) removeWebhooks(file *string) *cobra.Command {
	var kinds []string
	var yes bool
	command := &cobra.Command{
		Use: "remove --config FILE", Short: "Forget webhooks that you removed in the dashboard", Args: cobra.NoArgs,
		Long: "Forget webhooks that you removed in the dashboard, or found not to exist there, so that register makes them anew. The\n" +
			"platform documents no mutation that removes one; what its schema shows is told. 3: none is kept.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, r, err := c.openRegistry(cmd.Context(), *file)
			if err != nil {
				return err
			}
			defer r.Close()
			count := 0
			var forget []func() error
			for _, o := range cfg.Organizations {
				organization := o.Credentials.Organization
				kept, err := r.List(cmd.Context(), organization)
				if err != nil {
					return &exit{ExitFailed, err}
				}
				for _, k := range kept {
					if len(kinds) > 0 && !slices.Contains(kinds, k.Type) {
						continue
					}
					count++
					c.stdout.Printf("%s: %s %s, to %s\n", organization, k.Type, k.ID, k.URL)
					forget = append(forget, func() error { return r.Forget(cmd.Context(), organization, k.Type) })
				}
			}
			if count == 0 {
				return exitError(ExitRefused, "none is kept here")
			}
			c.stdout.Printf("The platform documents no mutation that removes one: remove these in the dashboard. %s\n",
				c.describeOperations(cmd.Context(), r.Account(cfg.Organizations[0])))
			if err := c.confirm("Are they gone in the dashboard, so that they may be forgotten here?", yes); err != nil {
				return err
			}
			for _, f := range forget {
				if err := f(); err != nil {
					return &exit{ExitFailed, err}
				}
			}
			c.stdout.Printf("%d forgotten\n", count)
			return nil
		},
	}
	command.Flags().StringSliceVar(&kinds, "type", nil, "only of these types")
	command.Flags().BoolVar(&yes, "yes", false, "they are gone in the dashboard: do not ask")
	return command
}
