package happycolis

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretNeverShows(t *testing.T) {
	t.Parallel()
	const text = "CANARY"
	cr := Credentials{Organization: "org_1", ClientSecret: text, IntegrationToken: text}
	var out bytes.Buffer
	for _, verb := range []string{"%s", "%v", "%+v", "%#v", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+"\n", cr.ClientSecret)
		fmt.Fprintf(&out, verb+"\n", cr)
		fmt.Fprintf(&out, verb+"\n", &cr)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", cr.ClientSecret, "all", cr)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", cr.ClientSecret, "all", cr)
	if err := json.NewEncoder(&out).Encode(cr); err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text)} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("got %q in:\n%s", leak, out.String())
		}
	}
	if got := cr.ClientSecret.Reveal(); got != text {
		t.Errorf("Reveal: got %q, want %q", got, text)
	}
	if got := Secret("").String(); got != "" {
		t.Errorf("an empty secret prints %q, want nothing", got)
	}
}
