package console

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

// listen opens the stream; what it says comes line by line, and the channel is closed where it ends.
func (b *fixture) listen(ctx context.Context) (int, <-chan string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.server.URL+"/live", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = response.Body.Close() })
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(response.Body); scan.Scan(); {
			if scan.Text() != "" {
				lines <- scan.Text()
			}
		}
	}()
	return response.StatusCode, lines
}

// hears waits until a line is said; false if the stream ends first.
func hears(t *testing.T, lines <-chan string, want string) bool {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case line, open := <-lines:
			if !open || strings.HasPrefix(line, want) {
				return open
			}
		case <-late:
			t.Fatalf("nothing said %q", want)
		}
	}
}

func TestAChangeIsToldAndTheEndEndsTheStream(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1")
	status, lines := b.listen(t.Context())
	if status != http.StatusOK || !hears(t, lines, "retry:") {
		t.Fatalf("got %d", status)
	}
	go func() {
		for t.Context().Err() == nil {
			time.Sleep(50 * time.Millisecond)
			_ = b.desk.Journal.RecordAudit(t.Context(), organization, journal.AuditEntry{Verb: "something"}) // the end of the test ends it
		}
	}()
	if !hears(t, lines, "event: changed") {
		t.Fatal("no change was told")
	}
	b.console.Close()
	if hears(t, lines, "never") {
		t.Error("the stream goes on after the end")
	}
}

// A form's page answers 409 once its action is done: asked for behind the back of its own submit, it would say that
// nothing here is live. What came of a form is at an address that only takes forms.
func TestAFormAndWhatCameOfItAreNotLive(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	b.incident(journal.Draining, "do_1", "do_2")
	const live = "data-live"
	if _, page := b.get("/orders/do_1"); !strings.Contains(page, live) {
		t.Fatalf("an order's page is not live:\n%s", page)
	}
	for _, path := range []string{"/confirm/retry?id=do_1", "/confirm/pause", "/confirm/import?location=paris-warehouse", "/confirm/approve?incident=inc-1"} {
		if _, page := b.get(path); strings.Contains(page, live) {
			t.Errorf("%s is live:\n%s", path, page)
		}
	}
	reason := url.Values{"reason": {"x"}, "location": {"paris-warehouse"}, "expect": {"5"}}
	for path, want := range map[string]string{"/actions/import": "were read", "/actions/leave": "5 matched", "/actions/explode": "no such page"} {
		if _, page := b.submit(path, reason); !strings.Contains(page, want) || strings.Contains(page, live) {
			t.Errorf("%s: want %q, and nothing live, in\n%s", path, want, page)
		}
	}
}

func TestStreamsAreFewAndTheLookingEndsWithTheLast(t *testing.T) {
	t.Parallel()
	var looks atomic.Int64
	l := newLive(func(context.Context) (uint64, error) { return uint64(looks.Add(1)), nil })
	defer l.close()
	all := make([]chan struct{}, maxListeners)
	for i := range all {
		if all[i] = l.join("eve"); all[i] == nil {
			t.Fatalf("listener %d was refused", i)
		}
	}
	if l.join("eve") != nil {
		t.Error("one more listener than the limit was taken")
	}
	other := l.join("ops")
	if other == nil {
		t.Fatal("a user was refused because of the pages of another")
	}
	l.leave(other)
	for _, marks := range all {
		l.leave(marks)
	}
	if l.broadcast(true) {
		t.Error("it looks although nobody listens")
	}
	if l.join("eve") == nil {
		t.Error("a place that was given back is taken")
	}
}
