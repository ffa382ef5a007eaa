package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

func TestATimeWithinATextIsShownInTheReadersZone(t *testing.T) {
	t.Parallel()
	const moment = `<time datetime="2026-05-18T06:00:00Z" data-when>18 May 2026, 06:00:00 UTC</time>`
	if got, want := string(proseHTML("<b>until 2026-05-18T06:00:00Z</b>")), "&lt;b&gt;until "+moment+"&lt;/b&gt;"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	b := newFixture(t)
	inc := b.incident(journal.Draining, "do_1")
	inc.Note(time.Now(), "opened; the location is read again at 2026-05-18T06:00:00Z", "")
	must(t, b.desk.Journal.SaveIncident(t.Context(), inc, time.Now()))
	if status, page := b.get("/incidents/inc-1"); status != http.StatusOK || !strings.Contains(page, "is read again at "+moment) {
		t.Errorf("got %d\n%s", status, page)
	}
}
