package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/doctor"
)

// doctorMost is how long an examination may take; each of its parts ends within it.
const doctorMost = 25 * time.Second

func (c *cli) doctor() *cobra.Command {
	var quick, asJSON bool
	var file, at, public string
	command := &cobra.Command{
		Use: "doctor --config FILE", Short: "Look at everything that a drain needs, and say what to do", Args: cobra.NoArgs,
		Long: "Look at everything that a drain needs: configuration, Redis, credentials and scopes, the platform's schema,\n" +
			"pauses, the index, the policy's locations, clocks; and print the webhooks to register. Nothing is changed, and no\n" +
			"service needs to run. 0: nothing would stop a drain; 1: something would; 2: the configuration is wrong.\n\n" +
			"With --quick, ask the service on this machine whether it is ready: 0 it is, 1 it is not and says why, 4 it does\n" +
			"not answer. That is the health check of the container.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			file = c.configFile(file)
			switch {
			case quick && asJSON:
				return usageError("--quick answers with its exit code; leave out --json")
			case quick:
				return c.runQuickDoctor(cmd, file, at)
			case file == "":
				return usageError("name the configuration: --config FILE; or ask a running service: --quick")
			}
			return c.runDoctor(cmd.Context(), file, public, asJSON)
		},
	}
	command.Flags().StringVar(&file, "config", "", "configuration file (or REASSIGNER_CONFIG)")
	command.Flags().StringVar(&public, "public-url", "", "where the platform reaches this service, as https://reassigner.example.com")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	command.Flags().BoolVar(&quick, "quick", false, "ask /readyz of the running service only")
	command.Flags().StringVar(&at, "url", "", "with --quick: URL of the service's public listener")
	return command
}

func (c *cli) runDoctor(ctx context.Context, file, public string, asJSON bool) error {
	if u, err := url.Parse(public); err != nil || public != "" && (u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		return usageError("--public-url: write a URL like https://reassigner.example.com")
	}
	cfg, err := config.Load(file, c.getenv)
	if err != nil {
		return &exit{ExitUsage, err}
	}
	ctx, cancel := context.WithTimeout(ctx, doctorMost)
	defer cancel()
	d, err := doctor.New(cfg, file, public)
	if err != nil {
		return &exit{ExitUsage, err}
	}
	defer d.Close()
	report := d.Run(ctx)
	if asJSON {
		if err := c.printJSON(report); err != nil {
			return err
		}
	} else {
		report.Print(c.stdout, c.painter())
	}
	if !report.Holds {
		return &exit{code: ExitFailed}
	}
	return nil
}

// runQuickDoctor only asks the service on this machine whether it is ready.
func (c *cli) runQuickDoctor(cmd *cobra.Command, file, at string) error {
	if at == "" {
		address := "127.0.0.1:8080"
		if file != "" {
			var err error
			if address, err = c.peekAddress(file, address, "listen"); err != nil {
				return err
			}
		}
		at = "http://" + address
	}
	return c.askReady(cmd, at+"/readyz")
}

func (c *cli) askReady(cmd *cobra.Command, address string) error {
	request, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, address, nil)
	if err != nil {
		return usageError("--url: write a URL like http://127.0.0.1:8080")
	}
	response, err := (&http.Client{Timeout: connectMost}).Do(request)
	if err != nil {
		return exitError(ExitUnreachable, "the service at %s cannot be reached (%s)", request.URL.Host, app.ConnectionFailure(err))
	}
	defer response.Body.Close()
	var told struct {
		Ready  bool   `json:"ready"`
		Reason string `json:"reason"`
	}
	if err := json.NewDecoder(response.Body).Decode(&told); err != nil {
		return exitError(ExitUnreachable, "%s does not answer as the service does", request.URL.Host)
	}
	if response.StatusCode != http.StatusOK || !told.Ready {
		return exitError(ExitFailed, "not ready: %s", told.Reason)
	}
	c.stdout.Println("ready")
	return nil
}
