package console

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

func TestNoNameOnAPageHidesOrTurnsALineAround(t *testing.T) {
	t.Parallel()
	const forged = "SO-1\x1b[2J\u202e<b>\u2066\u200b\u009b\x7f"
	b := newFixture(t)
	b.incident(journal.Draining, "do_1")
	if err := b.desk.Index.PutLocation(t.Context(), organization, index.Location{ID: "loc_1", Slug: forged}); err != nil {
		t.Fatal(err)
	}
	r, err := b.desk.Journal.Get(t.Context(), organization, journal.ReassignmentID("inc-1", "do_1"))
	if err != nil {
		t.Fatal(err)
	}
	r.Identity.OrderNumber, r.Decision.To, r.Decision.ToID = forged, forged, "loc_2"
	r.Note(time.Now(), "went to "+forged)
	if _, err := b.desk.Journal.Finish(t.Context(), r, time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/incidents", "/incidents/inc-1", "/orders", "/orders/do_1", "/audit", "/confirm/retry?id=do_1", "/orders/no%E2%80%AEne"} {
		status, page := b.get(path)
		if status != http.StatusOK && status != http.StatusNotFound {
			t.Errorf("%s: got %d", path, status)
		}
		for _, c := range page {
			if !unicode.IsPrint(c) && !unicode.Is(unicode.Zs, c) && c != '\n' && c != '\t' {
				t.Errorf("%s: %U is on the page", path, c)
				break
			}
		}
		if strings.Contains(path, "do_1") && !strings.Contains(page, `SO-1\u001b[2J\u202e&lt;b&gt;`) {
			t.Errorf("%s does not show the number", path)
		}
	}
}
