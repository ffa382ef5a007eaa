package sandbox_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

// TestEachCommandHasAnExampleThatWorks sends them in their order to a platform with a merchant, as somebody who copies them.
func TestEachCommandHasAnExampleThatWorks(t *testing.T) {
	t.Parallel()
	p := sandbox.New(sandbox.Options{})
	w := &world{Platform: p, t: t}
	p.AddOrganization(sandbox.Organization{ID: "org_1", ClientID: "c", ClientSecret: "s"})
	merchant := sandbox.Seed(p, sandbox.SeedOptions{Organization: "org_1", Orders: 5, Seed: 1})
	draft := ""
	for _, d := range p.Books().DeliveryOrders {
		if d.Status == sandbox.Draft {
			draft = d.ID
		}
	}
	if draft == "" || len(merchant.InFlight) == 0 {
		t.Fatal("there is no DRAFT")
	}
	fill := strings.NewReplacer("ORGANIZATION", "org_1", "DELIVERY_ORDER", draft)
	for _, c := range sandbox.Commands() {
		status, answer := w.command(c.Method, strings.TrimPrefix(c.Path, "/sandbox/"), fill.Replace(c.Example))
		if status != http.StatusOK || c.Does == "" || (c.Method == http.MethodPost) != (c.Example != "") {
			t.Errorf("%s %s %s: got %d %s", c.Method, c.Path, c.Example, status, answer)
		}
	}
	_, answer := w.command(http.MethodGet, "", "")
	var listed []sandbox.Command
	if err := json.Unmarshal([]byte(answer), &listed); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sandbox.Commands(), listed); diff != "" {
		t.Errorf("GET /sandbox/ (-want +got):\n%s", diff)
	}
}

// TestEveryCommandIsListed reads the paths that the control surface knows.
func TestEveryCommandIsListed(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("control.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, m := range regexp.MustCompile(`"(?:(?:GET|POST|DELETE) )?(/sandbox/[a-z-]*)"`).FindAllStringSubmatch(string(source), -1) {
		known[m[1]] = true
	}
	for path := range known {
		if !slices.ContainsFunc(sandbox.Commands(), func(c sandbox.Command) bool { return c.Path == path }) {
			t.Errorf("%s is not among Commands", path)
		}
	}
	if len(known) < 20 {
		t.Errorf("only %d paths were found", len(known))
	}
}
