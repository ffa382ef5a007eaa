package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/api"
)

// TestNoImportRunsUnrecordedAndNoneIsRecordedThatDidNot posts chunk after chunk, and reads what the audit log
// has of each.
func TestNoImportRunsUnrecordedAndNoneIsRecordedThatDidNot(t *testing.T) {
	t.Parallel()
	b := newFixture(t, ops, User{Name: "ann", Password: "ann-password", Role: Operator})
	b.desk.Organizations["org_2"] = &worker.Organization{ID: "org_2"}
	b.arrives("do_1", b.merchant.Locations[sandbox.Paris], b.merchant.Orders[0])
	list := func(from, to int) api.ImportRequest {
		return api.ImportRequest{Organization: organization, List: "digest", From: from, IDs: b.merchant.Orders[from:to]}
	}
	again := func(from, to int) api.ImportRequest {
		chunk := api.ImportRequest{Organization: organization, List: "digest", IDs: b.merchant.Orders[from:to]}
		for i := from; i < to; i++ {
			chunk.Again = append(chunk.Again, i)
		}
		return chunk
	}
	for _, c := range []struct {
		situation, user string
		chunk           api.ImportRequest
		status          int
		want            []string
	}{
		{"the first chunk of a list", "ops", list(0, 2), 200, []string{"ops list digest begun"}},
		{"the next one of the same", "ops", list(2, 3), 200, nil},
		{"somebody else goes on", "ann", list(3, 4), 200, []string{"ann list digest begun in the middle"}},
		{"from somewhere else", "ops", list(1, 2), 200, []string{"ops list digest begun in the middle"}},
		{"what failed before", "ops", again(0, 1), 200, []string{"ops list digest begun again, what failed"}},
		{"more of what failed", "ops", again(1, 2), 200, nil},
		{"a location, from a cursor", "ops", api.ImportRequest{Organization: organization, Location: "paris-warehouse", Cursor: "0"}, 200,
			[]string{"ops paris-warehouse begun in the middle"}},
		{"a location whose organization is clear", "ops", api.ImportRequest{Location: "paris-warehouse"}, 200, []string{"ops paris-warehouse begun"}},
		{"a location that is not there", "ops", api.ImportRequest{Organization: organization, Location: "nowhere"}, 404, nil},
		{"a list of nobody's", "ops", api.ImportRequest{List: "digest"}, 400, nil},
		{"too much at once", "ops", api.ImportRequest{Organization: organization, List: "digest", IDs: make([]string, maxChunk+1)}, 400, nil},
		{"from before the first line", "ops", api.ImportRequest{Organization: organization, List: "digest", From: -1}, 400, nil},
	} {
		before := len(b.audited())
		body, err := json.Marshal(c.chunk)
		b.must(err)
		if status, answer, _ := b.call(http.MethodPost, "/api/import", string(body), "user", c.user, api.CSRFHeader, "1"); status != c.status {
			t.Errorf("%s: got %d %s, want %d", c.situation, status, answer, c.status)
		}
		var got []string
		for _, e := range b.audited()[:len(b.audited())-before] {
			got = append(got, e.User+" "+e.Target+" "+e.Result)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: the audit log (-want +got):\n%s", c.situation, diff)
		}
	}
	if entries, err := b.desk.Journal.AuditEntries(context.Background(), "org_2", 10); err != nil || len(entries) > 0 {
		t.Errorf("the other organization has %+v, %v", entries, err)
	}
}
