package webhook_test

import (
	"encoding/base64"
	"errors"
	"testing"

	"happycolis-reassigner/happycolis/webhook"
)

func TestSignIsHMACSHA256InStandardBase64(t *testing.T) {
	t.Parallel()
	// Computed with: printf '{"a":1}' | openssl dgst -sha256 -hmac key -binary | base64
	const want = "iKZ/JLvNrtDmyZdAS7eadDuvRMa6svTCcyjjAJ0i40I="
	if got := webhook.Sign([]byte(`{"a":1}`), "key"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	body := []byte(`{"header":{},"body":{}}`)
	good := webhook.Sign(body, "secret")
	raw, err := base64.StdEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, body, signature, secret string
		want                          error
	}{
		{"the bytes as sent", string(body), good, "secret", nil},
		{"no signature", string(body), "", "secret", webhook.ErrNotSigned},
		{"another secret", string(body), good, "Secret", webhook.ErrBadSignature},
		{"the same JSON in other bytes", `{"body":{},"header":{}}`, good, "secret", webhook.ErrBadSignature},
		{"a space more", string(body) + " ", good, "secret", webhook.ErrBadSignature},
		{"not Base64", string(body), "?", "secret", webhook.ErrBadSignature},
		{"half a signature", string(body), base64.StdEncoding.EncodeToString(raw[:16]), "secret", webhook.ErrBadSignature},
		{"an empty secret, which anybody has", string(body), webhook.Sign(body, ""), "", webhook.ErrBadSignature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := webhook.Verify([]byte(tt.body), tt.signature, tt.secret); !errors.Is(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
