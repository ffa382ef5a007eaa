package cli

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/happycolis/sandbox"
)

// subscriberMost is how long the sandbox waits for the receiver before it gives up: somebody who follows the first hour
// configures and starts the worker meanwhile. subscriberGap is the interval at which it tries, subscriberTry how long one try
// may take.
const (
	subscriberMost = time.Hour
	subscriberGap  = 300 * time.Millisecond
	subscriberTry  = 10 * time.Second
)

func (c *cli) sandbox() *cobra.Command {
	var address, organization, subscribe string
	var orders int
	var seed int64
	command := &cobra.Command{
		Use: "sandbox", Short: "Run the fake platform alone", Args: cobra.NoArgs,
		Long: "Run the fake platform alone: GraphQL, tokens, webhooks, and a control surface under /sandbox/ that breaks and\n" +
			"mends things. It has no login for that: keep it on loopback, or inside a closed network.\n\n" + describeControl(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if orders < 0 {
				return usageError("--orders: write 0 or more")
			}
			ctx, done := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, os.Interrupt)
			defer done()
			p := sandbox.New(sandbox.Options{Seed: seed})
			l := &app.Listener{Name: "sandbox", Address: address, Handler: p, Log: app.NewLog(c.stderr.Writer(), config.Log{})}
			if err := l.Open(); err != nil {
				return &exit{ExitUsage, err}
			}
			l.Serve()
			defer l.Close()
			ended := make(chan struct{})
			go func() { p.Run(ctx); close(ended) }()
			demo.AddOrganization(p, organization)
			c.printSandbox(l.Addr(), organization)
			if subscribe != "" {
				c.stdout.Printf("waiting until the worker is ready at %s\n", subscribe)
				if err := awaitListener(ctx, subscribe); err != nil {
					return err
				}
				p.SubscribeURL(organization, subscribe)
			}
			if orders > 0 {
				m := sandbox.Seed(p, sandbox.SeedOptions{Organization: organization, Orders: orders, Seed: seed})
				c.stdout.Printf("seeded %s, %d in flight at %s\n", terminal.Plural(len(m.DeliveryOrders), "delivery order"), len(m.InFlight), sandbox.Paris)
			}
			<-ctx.Done()
			<-ended
			return nil
		},
	}
	command.Flags().StringVar(&address, "listen", "127.0.0.1:9090", "address")
	command.Flags().StringVar(&organization, "organization", demo.Organization, "id of the organization that it has")
	command.Flags().StringVar(&subscribe, "subscribe", "", "URL to send the organization's webhooks to")
	command.Flags().IntVar(&orders, "orders", 0, "seed that many orders")
	command.Flags().Int64Var(&seed, "seed", 1, "which of the repeatable worlds")
	return command
}

// describeControl lists the commands of the control surface, with an example each.
func describeControl() string {
	const base = "http://127.0.0.1:9090"
	var b strings.Builder
	b.WriteString("Its commands, which GET /sandbox/ lists, too:\n")
	for _, command := range sandbox.Commands() {
		call := "curl " + base + command.Path
		switch {
		case command.Example != "":
			call += " -d '" + strings.ReplaceAll(command.Example, "ORGANIZATION", demo.Organization) + "'"
		case command.Method != http.MethodGet:
			call = "curl -X " + command.Method + " " + base + command.Path
		}
		b.WriteString("\n  " + terminal.Fold(command.Does, foldMost) + "\n    " + call)
	}
	return b.String()
}

// foldMost is how many characters a line of the help has.
const foldMost = 110

func (c *cli) printSandbox(at net.Addr, organization string) {
	o := demo.SandboxOrganization(organization)
	c.stdout.Printf("graphql_url    http://%s/graphql\ntoken_url      http://%s/token\norganization   %s\nclient_id      %s\nclient_secret  %s\ncontrol        http://%s/sandbox/\n",
		at, at, o.ID, o.ClientID, o.ClientSecret, at)
}

// awaitListener waits until the host of a URL accepts connections: the first webhook that is refused would block the
// queue.
func awaitListener(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return usageError("--subscribe: write a URL like http://127.0.0.1:8080/webhooks/happycolis")
	}
	ready := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/readyz"}
	ctx, cancel := context.WithTimeout(ctx, subscriberMost)
	defer cancel()
	client := &http.Client{Timeout: subscriberTry}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, ready.String(), nil)
		if err != nil {
			return usageError("--subscribe: write a URL like http://127.0.0.1:8080/webhooks/happycolis")
		}
		if response, err := client.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK || response.StatusCode == http.StatusNotFound {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return exitError(ExitUnreachable, "nobody was ready at %s within %s; start the worker, and the sandbox again", u.Host, subscriberMost)
		case <-time.After(subscriberGap):
		}
	}
}
