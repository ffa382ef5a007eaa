package intake_test

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/connections"
	"happycolis-reassigner/worker/intake"
)

func TestEachSecretIsTriedOnceTheLastThatFittedFirst(t *testing.T) {
	t.Parallel()
	secrets := []intake.Secret{{Organization: "a", Key: "one"}, {Organization: "b", Key: "two"}, {Organization: "c", Key: "one"}, {Organization: "d", Key: ""},
		{Organization: "e", Key: "three"}}
	for first, want := range map[int][]string{0: {"one", "two", "three"}, 1: {"two", "three", "one"}, 2: {"three", "one", "two"}} {
		if diff := cmp.Diff(want, intake.TriedWith(secrets, first)); diff != "" {
			t.Errorf("the last one was %d (-want +got):\n%s", first, diff)
		}
	}
	if got := intake.TriedWith(nil, 0); got != nil {
		t.Errorf("without secrets: %v", got)
	}
}

// one is a listener with one connection.
type one struct {
	net.Listener
	conn net.Conn
}

func (o one) Accept() (net.Conn, error) { return o.conn, nil }

// TestAConnectionRemembersWhoSignedLast: with the second secret, over and over.
func TestAConnectionRemembersWhoSignedLast(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	ours, _ := net.Pipe()
	conn, err := connections.Limit(one{conn: ours}, 1, func() {}).Accept()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key                string
		status, remembered int
	}{
		{"another secret", http.StatusUnauthorized, 0}, {previous, http.StatusOK, 1}, {previous, http.StatusOK, 1},
		{"another secret", http.StatusUnauthorized, 1}, {shared, http.StatusOK, 2}, {secret, http.StatusOK, 0},
	} {
		body := order("msg", "do_1")
		r := httptest.NewRequest(http.MethodPost, intake.Path, bytes.NewReader(body))
		r = r.WithContext(connections.Context(r.Context(), conn))
		r.Header.Set(signature, webhook.Sign(body, c.key))
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		if got := conn.(*connections.Conn).Remembered(); w.Code != c.status || got != c.remembered {
			t.Errorf("signed with %s: answer is %d, remembered is %d, want %d and %d", c.key, w.Code, got, c.status, c.remembered)
		}
	}
}
