package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
)

// connectMost is how long the service may take to begin an answer; a plan or an import may then take as long as it
// takes.
const connectMost = 5 * time.Second

// remote has the flags that say where the service is.
type remote struct {
	admin, config string
}

func (r *remote) flags(command *cobra.Command) {
	command.Flags().StringVar(&r.admin, "admin", "", "URL of the service's admin listener (or REASSIGNER_ADMIN)")
	command.Flags().StringVar(&r.config, "config", "", "configuration file to find the admin listener in (or REASSIGNER_CONFIG)")
}

// client calls a running service's admin API.
type client struct {
	base           string
	user, password string
	http           *http.Client
	noteZone       func(*time.Location) // the service says in which zone people read times
}

// configFile returns the configuration file: what the flag says, or else REASSIGNER_CONFIG.
func (c *cli) configFile(flag string) string {
	return cmp.Or(flag, config.TrimEnds(c.getenv("REASSIGNER_CONFIG")))
}

// api finds the service: --admin, or else admin.listen of --config, or else, with neither flag, REASSIGNER_ADMIN, then
// REASSIGNER_CONFIG, then the default address. It needs neither the rest of the configuration nor its secrets.
func (c *cli) api(r remote) (*client, error) {
	base, from := r.admin, "--admin"
	if base == "" && r.config == "" {
		base, from = config.TrimEnds(c.getenv("REASSIGNER_ADMIN")), "REASSIGNER_ADMIN"
	}
	if base == "" {
		address := "127.0.0.1:8081"
		if file := c.configFile(r.config); file != "" {
			var err error
			if address, err = c.peekAddress(file, address, "admin", "listen"); err != nil {
				return nil, err
			}
		}
		base = "http://" + address
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usageError("%s: write a URL like http://127.0.0.1:8081", from)
	}
	dialer := &net.Dialer{Timeout: connectMost}
	return &client{
		base: strings.TrimRight(base, "/"), user: config.TrimEnds(c.getenv("REASSIGNER_USER")), password: config.TrimEnds(c.getenv("REASSIGNER_PASSWORD")),
		http:     &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: connectMost}},
		noteZone: func(zone *time.Location) { c.zone = zone },
	}, nil
}

// localTime writes a time in the zone that the service is configured with; before it said so, in that of this machine.
func (c *cli) localTime(t time.Time) string {
	if c.zone == nil {
		return terminal.LocalTime(t)
	}
	return terminal.TimeIn(t, c.zone)
}

// peekAddress reads one listening address from a configuration, as it is reached from this machine.
func (c *cli) peekAddress(file, otherwise string, keys ...string) (string, error) {
	address, err := config.PeekAddress(file, c.getenv, otherwise, keys...)
	if err != nil {
		return "", &exit{ExitUsage, err}
	}
	return address, nil
}

// get reads one JSON value.
func (a *client) get(ctx context.Context, path string, query url.Values, into any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return a.ask(ctx, http.MethodGet, path, nil, func(body io.Reader) error { return json.NewDecoder(body).Decode(into) })
}

// post sends a JSON value and reads one.
func (a *client) post(ctx context.Context, path string, send, into any) error {
	body, err := json.Marshal(send)
	if err != nil {
		return exitError(ExitFailed, "encoding the request: %w", err)
	}
	return a.ask(ctx, http.MethodPost, path, body, func(body io.Reader) error { return json.NewDecoder(body).Decode(into) })
}

// ask sends one request and turns errors into exit codes.
func (a *client) ask(ctx context.Context, method, path string, body []byte, read func(io.Reader) error) error {
	request, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return exitError(ExitUsage, "asking the service: %w", err)
	}
	request.Header.Set(api.CSRFHeader, "1")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if a.user != "" {
		request.SetBasicAuth(a.user, a.password)
	}
	response, err := a.http.Do(request)
	if err != nil {
		return exitError(ExitUnreachable, "the service at %s cannot be reached (%s); is it running? name it with --admin or --config", a.base, app.ConnectionFailure(err))
	}
	defer response.Body.Close()
	if name := response.Header.Get(api.TimeZoneHeader); name != "" {
		if zone, err := time.LoadLocation(name); err == nil {
			a.noteZone(zone)
		}
	}
	if response.StatusCode != http.StatusOK {
		return a.refusal(response)
	}
	if err := read(response.Body); err != nil {
		var told *exit
		if errors.As(err, &told) {
			return err
		}
		return exitError(ExitFailed, "the answer of the service broke off: %w", err)
	}
	return nil
}

// refusal reads the {"error": ...} of an answer.
func (a *client) refusal(response *http.Response) error {
	const most = 64 << 10 // bytes of an error's text
	var told struct {
		Error string `json:"error"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, most)).Decode(&told); err != nil || told.Error == "" {
		told.Error = fmt.Sprintf("%s answers HTTP %d; is it the admin listener? name it with --admin or --config", a.base, response.StatusCode)
	}
	switch response.StatusCode {
	case http.StatusUnauthorized:
		return exitError(ExitUnreachable, "the service refuses the login: %s (REASSIGNER_USER, REASSIGNER_PASSWORD)", told.Error)
	case http.StatusForbidden:
		return exitError(ExitUnreachable, "the service refuses this to user %q (REASSIGNER_USER): %s", a.user, told.Error)
	default:
		return exitError(exitCode(response.StatusCode), "%s", told.Error)
	}
}

// exitCode is the exit code of a refusal.
func exitCode(status int) int {
	switch status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return ExitUnreachable
	case http.StatusNotFound, http.StatusConflict:
		return ExitRefused
	case http.StatusBadRequest:
		return ExitUsage
	default:
		return ExitFailed
	}
}

// streamArray reads a JSON array element by element.
func streamArray[T any](body io.Reader, each func(T) error) error {
	decoder := json.NewDecoder(body)
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		var row T
		if err := decoder.Decode(&row); err != nil {
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

// passJSON copies an answer to stdout once it is complete: half an array must not look complete.
func (c *cli) passJSON(ctx context.Context, a *client, path string, query url.Values) error {
	var whole json.RawMessage
	if err := a.get(ctx, path, query, &whole); err != nil {
		return err
	}
	return c.writeJSON(append(whole, '\n'))
}
