package admin

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/api"
)

// faulty is a platform whose gateway spoils answers.
type faulty struct {
	http.RoundTripper

	mu     sync.Mutex
	status int            // of the spoilt answers
	body   string         // of them
	times  map[string]int // how often an answer about an id is spoilt
	asked  map[string]int
}

func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, times := range f.times {
		if !strings.Contains(string(body), `"`+id+`"`) {
			continue
		}
		if f.asked[id]++; f.asked[id] <= times {
			return &http.Response{StatusCode: f.status, Header: http.Header{"Content-Type": {"application/json"}},
				Body: io.NopCloser(strings.NewReader(f.body)), Request: r}, nil
		}
	}
	return f.RoundTripper.RoundTrip(r)
}

// spoilt lets the platform of a bench spoil answers about some ids.
func (b *fixture) spoilt(status int, body string, times map[string]int) *faulty {
	f := &faulty{RoundTripper: b.platform.Transport(), status: status, body: body, times: times, asked: map[string]int{}}
	client := happycolis.New(happycolis.Options{GraphQLURL: "http://platform/graphql", Transport: f})
	b.desk.Organizations[organization].ForBackground = client.Account(happycolis.Credentials{Organization: organization, IntegrationToken: "token-" + organization}, happycolis.ClassBackground)
	return f
}

func (b *fixture) imports(chunk api.ImportRequest) (status int, got api.ImportResult) {
	b.t.Helper()
	body, err := json.Marshal(chunk)
	b.must(err)
	status, answer := b.post("/api/import", string(body))
	if status == http.StatusOK {
		b.must(json.Unmarshal([]byte(answer), &got))
	}
	return status, got
}

// gatewayError is how a federated gateway answers with HTTP 200.
func gatewayError(code string) string {
	return `{"data":null,"errors":[{"message":"x","path":["deliveryOrders"],"extensions":{"code":"` + code + `"}}]}`
}

const always = 1 << 30

func TestAnImportWaitsOutWhatPasses(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		status int
		body   string
	}{
		"a gateway's timeout in 200":        {200, gatewayError("GATEWAY_TIMEOUT")},
		"a limit in 200":                    {200, gatewayError("REQUEST_RATE_LIMITED")},
		"an error in 200 that nobody lists": {200, gatewayError("SUBGRAPH_IS_TIRED")},
		"an error in 200 without a code":    {200, `{"data":null,"errors":[{"message":"x"}]}`},
		"an internal error in 200":          {200, gatewayError("INTERNAL_SERVER_ERROR")},
		"null where data was due":           {200, `{"data":{"deliveryOrders":null}}`},
		"a page of a proxy":                 {200, "<html>just a moment</html>"},
		"HTTP 500":                          {500, ""}, "HTTP 502": {502, "<html></html>"}, "HTTP 503": {503, ""}, "HTTP 504": {504, ""},
		"HTTP 429": {429, ""},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			orders := b.merchant.Orders
			f := b.spoilt(c.status, c.body, map[string]int{orders[1]: 2})
			status, got := b.imports(api.ImportRequest{List: "digest", IDs: orders, Finish: true})
			if status != http.StatusOK || !got.Whole || got.DeliveryOrders != len(orders) || len(got.Failed)+len(got.Skipped) > 0 {
				t.Errorf("got %d %+v, want every line imported", status, got)
			}
			if f.asked[orders[1]] != 3 {
				t.Errorf("asked %d times, want until it was answered", f.asked[orders[1]])
			}
		})
	}
}

func TestWhatStaysWrongIsToldAsFailedAndAskedForAgain(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	orders := b.merchant.Orders
	f := b.spoilt(200, gatewayError("GATEWAY_TIMEOUT"), map[string]int{orders[1]: always, orders[3]: always})
	status, got := b.imports(api.ImportRequest{List: "digest", IDs: orders, Finish: true})
	why := "deliveryOrders for organization " + organization + ": server (code GATEWAY_TIMEOUT)"
	want := api.ImportResult{Done: 5, DeliveryOrders: 3, Skipped: []api.SkippedOrder{}, Failed: []api.FailedOrder{{ID: orders[1], Kind: "server", Why: why}, {ID: orders[3], Kind: "server", Why: why}}}
	if diff := cmp.Diff(want, got); status != http.StatusOK || diff != "" {
		t.Errorf("got %d (-want +got):\n%s", status, diff)
	}
	if f.asked[orders[1]] != 1+maxRepeats {
		t.Errorf("asked %d times, want %d", f.asked[orders[1]], 1+maxRepeats)
	}
	b.remembers([]int{1, 3})

	f.mu.Lock()
	f.times = map[string]int{orders[3]: always}
	f.mu.Unlock()
	if _, got = b.imports(api.ImportRequest{List: "digest", IDs: []string{orders[1], orders[3]}, Again: []int{1, 3}, Finish: true}); got.DeliveryOrders != 1 || got.Whole || got.Done != 5 || len(got.Failed) != 1 {
		t.Errorf("once one is readable: got %+v", got)
	}
	b.remembers([]int{3})
	b.spoilt(200, "", nil)
	if _, got = b.imports(api.ImportRequest{List: "digest", IDs: []string{orders[3]}, Again: []int{3}, Finish: true}); got.DeliveryOrders != 1 || !got.Whole {
		t.Errorf("once all are readable: got %+v, want the list imported whole", got)
	}
	b.remembers([]int{})
	if age, err := b.desk.Index.Coverage(t.Context(), organization); err != nil || age.Imported.IsZero() {
		t.Errorf("the index counts as incomplete: %+v, %v", age, err)
	}

	b.spoilt(200, gatewayError("GATEWAY_TIMEOUT"), map[string]int{orders[0]: always})
	b.imports(api.ImportRequest{List: "digest", IDs: orders[:2]})
	b.remembers([]int{0})
	b.spoilt(200, "", nil)
	b.imports(api.ImportRequest{List: "digest", IDs: orders[:2]}) // from its first line again: what failed before is forgotten
	b.remembers([]int{})
}

func (b *fixture) remembers(want []int) {
	b.t.Helper()
	_, answer, _ := b.call(http.MethodGet, "/api/import?list=digest", "")
	var got api.ImportResult
	b.must(json.Unmarshal([]byte(answer), &got))
	if diff := cmp.Diff(want, append([]int{}, got.Again...)); diff != "" {
		b.t.Errorf("lines to ask for again (-want +got):\n%s", diff)
	}
}

func TestARefusalIsSkippedAndNotTriedAgain(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		status     int
		body, kind string
	}{
		"an id that is none": {200, gatewayError("BAD_USER_INPUT"), "refused"},
		"HTTP 400":           {400, "", "invalid"},
	} {
		b := newFixture(t)
		f := b.spoilt(c.status, c.body, map[string]int{"not-an-id": always})
		_, got := b.imports(api.ImportRequest{List: "digest", IDs: []string{"not-an-id", b.merchant.Orders[0]}})
		if diff := cmp.Diff([]api.SkippedOrder{{ID: "not-an-id", Kind: c.kind}}, got.Skipped); diff != "" || len(got.Failed) > 0 || f.asked["not-an-id"] != 1 {
			t.Errorf("%s: asked %d times, got %+v", what, f.asked["not-an-id"], got)
		}
	}
}

func TestAnImportBreaksOffWhereThePlatformIsAway(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	ids, times := make([]string, 40), map[string]int{}
	for i := range ids {
		ids[i] = "away-" + strings.Repeat("x", i+1)
		times[ids[i]] = always
	}
	f := b.spoilt(503, "", times)
	if status, got := b.imports(api.ImportRequest{List: "digest", IDs: ids}); status != http.StatusBadGateway {
		t.Errorf("got %d %+v, want %d", status, got, http.StatusBadGateway)
	}
	if n := len(f.asked); n < minOutage || n >= minOutage+chunkAtOnce {
		t.Errorf("%d of %d lines were asked for, want little more than %d", n, len(ids), minOutage)
	}
	b.remembers([]int{})
	if done, err := b.desk.Index.ImportProgress(t.Context(), organization, "digest"); err != nil || done != 0 {
		t.Errorf("%d lines count as done, %v", done, err)
	}
}

func TestALocationIsRepairedButForWhatFails(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	paris := b.merchant.Locations["paris-warehouse"]
	b.arrives("do_1", paris, b.merchant.Orders[0])
	b.arrives("do_2", paris, b.merchant.Orders[1])
	b.spoilt(502, "", map[string]int{b.merchant.Orders[0]: always})
	status, got := b.imports(api.ImportRequest{Location: "paris-warehouse"})
	if status != http.StatusOK || len(got.Failed) != 1 || got.Failed[0].ID != b.merchant.Orders[0] || got.DeliveryOrders != 1 {
		t.Errorf("got %d %+v", status, got)
	}
}

func TestAnImportTakesNoIDThatIsNone(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	for id, want := range map[string]string{"": "blank", "a\x00b": "U+0000", strings.Repeat("x", 600): "600 characters"} {
		body, err := json.Marshal(api.ImportRequest{List: "digest", IDs: []string{b.merchant.Orders[0], id}})
		b.must(err)
		if status, answer := b.post("/api/import", string(body)); status != http.StatusBadRequest || !strings.Contains(answer, "id 2 of the request: ") || !strings.Contains(answer, want) {
			t.Errorf("%.10q: got %d %s", id, status, answer)
		}
	}
	if _, got := b.imports(api.ImportRequest{List: "digest", IDs: []string{"\ufeff" + b.merchant.Orders[0] + "\u00a0\r"}}); got.DeliveryOrders != 1 {
		t.Errorf("an id with what nobody sees around it: got %+v", got)
	}
	for _, again := range [][]int{{1}, {0, -1}} {
		if status, _ := b.imports(api.ImportRequest{List: "digest", IDs: b.merchant.Orders[:2], Again: again}); status != http.StatusBadRequest {
			t.Errorf("again %v: got %d", again, status)
		}
	}
}

func TestAPlanThatBreaksOffSaysWhy(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	paris := b.merchant.Locations["paris-warehouse"]
	b.arrives("do_1", paris, "order_1")
	b.arrives("do_2", paris, "order_2")
	b.spoilt(http.StatusUnauthorized, "", map[string]int{"do_2": always})
	status, answer, _ := b.call(http.MethodGet, "/api/plan?location=paris-warehouse&outlook=1", "")
	var got struct {
		Rows    []api.PlanRow
		Outlook []any
		Broken  *api.BrokenAnswer
	}
	if err := json.Unmarshal([]byte(answer), &got); err != nil || status != http.StatusOK || len(got.Rows) != 1 || got.Outlook != nil {
		t.Fatalf("got %d %s, %v; want the row of do_1 and why there are no more", status, answer, err)
	}
	if got.Broken == nil || got.Broken.Status != http.StatusBadGateway || !strings.Contains(got.Broken.Error, "the platform did not do its part") {
		t.Errorf("got %s", answer)
	}
}
