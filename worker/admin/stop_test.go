package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

func TestStopShowsWhatIsUnderWayFirstAndIsAudited(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	inc := b.incident(journal.Draining)
	for id, become := range map[string]func(*journal.Reassignment){
		"do_1": func(*journal.Reassignment) {},
		"do_2": func(r *journal.Reassignment) { r.State, r.Replacement.ID = journal.Releasing, "draft" },
		"do_3": func(r *journal.Reassignment) {
			r.State, r.Replacement.ID, r.Release.IntendedAt = journal.ConfirmingRelease, "other", time.Now()
		},
	} {
		r := &journal.Reassignment{Identity: journal.Identity{Organization: organization, Incident: inc.ID, DeliveryOrder: id, FromID: "loc_1", OpenedAt: time.Now()}}
		if _, _, err := b.desk.Journal.Enroll(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		become(r)
		if err := b.desk.Journal.Save(t.Context(), r, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	status, answer := b.post("/api/incidents/inc-1/stop", `{"dry_run":true}`)
	var detail api.IncidentDetail
	if err := json.Unmarshal([]byte(answer), &detail); status != http.StatusOK || err != nil {
		t.Fatalf("got %d %s", status, answer)
	}
	u := detail.UnderWay
	if u.NotBegun != 1 || u.Prepared != 1 || u.Released != 1 || len(u.InDoubt) != 1 || u.InDoubt[0].DeliveryOrderID != "do_3" {
		t.Errorf("under way %+v, want one of each, do_3 in the air", u)
	}
	if detail.State != journal.Draining {
		t.Errorf("a dry run made it %s", detail.State)
	}
	if status, answer := b.post("/api/incidents/inc-1/stop", `{"reason":"the warehouse called"}`); status != http.StatusOK {
		t.Fatalf("got %d %s", status, answer)
	}
	now, err := b.desk.Journal.Incident(t.Context(), organization, inc.ID)
	if err != nil || now.State != journal.Stopped {
		t.Errorf("the incident is %s, %v, want stopped", now.State, err)
	}
	entries, err := b.desk.Journal.AuditEntries(t.Context(), organization, 10)
	if err != nil || len(entries) != 2 || entries[0].Verb != "incidents stop" || entries[0].Reason != "the warehouse called" || entries[0].Result != "done" {
		t.Errorf("audited %+v, %v, want the stop and its reason", entries, err)
	}
}

func TestALookAtAnIncidentCostsTheSameHoweverManyAreUnderWay(t *testing.T) {
	t.Parallel()
	const waiting, released = 700, maxInDoubt + 50
	b := newFixture(t)
	inc := b.incident(journal.Draining)
	for i := range waiting + released {
		r := &journal.Reassignment{Identity: journal.Identity{Organization: organization, Incident: inc.ID, DeliveryOrder: fmt.Sprintf("do_%d", i), FromID: "loc_1", OpenedAt: time.Now()}}
		if _, _, err := b.desk.Journal.Enroll(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if i < waiting {
			continue
		}
		r.State, r.Replacement.ID, r.Release.IntendedAt = journal.ConfirmingRelease, "draft", time.Now()
		if err := b.desk.Journal.Save(t.Context(), r, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	before := b.redis.CommandCount()
	status, answer, _ := b.call(http.MethodGet, "/api/incidents/inc-1", "")
	asked := b.redis.CommandCount() - before
	var detail api.IncidentDetail
	if err := json.Unmarshal([]byte(answer), &detail); status != http.StatusOK || err != nil {
		t.Fatalf("got %d %s", status, answer)
	}
	u := detail.UnderWay
	if u.NotBegun != waiting || u.Prepared != 0 || u.Released != released || len(u.InDoubt) != maxInDoubt {
		t.Errorf("%d not begun, %d prepared, %d released, %d of them listed; want %d, 0, %d, %d", u.NotBegun, u.Prepared, u.Released, len(u.InDoubt),
			waiting, released, maxInDoubt)
	}
	if most := 2*maxInDoubt + 30; asked > most {
		t.Errorf("Redis was asked %d times, want at most %d", asked, most)
	}
}

func TestStopAndUnblockAreRefusedWithAReasonWhereTheyDoNotApply(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Stopped)
	for _, c := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"/api/incidents/inc-1/stop", `{"reason":"x"}`, 409, `{"error":"incident inc-1 is stopped already"}`},
		{"/api/incidents/inc-1/stop", `{}`, 400, `{"error":"a reason is missing: say why, for the audit log"}`},
		{"/api/incidents/inc-9/unblock", `{"reason":"x"}`, 404, `{"error":"there is no incident \"inc-9\"; list them: reassigner incidents list"}`},
		{"/api/incidents/inc-1/unblock", `{"reason":"x"}`, 200, ""},
		{"/api/incidents/inc-1/unblock", `{"reason":"x"}`, 409,
			`{"error":"incident inc-1 is closed; nothing holds it that could be lifted"}`},
	} {
		status, answer := b.post(c.path, c.body)
		if status != c.status || c.want != "" && answer != c.want {
			t.Errorf("%s %s: got %d %s, want %d %s", c.path, c.body, status, answer, c.status, c.want)
		}
	}
}
