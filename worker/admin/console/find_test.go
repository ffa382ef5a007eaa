package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

func TestTheSearchShowsOneAtOnceAndListsSeveral(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2")
	if _, err := b.desk.Index.Put(t.Context(), organization, index.Entry{ID: "do_9", Number: "SO-9", Location: "loc_1", Status: "PENDING", Date: time.Now()}, ""); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		"so-0":    {"<h1>SO-0 "},
		"inc-1":   {"<h1>paris-warehouse "},
		"do_":     {`<a href="/orders/do_1?`, `<a href="/orders/do_2?`, "<code>do_9</code>"},
		"so-9":    {"<h1>Search</h1>", "SO-9", "<td>paris-warehouse</td>", "<td>no</td>"},
		"nowhere": {"There is no such delivery order in the index or under an incident."},
	} {
		status, page := b.get("/find?name=" + text)
		for _, part := range want {
			if status != http.StatusOK || !strings.Contains(page, part) {
				t.Errorf("%s: got %d, want %q in\n%s", text, status, part, page)
			}
		}
	}
}
