package cli

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/api"
)

// answers lets the service say of each id what it is told; the others are found.
func answers(skipped, failed []string) func(api.ImportRequest) (int, any) {
	return func(chunk api.ImportRequest) (int, any) {
		got := api.ImportResult{Done: chunk.From + len(chunk.IDs), Skipped: []api.SkippedOrder{}}
		for _, id := range chunk.IDs {
			switch {
			case slices.Contains(skipped, id):
				got.Skipped = append(got.Skipped, api.SkippedOrder{ID: id, Kind: "not_found"})
			case slices.Contains(failed, id):
				got.Failed = append(got.Failed, api.FailedOrder{ID: id, Kind: "server", Why: "server (HTTP 500)"})
			default:
				got.DeliveryOrders++
			}
		}
		return http.StatusOK, got
	}
}

// numbered are the lines #1 to #n.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "#%d\n", i+1)
	}
	return b.String()
}

func TestAnImportSaysWhatBecameOfEachLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, text      string
		args            []string
		skipped, failed []string
		empty           bool // the orders are there, without delivery orders
		code            int
		stdout, stderr  string
	}{
		{what: "some skipped", text: "#1\n\n#2\u00a0b\n#3\n", skipped: []string{"#1", "#2\u00a0b"}, code: ExitDone,
			stdout: "1 of 3 lines imported: 1 delivery order; 2 skipped, 0 failed.\n",
			stderr: "2 lines skipped, since the platform does not show them:\n  line 1: #1 (not_found)\n  line 3: \"#2\\u00a0b\" (not_found)\n" +
				"Lines were skipped, so the index still counts as incomplete; take them out of the list, or mend them, and import it again.\n"},
		{what: "some failed", text: "#1\n#2\n#3\n", skipped: []string{"#1"}, failed: []string{"#3"}, code: ExitFailed,
			stdout: "1 of 3 lines imported: 1 delivery order; 1 skipped, 1 failed.\n",
			stderr: "1 line skipped, since the platform does not show them:\n  line 1: #1 (not_found)\n1 line failed, after several tries:\n" +
				"  line 3: #3 (server (HTTP 500))\n1 line is not imported; run it again: it asks for these only\n"},
		{what: "none there, by id", text: "#1\n#2\n", skipped: []string{"#1", "#2"}, code: ExitFailed,
			stdout: "0 of 2 lines imported: 0 delivery orders; 2 skipped, 0 failed.\n",
			stderr: "2 lines skipped, since the platform does not show them:\n  line 1: #1 (not_found)\n  line 2: #2 (not_found)\n" +
				"the platform shows none of them. Are they order ids? Numbers and names that a shop gives its orders want --third-party-app ID\n"},
		{what: "none with a delivery order", text: "#1\n#2\n", empty: true, code: ExitFailed,
			stdout: "2 lines imported: 0 delivery orders.\n",
			stderr: "none of them has a delivery order. Are they order ids? A number or a name that a shop gives its orders is no id: it wants --third-party-app ID\n"},
		{what: "none there, by reference", text: "#1\n", args: []string{"--third-party-app", "shop"}, skipped: []string{"#1"}, code: ExitFailed,
			stdout: "0 of 1 line imported: 0 delivery orders; 1 skipped, 0 failed.\n",
			stderr: "1 line skipped, since the platform does not show them:\n  line 1: #1 (not_found)\nthe platform shows none of them. " +
				"Does it know the orders of the third-party application shop by these references? Order ids go without --third-party-app\n"},
	} {
		s := &importService{t: t, answer: answers(c.skipped, c.failed)}
		if c.empty {
			s.answer = func(chunk api.ImportRequest) (int, any) {
				return http.StatusOK, api.ImportResult{Done: len(chunk.IDs), Whole: true}
			}
		}
		got := s.run(append([]string{savedAs(t, "names.txt", c.text)}, c.args...)...)
		if diff := cmp.Diff(outcome{c.code, c.stdout, c.stderr}, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}

func TestAnImportRunAgainAsksOnlyForWhatFailed(t *testing.T) {
	t.Parallel()
	s := &importService{t: t, done: api.ImportResult{Done: 5, Again: []int{1, 3}}, answer: answers(nil, nil)}
	got := s.run(savedAs(t, "names.txt", numbered(5)))
	if got.code != ExitDone || got.stderr != "3 of 5 lines were imported before; asking for 2 lines that failed again.\n"+
		"Lines were skipped, so the index still counts as incomplete; take them out of the list, or mend them, and import it again.\n" ||
		got.stdout != "2 lines imported: 2 delivery orders.\n" {
		t.Errorf("got %d %q %q", got.code, got.stdout, got.stderr)
	}
	if len(s.asked) != 1 || !slices.Equal(s.asked[0].IDs, []string{"#2", "#4"}) || !slices.Equal(s.asked[0].Again, []int{1, 3}) || !s.asked[0].Finish {
		t.Errorf("asked %+v", s.asked)
	}

	s = &importService{t: t, done: api.ImportResult{Done: 3, Again: []int{0}}, answer: answers(nil, []string{"#1"})}
	if got = s.run(savedAs(t, "names.txt", numbered(5))); got.code != ExitFailed || got.stdout != "2 of 3 lines imported: 2 delivery orders; 0 skipped, 1 failed.\n" {
		t.Errorf("one that broke off, with a line that failed: got %d %q %q", got.code, got.stdout, got.stderr)
	}
	if len(s.asked) != 2 || s.asked[0].From != 3 || len(s.asked[0].Again) > 0 || !slices.Equal(s.asked[1].Again, []int{0}) {
		t.Errorf("asked %+v", s.asked)
	}
}

func TestOneLineThatIsNotThereSpoilsNoImportThatWentOn(t *testing.T) {
	t.Parallel()
	s := &importService{t: t, done: api.ImportResult{Done: 5, Again: []int{1}}, answer: answers([]string{"#2"}, nil)}
	got := s.run(savedAs(t, "names.txt", numbered(5)))
	if got.code != ExitDone || got.stdout != "0 of 1 line imported: 0 delivery orders; 1 skipped, 0 failed.\n" {
		t.Errorf("got %d %q %q", got.code, got.stdout, got.stderr)
	}
}

func TestAnImportBreaksOffWhereLineAfterLineFails(t *testing.T) {
	t.Parallel()
	lines := numbered(10 * importChunk)
	s := &importService{t: t, answer: answers(nil, strings.Fields(lines))}
	got := s.run(savedAs(t, "names.txt", lines))
	if got.code != ExitFailed || len(s.asked) != failingMost/importChunk ||
		!strings.HasSuffix(got.stderr, "60 lines failed one after the other, so the import broke off after 60 of 200; run it again to go on\n") {
		t.Errorf("asked %d times, got %d %q", len(s.asked), got.code, got.stderr)
	}
	s = &importService{t: t, answer: func(chunk api.ImportRequest) (int, any) {
		if chunk.From > 0 {
			return http.StatusBadGateway, map[string]string{"error": "the platform did not do its part"}
		}
		return answers([]string{"#7"}, nil)(chunk)
	}}
	if got = s.run(savedAs(t, "names.txt", lines)); got.code != ExitFailed || !strings.Contains(got.stderr, "  line 7: #7 (not_found)\n") ||
		!strings.HasSuffix(got.stderr, "the platform did not do its part\n20 of 200 lines are done; run it again to go on\n") ||
		got.stdout != "19 of 20 lines imported: 19 delivery orders; 1 skipped, 0 failed.\n" {
		t.Errorf("where the platform goes away: got %d %q %q", got.code, got.stdout, got.stderr)
	}
}

func TestARepairOfALocationTellsWhatFailed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page   api.ImportResult
		code   int
		stdout string
		stderr string
	}{
		{api.ImportResult{Done: 2, DeliveryOrders: 3}, ExitDone, "3 delivery orders of 2 orders read again.\n", ""},
		{api.ImportResult{Done: 2, DeliveryOrders: 1, Failed: []api.FailedOrder{{ID: "ord_1", Why: "server (HTTP 500)"}}}, ExitFailed, "1 delivery order of 1 order read again.\n",
			"1 line failed, after several tries:\n  ord_1 (server (HTTP 500))\n1 order could not be read; run it again\n"},
		{api.ImportResult{Done: 1, Skipped: []api.SkippedOrder{{ID: "ord_1", Kind: "not_found"}}}, ExitFailed, "0 delivery orders of 0 orders read again.\n",
			"1 line skipped, since the platform does not show them:\n  ord_1 (not_found)\nthe platform shows none of the orders whose delivery orders are known to be in flight there\n"},
	} {
		s := &importService{t: t, answer: func(api.ImportRequest) (int, any) { return http.StatusOK, c.page }}
		if diff := cmp.Diff(outcome{c.code, c.stdout, c.stderr}, s.run("--location", "paris"), cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.page, diff)
		}
	}
}

// TestAnImportByReferenceWaitsOutAFault is the whole way: a file as a spreadsheet saves it, the service, the platform.
func TestAnImportByReferenceWaitsOutAFault(t *testing.T) {
	t.Parallel()
	s, err := demo.Open(demo.Options{Seed: 1, Cancel: "sync", Fallback: "accepts"}, apptest.Quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	demo.AddOrganization(s.Platform, demo.Organization)
	s.Platform.AddLocation(sandbox.Location{ID: "loc_1", Organization: demo.Organization, Slug: "paris-warehouse", Active: true})
	numbers := []string{"#1001", "#1002"}
	for _, number := range numbers {
		s.Platform.AddOrder(sandbox.Order{ID: "ord_" + number, Organization: demo.Organization, ExternalReference: number, Lines: []sandbox.OrderLine{{SKU: "MUG", Quantity: 1}}})
		s.Platform.AddDeliveryOrder(sandbox.DeliveryOrder{Orders: []string{"ord_" + number}, Location: "loc_1", Status: sandbox.Pending,
			Lines: []sandbox.Line{{SKU: "MUG", Quantity: 1}}})
	}
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500, Operation: "orderByReference", Count: 1})
	s.Platform.AddFault(sandbox.Fault{Kind: sandbox.DropBefore, Operation: "deliveryOrders", Count: 1})
	file := savedAs(t, "orders.csv", asUTF16(strings.Join(numbers, "\r\n")))
	got := runVerb(t, apptest.Environment(), "import", file, "--third-party-app", "shop", "--admin", "http://"+s.App.AdminAddress().String())
	if got.code != ExitDone || got.stdout != "2 lines imported: 2 delivery orders.\n" || got.stderr != "" {
		t.Errorf("got %d %q %q", got.code, got.stdout, got.stderr)
	}
}
