package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/api"
)

// startApp starts a worker that is stopped with the test.
func startApp(t *testing.T, cfg *config.Config, roles []string, log *slog.Logger) *app.App {
	t.Helper()
	a, err := app.New(cfg, roles, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Stop)
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

// outcome is what a run of the program came to.
type outcome struct {
	code           int
	stdout, stderr string
}

func runVerb(t *testing.T, getenv func(string) string, args ...string) outcome {
	t.Helper()
	return runIn(t.Context(), getenv, args...)
}

func runIn(ctx context.Context, getenv func(string) string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	code := cli.Run(ctx, args, getenv, strings.NewReader(""), &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// asker asks the API of a running worker, as a program does that is not ours.
type asker struct{ base, user, password string }

func (a *asker) get(ctx context.Context, path string, into any) error {
	return a.ask(ctx, http.MethodGet, path, http.NoBody, into)
}

func (a *asker) ask(ctx context.Context, method, path string, body io.Reader, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, a.base+path, body)
	if err != nil {
		return err
	}
	request.Header.Set(api.CSRFHeader, "1")
	request.Header.Set("Content-Type", "application/json")
	if a.user != "" {
		request.SetBasicAuth(a.user, a.password)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers HTTP %d", path, response.StatusCode)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
