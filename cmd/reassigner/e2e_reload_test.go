package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/worker/api"
)

// TestSIGHUPReloadsAllPoliciesOrNone runs serve for two organizations with a policy each.
func TestSIGHUPReloadsAllPoliciesOrNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	policyOf := func(then string) string { return "version: 1\nrules: []\ndefault: " + then + "\n" }
	const nowhere = "http://127.0.0.1:1"
	write("reassigner.yaml", "redis: embedded\n"+freePorts+"\nhappycolis: {graphql_url: "+nowhere+"/graphql, token_url: "+nowhere+"/token}\n"+
		"organizations:\n  - {id: org_1, client_id: a, client_secret: \"${SECRET}\", policy: one.yaml}\n"+
		"  - {id: org_2, client_id: b, client_secret: \"${SECRET}\", policy: two.yaml}\nincident: {mode: automatic}\n")
	write("one.yaml", policyOf("leave"))
	write("two.yaml", policyOf("leave"))
	p := running(t, filepath.Join(dir, "reassigner.yaml"), "", []string{"SECRET=s3cret"})
	adminURL := "http://" + p.listens(t)["admin"]
	inForce := func() (rows []api.PolicyRow) {
		t.Helper()
		_, body := apptest.Fetch(t, adminURL+"/api/policies")
		if err := json.Unmarshal([]byte(body), &rows); err != nil || len(rows) != 2 {
			t.Fatalf("policies in force: %s, %v", body, err)
		}
		return rows
	}
	revisions := func() []string {
		rows := inForce()
		return []string{rows[0].Revision, rows[1].Revision}
	}
	hangUp := func() {
		t.Helper()
		if err := p.command.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}

	first := revisions()
	write("one.yaml", policyOf("needs_person"))
	write("two.yaml", policyOf("throw_away"))
	hangUp()
	apptest.Eventually(t, "the refusal is seen", func() bool {
		return slices.ContainsFunc(inForce(), func(r api.PolicyRow) bool { return r.Problem != "" })
	})
	if diff := cmp.Diff(first, revisions()); diff != "" {
		t.Errorf("revisions in force after one of two files was bad (-before +after):\n%s", diff)
	}
	if log := p.log.String(); !strings.Contains(log, "NOT reloaded") || !strings.Contains(log, "two.yaml:3:10: default must be") || !strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("nobody was told where the mistake is: %s", tail(log))
	}

	write("two.yaml", policyOf("needs_person"))
	hangUp()
	apptest.Eventually(t, "both files are in force", func() bool {
		now := revisions()
		return now[0] != first[0] && now[0] == now[1]
	})
	apptest.Eventually(t, "the problem is over", func() bool {
		return !slices.ContainsFunc(inForce(), func(r api.PolicyRow) bool { return r.Problem != "" })
	})
	if code := p.terminate(t); code != cli.ExitDone {
		t.Errorf("it ended with %d, want %d", code, cli.ExitDone)
	}
}
