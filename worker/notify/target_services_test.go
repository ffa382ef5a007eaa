package notify_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/notify"
)

func targetOf(t *testing.T, address string) notify.Target {
	t.Helper()
	got, err := notify.NewTarget("alerts.targets[0]", happycolis.Secret(address))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestATeamsWorkflowGetsACard has the URL of a workflow as Microsoft writes it: its query is its password.
func TestATeamsWorkflowGetsACard(t *testing.T) {
	t.Parallel()
	type request struct {
		query url.Values
		body  map[string]any
	}
	got := make(chan request, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in := request{query: r.URL.Query()}
		if err := json.NewDecoder(r.Body).Decode(&in.body); err != nil {
			t.Error(err)
		}
		got <- in
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(server.Close)
	hook := targetOf(t, "generic+"+server.URL+"/workflows/abc/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=aB-cD_e%2Bf%3D&template=json&messagekey=text")
	if err := hook.Send(t.Context(), notify.Message{Title: "It failed", Text: "It failed\nsee released_then_rejected\nhttps://desk.example/incidents/inc-1", Urgent: true}); err != nil {
		t.Fatal(err)
	}
	in := <-got
	want := url.Values{"api-version": {"2016-06-01"}, "sp": {"/triggers/manual/run"}, "sv": {"1.0"}, "sig": {"aB-cD_e+f="}}
	if diff := cmp.Diff(want, in.query); diff != "" {
		t.Errorf("the query (-want +got):\n%s", diff)
	}
	line := func(run map[string]any) map[string]any {
		return map[string]any{"type": "RichTextBlock", "inlines": []any{run}}
	}
	card := map[string]any{
		"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "msteams": map[string]any{"width": "Full"},
		"body": []any{line(map[string]any{"type": "TextRun", "text": "It failed", "weight": "Bolder", "size": "Medium", "color": "Attention"}),
			line(map[string]any{"type": "TextRun", "text": "see released_then_rejected"})},
		"actions": []any{map[string]any{"type": "Action.OpenUrl", "title": "Open", "url": "https://desk.example/incidents/inc-1"}},
	}
	wanted := map[string]any{"type": "message", "title": "It failed", "text": "It failed\nsee released_then_rejected\nhttps://desk.example/incidents/inc-1",
		"attachments": []any{map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card}}}
	if diff := cmp.Diff(wanted, in.body); diff != "" {
		t.Errorf("what arrived (-want +got):\n%s", diff)
	}
}

// TestNoTargetFollowsARedirect has each service send to where a redirect answers, which leads to where nobody may arrive.
func TestNoTargetFollowsARedirect(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived.Add(1)
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(elsewhere.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/stolen", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	for _, address := range []string{
		"generic+" + server.URL + "/hook?template=json",
		"generic+" + server.URL + "/workflows/abc/triggers/manual/paths/invoke?sig=s",
		"ntfy://" + host + "/reassigner?scheme=http",
		"gotify://" + host + "/AzyoeNS.D4iJLVa?disabletls=yes",
		"mattermost://" + host + "/token?disabletls=yes",
		"matrix://:token@" + host + "/?rooms=!room:matrix.example&disabletls=yes",
	} {
		err := targetOf(t, address).Send(t.Context(), notify.TestMessage())
		if service, _, _ := strings.Cut(address, "+"); service == "generic" && !errors.Is(err, notify.Redirected) {
			t.Errorf("%s: got %v, want that it redirects", address, err)
		}
		if err == nil {
			t.Errorf("%s: it counts as sent", address)
		}
		if arrived.Swap(0) > 0 {
			t.Errorf("%s: the redirect was followed", address)
		}
	}
}

// mailServer takes one mail and returns what it was sent.
func mailServer(t *testing.T) (address string, got chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	got = make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		answer := func(text string) { _, _ = io.WriteString(conn, text+"\r\n") }
		answer("220 mail.example")
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			switch strings.ToUpper(strings.TrimSpace(line)) {
			case "DATA":
				answer("354 go on")
				var mail strings.Builder
				for {
					if line, err = in.ReadString('\n'); err != nil || line == ".\r\n" {
						break
					}
					mail.WriteString(line)
				}
				got <- mail.String()
				answer("250 kept")
			case "QUIT":
				answer("221 bye")
				return
			default:
				answer("250 ok")
			}
		}
	}()
	return listener.Addr().String(), got
}

func TestAMailHasAnIDAndAnEncodedSubject(t *testing.T) {
	t.Parallel()
	address, got := mailServer(t)
	title := "entrepôt-Zürich failed " + strings.Repeat("é", 300)
	hook := targetOf(t, "smtp://"+address+"/?from=worker@example.com&to=ops@example.com&auth=None&usestarttls=no")
	if err := hook.Send(t.Context(), notify.Message{Title: title, Text: title + "\nsee"}); err != nil {
		t.Fatal(err)
	}
	sent := <-got
	head, _, _ := strings.Cut(sent, "\r\n\r\n")
	for line := range strings.Lines(head) {
		if len(line) > 200 || strings.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
			t.Errorf("a line of the headers is too long or not ASCII: %q", line)
		}
	}
	m, err := mail.ReadMessage(strings.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || !strings.HasPrefix(subject, "entrepôt-Zürich failed é") || !strings.HasSuffix(subject, "é...") {
		t.Errorf("the subject is %q, %v", subject, err)
	}
	if id := m.Header.Get("Message-ID"); !strings.HasPrefix(id, "<") || !strings.HasSuffix(id, "@example.com>") || len(id) < 20 {
		t.Errorf("the Message-ID is %q", id)
	}
	if body, _ := io.ReadAll(m.Body); !strings.HasPrefix(string(body), title) {
		t.Errorf("the text is %q", body)
	}
}
