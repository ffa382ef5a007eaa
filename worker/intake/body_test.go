package intake_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
)

func zipped(t *testing.T, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	to := gzip.NewWriter(&out)
	if _, err := to.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestWhatASenderPutsAroundAnEvent: signatures are of the bytes as they are sent.
func TestWhatASenderPutsAroundAnEvent(t *testing.T) {
	t.Parallel()
	good := breaks(org, "msg_1", "loc_paris")
	small := zipped(t, good)
	parked := answer{Status: http.StatusOK, Result: "parked"}
	for name, c := range map[string]struct {
		sent, signed []byte
		want         answer
	}{
		"a BOM":                                 {append([]byte("\ufeff"), good...), nil, taken},
		"line ends behind it":                   {append(bytes.Clone(good), "\r\n\r\n"...), nil, taken},
		"gzip":                                  {small, nil, taken},
		"a BOM in gzip":                         {zipped(t, append([]byte("\ufeff"), good...)), nil, taken},
		"gzip, signed before it was compressed": {small, good, answer{Status: http.StatusUnauthorized, Error: "signature missing or wrong"}},
		"gzip that breaks off":                  {small[:len(small)-9], nil, parked},
		"gzip in gzip":                          {zipped(t, small), nil, parked},
		"gzip of 256 KiB":                       {zipped(t, padded(256<<10)), nil, taken},
		"gzip of a byte more":                   {zipped(t, padded(256<<10+1)), nil, parked},
		"gzip of very much":                     {zipped(t, make([]byte, 64<<20)), nil, parked},
		"a beginning of gzip":                   {[]byte{0x1f, 0x8b}, nil, parked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			if c.signed == nil {
				c.signed = c.sent
			}
			b.want(t, b.send(t, c.sent, webhook.Sign(c.signed, secret)), c.want)
			if got := len(b.observations(t)); (got == 1) != (c.want == taken) {
				t.Errorf("%d locations are looked at", got)
			}
		})
	}
}

func TestWhatIsTooLargeIsParkedByItsHash(t *testing.T) {
	t.Parallel()
	for _, chunked := range []bool{false, true} {
		b := newFixture(t)
		body := padded(1 << 20)
		r := httptest.NewRequest(http.MethodPost, intake.Path, bytes.NewReader(body))
		if chunked {
			r.ContentLength = -1
		}
		r.Header.Set(signature, webhook.Sign(body, shared))
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("chunked %v: answer is %d %s", chunked, w.Code, w.Body)
		}
		sum := sha256.Sum256(body)
		want := map[string]any{"at": "2026-05-18T12:00:00Z", "size": float64(len(body)), "sha256": hex.EncodeToString(sum[:]), "reason": "larger than max_body"}
		if diff := cmp.Diff([]map[string]any{want}, b.parked(t, sharing)); diff != "" {
			t.Errorf("parked (-want +got):\n%s", diff)
		}
		last, err := intake.LastOversized(t.Context(), b.rdb, sharing)
		if err != nil || last == nil || last.Size != len(body) {
			t.Errorf("for the alert: got %+v, %v", last, err)
		}
	}
}

// TestOfAStrangerNoBodyIsRead: reading it fails the test.
func TestOfAStrangerNoBodyIsRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, signed string
		length       int64
		want         int
	}{
		"no signature":               {intake.Path, "", 10, http.StatusUnauthorized},
		"no Base64":                  {intake.Path, strings.Repeat("@", 44), 10, http.StatusUnauthorized},
		"too short a signature":      {intake.Path, "AAAA", 10, http.StatusUnauthorized},
		"a signature in hex":         {intake.Path, strings.Repeat("ab", 32), 10, http.StatusUnauthorized},
		"more than the largest":      {intake.Path, webhook.Sign(nil, secret), 8<<20 + 1, http.StatusRequestEntityTooLarge},
		"another path":               {"/", webhook.Sign(nil, secret), 10, http.StatusNotFound},
		"much without a signature":   {intake.Path, "", 256<<10 + 1, http.StatusRequestEntityTooLarge},
		"without a length, unsigned": {intake.Path, "", -1, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, w := newFixture(t), httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodPost, "http://h"+c.path, unreadable{t})
			r.ContentLength = c.length
			r.Header.Set(signature, c.signed)
			b.ServeHTTP(w, r)
			if w.Code != c.want || w.Header().Get("Connection") != "close" {
				t.Errorf("answer is %d, Connection %q, want %d and close", w.Code, w.Header().Get("Connection"), c.want)
			}
		})
	}
}

type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// slow serves a receiver over a network and sends it the beginnings of bodies.
type slow struct {
	t      *testing.T
	server *httptest.Server
}

// begin sends the beginning of a body of some length, with the form of a signature, and returns how the answer comes.
func (s *slow) begin(length int64, sent []byte) <-chan int {
	status := make(chan int, 1)
	from, to := io.Pipe()
	s.t.Cleanup(func() { _ = to.Close() })
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.server.URL+intake.Path, from)
	if err != nil {
		s.t.Fatal(err)
	}
	r.ContentLength = length
	r.Header.Set(signature, webhook.Sign(nil, "secret of nobody"))
	go func() {
		response, err := (&http.Transport{}).RoundTrip(r)
		if err != nil {
			status <- 0
			return
		}
		_ = response.Body.Close()
		status <- response.StatusCode
	}()
	if _, err := to.Write(sent); err != nil {
		s.t.Fatal(err)
	}
	return status
}

// TestTheSlowestStrangerMakesRoom fills the bytes of unverified bodies with 256 KiB that do not come.
func TestTheSlowestStrangerMakesRoom(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	s := &slow{t, httptest.NewServer(b)}
	t.Cleanup(s.server.CloseClientConnections)
	const most = 64 << 20 / (256 << 10)
	slowest := s.begin(256<<10, make([]byte, 16<<10+2))
	for range most - 1 {
		s.begin(256<<10, make([]byte, 64<<10))
	}
	time.Sleep(1200 * time.Millisecond) // so that the last of them takes long, too
	b.want(t, b.post(t, padded(16<<10), secret), taken)
	select {
	case got := <-slowest:
		t.Fatalf("a small body had the slowest cut: %d", got)
	default:
	}
	b.want(t, b.post(t, padded(256<<10), secret), answer{Status: http.StatusOK, Result: "seen before"})
	select {
	case got := <-slowest:
		if got != http.StatusRequestTimeout {
			t.Errorf("the slowest got %d, want 408", got)
		}
	case <-time.After(patient):
		t.Error("the slowest was not cut")
	}
}

// TestManyLargeBodiesAtOnceAreAllTaken: none is cut for another, however busy the machine is.
func TestManyLargeBodiesAtOnceAreAllTaken(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	server := httptest.NewServer(b)
	defer server.Close()
	body := padded(256 << 10)
	statuses := make(chan int, 200)
	for range cap(statuses) {
		go func() {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+intake.Path, bytes.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set(signature, webhook.Sign(body, secret))
			response, err := server.Client().Do(r)
			if err != nil {
				t.Error(err)
				statuses <- 0
				return
			}
			_ = response.Body.Close()
			statuses <- response.StatusCode
		}()
	}
	for range cap(statuses) {
		if got := <-statuses; got != http.StatusOK {
			t.Errorf("answer is %d, want 200", got)
		}
	}
}
