package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/index"
)

func TestALocationIsEmptiedByHandAndClosed(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	const paris = "loc_1"
	must(t, b.desk.Index.PutLocation(t.Context(), organization, index.Location{ID: paris, Slug: "paris-warehouse"}))
	entry := index.Entry{ID: "do_1", Location: paris, Orders: []string{"order_1"}, Status: "PENDING", Date: time.Now()}
	_, err := b.desk.Index.Put(t.Context(), organization, entry, "")
	must(t, err)
	b.says("/", "/confirm/open?organization="+organization+"&amp;location="+paris)
	b.says("/confirm/open?organization="+organization+"&location="+paris, "First switch paris-warehouse off in HappyColis", "1 delivery order is known to be in flight there", "Nothing moves before its plan is approved")
	form := url.Values{"organization": {organization}, "location": {paris}, "reason": {"flood"}, "back": {"/"}}
	b.does("open", form, http.StatusOK, "Empty: done.")
	b.does("open", form, http.StatusConflict, "which local opened by hand: flood")
	if page := b.says("/"); strings.Contains(page, "/confirm/open?organization="+organization+"&amp;location="+paris) {
		t.Error("the overview offers to open a second incident of a location")
	}
	open, err := b.desk.Journal.OpenIncidents(t.Context(), organization)
	must(t, err)
	id := open[paris]
	b.says("/incidents/"+id, "An operator opened it", "local", "flood", "/confirm/close?incident="+id, "Make the plan")
	b.says("/confirm/close?incident="+id, "Nothing is under way.")
	form = url.Values{"incident": {id}, "reason": {"dry again"}, "back": {"/incidents/" + id}}
	b.does("close", form, http.StatusOK, "Close: done.")
	b.does("close", form, http.StatusConflict, "was closed by local")
	b.says("/incidents/"+id, "It is closing")
	if got := b.lastAudit(); got.Verb != "incidents close" || got.Reason != "dry again" {
		t.Errorf("recorded as %v", got)
	}
}
