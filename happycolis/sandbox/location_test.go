package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

// bodies are the bodies of the webhooks of one type that were received so far.
func (w *world) bodies(kind string) []map[string]any {
	w.pass(0)
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []map[string]any
	for _, h := range w.hooks {
		if h.Header.Type == kind {
			all = append(all, h.Body)
		}
	}
	return all
}

func TestASlugPassesToAnotherLocation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.MoveSlug("lyon", "lille", "lyon-old")
	named := func(slug string) any {
		r := w.ask(`{location(byName:{organizationId:"org-1",name:"` + slug + `"}){id}}`)
		v, _ := r.Data["location"].(map[string]any)
		return v["id"]
	}
	if named("lyon") != lille || named("lyon-old") != lyon || named("lille") != nil {
		t.Errorf("lyon is %v, lyon-old %v, lille %v", named("lyon"), named("lyon-old"), named("lille"))
	}
	var told []string
	for _, b := range w.bodies("location/updated") {
		told = append(told, fmt.Sprint(b["id"], " ", b["name"]))
	}
	if diff := cmp.Diff([]string{lyon + " lyon-old", lille + " lyon"}, told); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"rename", `{"location":"paris","slug":"lyon"}`, 400}, {"rename", `{"location":"paris","slug":"paris-south"}`, 200},
		{"move-slug", `{"location":"lyon","to":"paris-south","slug":"lille"}`, 200},
	} {
		if status, raw := w.command("POST", c.path, c.body); status != c.status {
			t.Errorf("%s %s = %d %s, want %d", c.path, c.body, status, raw, c.status)
		}
	}
	if named("lyon") != paris || named("lille") != lille {
		t.Errorf("lyon is %v, lille %v", named("lyon"), named("lille"))
	}
}

func TestAnIntegrationReadsActiveForAWhile(t *testing.T) {
	t.Parallel()
	state := func(w *world) string { return w.Books().Locations[0].IntegrationState }
	for _, announced := range []bool{false, true} {
		w := newWorld(t)
		w.pending("d1")
		w.Break("paris")
		w.heard()
		w.RecoverBriefly("paris", 5*time.Second, announced)
		if got := state(w); got != sandbox.IntegrationActive {
			t.Errorf("at once: %s", got)
		}
		w.pass(5 * time.Second)
		if got := state(w); got != sandbox.IntegrationError {
			t.Errorf("after it: %s", got)
		}
		heard := strings.Join(w.heard(), " ")
		if strings.Contains(heard, "integration/accepted") != announced || strings.Contains(heard, "integration/errored") != announced {
			t.Errorf("announced %v: heard %s", announced, heard)
		}
	}
	w := newWorld(t)
	w.Break("paris")
	if status, raw := w.command("POST", "blip", `{"location":"paris","lasts":"5s"}`); status != 200 {
		t.Errorf("%d %s", status, raw)
	}
	w.Recover("paris", false)
	w.pass(time.Minute)
	if got := state(w); got != sandbox.IntegrationActive {
		t.Errorf("recovered meanwhile: %s", got)
	}
	if status, _ := w.command("POST", "blip", `{"location":"paris","lasts":"a while"}`); status != 400 {
		t.Errorf("a blip of a while = %d, want 400", status)
	}
}

func TestALocationTakesRequestsFromADateOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.created(lyon)
	w.open(id)
	body := `{"location":"lyon","at":"` + w.clock().Add(time.Hour).Format(time.RFC3339) + `"}`
	if status, raw := w.command("POST", "accepts-from", body); status != 200 {
		t.Fatalf("%d %s", status, raw)
	}
	if got := w.request(id); got != "error" {
		t.Errorf("request before the date = %s, want error", got)
	}
	if told := w.bodies("location/updated"); len(told) != 1 || told[0]["acceptFulfillmentAt"] != "2026-05-17T15:00:00.000Z" {
		t.Errorf("webhooks %v", told)
	}
	w.SetAcceptsFrom("lyon", time.Time{})
	if got := w.request(id); got != "success" {
		t.Errorf("request after it was lifted = %s, want success", got)
	}
}

func TestAWebhookTellsTheStateOfItsType(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Announce("location/fulfillment_service_integration/errored", "paris")
	if told := w.bodies("location/fulfillment_service_integration/errored"); len(told) != 1 || told[0]["state"] != sandbox.IntegrationError {
		t.Errorf("webhooks %v, want one that says ERROR", told)
	}
}
