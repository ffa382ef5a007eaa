package main

import (
	"encoding/json"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/journal"
)

// playTwoOrganizations gives the second the client secret that is not in force yet, and the present one as the
// previous: its webhooks verify, its calls are refused.
func playTwoOrganizations(t *testing.T, s store) {
	const other = "other-organization"
	o := demo.SandboxOrganization(other)
	w := newTrial(t, s, func(c *config.Config) {
		wrong := trialOrganization(o)
		wrong.Credentials.ClientSecret, wrong.Signing, wrong.Previous = "not-in-force", "not-in-force", wrong.Signing
		c.Organizations = append(c.Organizations, wrong)
	})
	w.platform.AddOrganization(o)
	w.subscribe(other, w.receiver)
	w.platform.AddLocation(sandbox.Location{ID: "loc-other", Organization: other, Slug: "other-warehouse", Active: true})
	w.seed(trialOrders)
	w.heard(other)
	w.platform.Break("other-warehouse")
	w.platform.Break(sandbox.Paris)
	rows := w.rested(len(w.merchant.InFlight))
	w.holds()
	w.moved(rows)
	if got := outcomes(rows)["reassigned"]; got == 0 {
		t.Error("nothing was reassigned")
	}
	w.incident(other, journal.Settling)
	if got := complained(t, w.log.String()); len(got) != 1 || got[0] != other {
		t.Errorf("refused credentials are told of %q, want once of %s", got, other)
	}
	if got := w.platform.Books().Requests["token"]; got > 3 {
		t.Errorf("tokens were asked for %d times, want one for each organization and hardly more", got)
	}
}

// complained lists the organizations of whose credentials a log says that they are refused.
func complained(t *testing.T, log string) []string {
	t.Helper()
	var organizations []string
	for line := range strings.Lines(log) {
		var entry struct{ Level, Msg, Organization string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%q is no line of the log: %v", line, err)
		}
		if entry.Level == "ERROR" && strings.Contains(entry.Msg, "refuses the credentials") {
			organizations = append(organizations, entry.Organization)
		}
	}
	return organizations
}
