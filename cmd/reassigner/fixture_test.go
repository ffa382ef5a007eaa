package main

import (
	"log/slog"
	"testing"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
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
