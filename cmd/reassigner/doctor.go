package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"
)

func (c *cli) doctor() *cobra.Command {
	var quick bool
	var file, at string
	command := &cobra.Command{
		Use: "doctor --quick", Short: "Ask the service on this machine whether it is ready", Args: cobra.NoArgs,
		Long: "Ask the service on this machine whether it is ready: 0 it is, 1 it is not and says why, 4 it does not answer.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !quick {
				return misused("%s without --quick is not built yet", cmd.CommandPath())
			}
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
		},
	}
	command.Flags().BoolVar(&quick, "quick", false, "ask /readyz only")
	command.Flags().StringVar(&file, "config", "", "configuration file to find the listener in")
	command.Flags().StringVar(&at, "url", "", "URL of the service's public listener")
	return command
}

func (c *cli) askReady(cmd *cobra.Command, address string) error {
	request, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, address, nil)
	if err != nil {
		return misused("--url: write a URL like http://127.0.0.1:8080")
	}
	response, err := (&http.Client{Timeout: connectMost}).Do(request)
	if err != nil {
		return ended(exitUnreachable, "the service at %s cannot be reached (%s)", request.URL.Host, transportReason(err))
	}
	defer response.Body.Close()
	var told struct {
		Ready  bool   `json:"ready"`
		Reason string `json:"reason"`
	}
	if err := json.NewDecoder(response.Body).Decode(&told); err != nil {
		return ended(exitUnreachable, "%s does not answer as the service does", request.URL.Host)
	}
	if response.StatusCode != http.StatusOK || !told.Ready {
		return ended(exitFailed, "not ready: %s", told.Reason)
	}
	fmt.Fprintln(c.stdout, "ready")
	return nil
}
