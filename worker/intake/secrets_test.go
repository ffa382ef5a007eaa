package intake_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
)

// canary stands in every place of a body where the platform may write what must not be kept.
const canary = "CANARY"

// laced is a body with the canary as credential, names, addresses, contacts and free texts, in every object
// of it, whatever was there.
func laced(body any) any {
	switch v := body.(type) {
	case map[string]any:
		for key, inner := range v {
			v[key] = laced(inner)
		}
		for _, key := range []string{"accessToken", "fullname", "firstName", "lastName", "socialReason", "address", "addressComplement", "city",
			"zipCode", "collectPointZipCode", "email", "phone", "message", "comment", "label", "title", "description", "trackingUrl",
			"shippingMethodName", "clientSecret"} {
			v[key] = canary + " " + key
		}
		v["deliveryAddress"] = map[string]any{"fullname": canary, "address": canary, "phone": canary}
		v["metadata"] = map[string]any{canary: canary}
	case []any:
		for i := range v {
			v[i] = laced(v[i])
		}
	}
	return body
}

// TestNothingPersonalOrSecretIsKept posts every sample, laced, in every way that leads somewhere else, and
// looks for the canary in all of Redis, in the logs and in the answers.
func TestNothingPersonalOrSecretIsKept(t *testing.T) {
	t.Parallel()
	for _, name := range webhook.Samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := sample(t, name, laced)
			if !strings.Contains(string(good), canary+" accessToken") {
				t.Fatal("the sample is not laced")
			}
			b := newFixture(t)
			answers := []answer{
				b.post(t, good, secret),
				b.post(t, []byte(strings.Replace(string(good), `"type":"`, `"type":"x/`, 1)), secret),        // of the first type in the body or the header
				b.post(t, []byte(strings.Replace(string(good), org, "org_9", 1)), secret),                    // not configured
				b.post(t, []byte(strings.ReplaceAll(string(good), `"id":"`, `"id":{},"ID":"`)), secret),      // undecodable
				b.post(t, good[:len(good)-1], secret),                                                        // broken off
				b.post(t, good, "another secret"),                                                            // not signed by us
				b.post(t, append(append([]byte{}, good...), make([]byte, intake.DefaultMaxBody)...), secret), // larger than what is held
				b.post(t, append(append([]byte{}, good...), make([]byte, intake.LargestBody)...), secret),    // too large
			}
			b.wait(impatient)
			b.redis.SetError("LOADING")
			answers = append(answers, b.post(t, sample(t, name, laced), secret))
			b.redis.SetError("")
			want := []int{http.StatusOK, http.StatusOK, http.StatusOK, http.StatusOK, http.StatusOK, http.StatusUnauthorized,
				http.StatusOK, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable}
			for i, a := range answers {
				if a.Status != want[i] {
					t.Errorf("answer %d is %+v, want status %d", i, a, want[i])
				}
			}
			kept := content(t, b.rdb) + content(t, prompt(t, b.tasks.Addr()))
			if !strings.Contains(kept, "undecodable") {
				t.Error("nothing was parked; is the test still looking in the right place?")
			}
			for where, text := range map[string]string{"Redis": kept, "the logs": b.logs.String(), "an answer": fmt.Sprint(answers)} {
				for _, secretive := range []string{canary, secret, shared} {
					if at := strings.Index(text, secretive); at >= 0 {
						t.Errorf("%s has %q: ...%s...", where, secretive, text[max(at-60, 0):min(at+60, len(text))])
					}
				}
			}
		})
	}
}

// content is every key of a Redis with all its values.
func content(t *testing.T, rdb redis.UniversalClient) string {
	t.Helper()
	ctx := t.Context()
	keys, err := rdb.Keys(ctx, "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, key := range keys {
		value, err := valueOf(ctx, rdb, key)
		if err != nil {
			t.Fatalf("reading %s: %v", key, err)
		}
		fmt.Fprintln(&all, key, value)
	}
	return all.String()
}

func valueOf(ctx context.Context, rdb redis.UniversalClient, key string) (any, error) {
	kind, err := rdb.Type(ctx, key).Result()
	if err != nil {
		return nil, err
	}
	switch kind {
	case "string":
		return rdb.Get(ctx, key).Result()
	case "hash":
		return rdb.HGetAll(ctx, key).Result()
	case "list":
		return rdb.LRange(ctx, key, 0, -1).Result()
	case "set":
		return rdb.SMembers(ctx, key).Result()
	case "zset":
		return rdb.ZRange(ctx, key, 0, -1).Result()
	}
	return nil, fmt.Errorf("nobody reads a %s", kind)
}

func TestOfAParkedWebhookOnlyItsOutsideIsKept(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	tests := []struct {
		name   string
		body   []byte
		key    string
		under  string
		kind   string
		reason string
	}{
		{"of an unknown type", event(org, "msg_1", "transfer-order/Created", `{"id":"to_1"}`), secret, org, "transfer_order/created", "unknown type"},
		{"of a type that is too long to be one", event(org, "msg_1", long, `{}`), secret, org, long[:100], "unknown type"},
		{"that is no JSON", []byte(`<xml/>`), secret, org, "", "undecodable"},
		{"whose body is of another shape", event(org, "msg_1", "shipment/created", `[]`), secret, org, "shipment/created", "undecodable"},
		{"whose body is of another shape, of the second that shares a secret", event(sharing2, "msg_1", "shipment/created", `[]`), shared, sharing2, "shipment/created", "undecodable"},
		{"that lacks what is required", event(org, "msg_1", "shipment/created", `{}`), secret, org, "shipment/created", "a required field is missing"},
		{"of an organization that is not configured", breaks("org_9", "msg_1", "loc_1"), shared, sharing, errored, "organization is not configured for this secret"},
		{"of an organization of another secret", breaks(org, "msg_1", "loc_1"), shared, sharing, errored, "organization is not configured for this secret"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			b.want(t, b.post(t, tt.body, tt.key), answer{Status: http.StatusOK, Result: "parked"})
			sum := sha256.Sum256(tt.body)
			want := map[string]any{"at": "2026-05-18T12:00:00Z", "size": float64(len(tt.body)), "sha256": hex.EncodeToString(sum[:]), "reason": tt.reason}
			if tt.kind != "" {
				want["type"] = tt.kind
			}
			if diff := cmp.Diff([]map[string]any{want}, b.parked(t, tt.under)); diff != "" {
				t.Errorf("parked (-want +got):\n%s", diff)
			}
			if keys := b.redis.Keys(); len(keys) != 1 {
				t.Errorf("Redis has %q, want the list of the parked alone", keys)
			}
		})
	}
}

func TestTheLatestParkedWebhooksAreKept(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	for i := range 1010 {
		b.post(t, fmt.Appendf(nil, "no JSON %d", i), secret)
	}
	kept := b.parked(t, org)
	sum := sha256.Sum256([]byte("no JSON 1009"))
	if len(kept) != 1000 || kept[0]["sha256"] != hex.EncodeToString(sum[:]) {
		t.Errorf("%d are kept, the first %v, want 1000 from the latest on", len(kept), kept[0])
	}
}

func TestAsManyParkedWebhooksAreKeptAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	b := newFixture(t, func(o *options) { o.Parked = 3 })
	for i := range 5 {
		b.post(t, fmt.Appendf(nil, "no JSON %d", i), secret)
	}
	if got := len(b.parked(t, org)); got != 3 {
		t.Errorf("%d are kept, want 3", got)
	}
}
