package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// TestAConfirmPageCallsThingsByTheirNames asks before each kind of action.
func TestAConfirmPageCallsThingsByTheirNames(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1")
	if err := b.desk.Index.PutLocation(t.Context(), organization, index.Location{ID: "loc_7", Slug: "lyon-warehouse"}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/confirm/pause?organization=" + organization + "&location=loc_7":  `<p class="quiet">location lyon-warehouse</p>`,
		"/confirm/pause?location=loc_7":                                    `<p class="quiet">location lyon-warehouse</p>`,
		"/confirm/import?organization=" + organization + "&location=loc_7": `<p class="quiet">location lyon-warehouse</p>`,
		"/confirm/stop?incident=inc-1":                                     `<p class="quiet">paris-warehouse, incident inc-1</p>`,
		"/confirm/retry?id=do_1":                                           `<p class="quiet">order SO-0, delivery order do_1</p>`,
		"/confirm/leave?incident=inc-1&reason_code=cancel_unconfirmed":     `<p class="quiet">paris-warehouse, everything with the reason cancel_unconfirmed in incident inc-1</p>`,
		"/confirm/pause": `<p class="quiet">everything</p>`,
	} {
		if status, page := b.get(path); status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%s: got %d, want %q in\n%s", path, status, want, page)
		}
	}
}

func TestARefusedFormLeadsBackToWhereItCameFrom(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	for back, want := range map[string]string{"/incidents/inc-1": `href="/incidents/inc-1">Back</a>`, "https://elsewhere.example/": `href="/">Back</a>`} {
		status, page := b.submit("/actions/resume", url.Values{"reason": {"x"}, "back": {back}})
		if status != http.StatusConflict || !strings.Contains(page, want) {
			t.Errorf("back to %s: got %d, want %q in\n%s", back, status, want, page)
		}
	}
}

// TestTheIndexThatLacksOrdersSaysWhatHelps has the button, which reads again what is known, and what a list adds.
func TestTheIndexThatLacksOrdersSaysWhatHelps(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	inc := b.incident(journal.Draining, "do_1")
	inc.IndexIncomplete = true
	if err := b.desk.Journal.SaveIncident(t.Context(), inc, time.Now()); err != nil {
		t.Fatal(err)
	}
	_, page := b.get("/incidents/inc-1")
	for _, want := range []string{">Read again</a>", "reads anew, order by order, what the index knows to be here", "<code>reassigner import FILE</code>"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing in\n%s", want, page)
		}
	}
}
