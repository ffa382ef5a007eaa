package intake_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/intake/spool"
)

func TestAnEventOfAnOrganizationThatIsNotConfiguredIsKept(t *testing.T) {
	t.Parallel()
	b, dir := newFixture(t), filepath.Join(t.TempDir(), "spool")
	s := withSpool(t, b, dir, func(o *intake.TakerOptions, _ *spool.Options) { o.CheckPlatform = notYet })
	s.want(t, s.post(t, order("msg_1", "do_1"), secret), spooled)
	s.want(t, s.post(t, breaks(sharing, "msg_2", "loc_paris"), shared), spooled)
	s.stop()
	s = withSpool(t, b, dir, func(o *intake.TakerOptions, _ *spool.Options) { o.Organizations = []string{sharing} })
	s.awaitDirect()
	if got := s.observations(t); len(got) != 1 {
		t.Errorf("%d observations, want that of the other organization", len(got))
	}
	s.wantSeen(t, "msg_1", false)
	if got := s.spool.Stats(); got.Kept != 1 {
		t.Errorf("%d are counted as kept, want 1", got.Kept)
	}
	s.stop()
	s = withSpool(t, b, dir) // where it is configured again
	s.awaitDirect()
	s.wantSeen(t, "msg_1", true)
	if got := s.spool.Stats(); got.Kept != 0 {
		t.Errorf("%d are counted as kept, want none", got.Kept)
	}
}

// TestWhatWasWrittenIntoTheSpoolByHandKeepsTheBoundsOfTheDoor has none of it applied.
func TestWhatWasWrittenIntoTheSpoolByHandKeepsTheBoundsOfTheDoor(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	const begin = `{"at":"2026-05-18T12:00:00Z","road":"webhook","organization":"org_1",`
	for name, body := range map[string]string{
		"an id that is too long":           begin + `"event":{"Organization":"org_1","Type":"delivery_order/updated","DeliveryOrder":{"ID":"` + long + `"}}}`,
		"an event of another organization": begin + `"event":{"Organization":"org_2","Type":"delivery_order/updated","DeliveryOrder":{"ID":"do_1"}}}`,
		"an event without what it needs":   begin + `"event":{"Organization":"org_1","Type":"delivery_order/updated","DeliveryOrder":{}}}`,
		"neither event nor parked":         begin + `"x":1}`,
		"both":                             begin + `"event":{"Organization":"org_1","Type":"order/created"},"parked":{}}`,
		"no time":                          `{"organization":"org_1","event":{"Organization":"org_1","Type":"order/created"}}`,
		"something parked that is none":    begin + `"parked":{"at":"2026-05-18T12:00:00Z","size":1,"sha256":"` + long + `","reason":"because"}}`,
		"a reason that is none":            begin + `"parked":{"at":"2026-05-18T12:00:00Z","size":1,"sha256":"` + strings.Repeat("0", 64) + `","reason":"` + long + `"}}`,
		"a wrong shape":                    begin + `"event":7}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpooling(t)
			if err := s.spool.Append(arrival, []byte(body)); err != nil {
				t.Fatal(err)
			}
			s.stop()
			s = withSpool(t, s.fixture, s.dir)
			s.awaitDirect()
			s.eventually("it is parked", func() bool { return len(s.parked(t, org)) == 1 })
			got := s.parked(t, org)[0]
			want := map[string]any{"at": "2026-05-18T12:00:00Z", "size": float64(len(body)), "reason": "undecodable", "sha256": got["sha256"]}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("parked (-want +got):\n%s", diff)
			}
			if slices.ContainsFunc(s.redis.Keys(), func(key string) bool { return !strings.HasSuffix(key, ":parked") }) {
				t.Errorf("Redis has %v", s.redis.Keys())
			}
		})
	}
}

func TestAnEventThatRedisRefusesForItselfHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	s := newSpooling(t)
	if err := s.rdb.Set(t.Context(), "reassigner:{org_1}:do:do_1", "no hash", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.want(t, s.post(t, order("msg_1", "do_1"), secret), spooled)
	s.want(t, s.post(t, order("msg_2", "do_2"), secret), spooled)
	s.want(t, s.post(t, order("msg_3", "do_1"), secret), spooled)
	s.awaitDirect()
	s.wantSeen(t, "msg_1", false)
	s.wantSeen(t, "msg_2", true)
	if got := s.spool.Stats().Kept; got != 2 {
		t.Errorf("%d are kept, want the two that are refused", got)
	}
	if !strings.Contains(s.logs.String(), "a spooled event is kept and not applied") {
		t.Errorf("nobody is told:\n%s", s.logs)
	}
}

func TestOfWhatIsTooLargeThereIsAnAlertThoughItWasSpooled(t *testing.T) {
	t.Parallel()
	s := newSpooling(t)
	s.redis.Close()
	s.want(t, s.post(t, padded(300<<10), secret), spooled)
	if err := s.redis.Restart(); err != nil {
		t.Fatal(err)
	}
	s.awaitDirect()
	if last, err := intake.LastOversized(t.Context(), s.rdb, org); err != nil || last == nil || last.Size != 300<<10 {
		t.Errorf("for the alert: got %+v, %v", last, err)
	}
}

func TestASpoolThatTakesNothingRefusesOnlyWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*intake.TakerOptions, *spool.Options){
		"it is full":               func(_ *intake.TakerOptions, o *spool.Options) { o.MaxBytes = 10 },
		"it cannot be written to":  func(_ *intake.TakerOptions, o *spool.Options) { o.Dir = filepath.Join(file, "spool") },
		"its folder is a file now": func(_ *intake.TakerOptions, o *spool.Options) { o.Dir = file },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withSpool(t, newFixture(t), filepath.Join(t.TempDir(), "spool"), change)
			s.wait(impatient)
			s.redis.SetError("LOADING the dataset")
			for range 2 {
				s.want(t, s.post(t, order("msg_1", "do_1"), secret), away)
			}
			if !strings.Contains(s.logs.String(), "alert=urgent") {
				t.Errorf("nobody is told:\n%s", s.logs)
			}
			s.wait(patient)
			s.redis.SetError("")
			s.want(t, s.post(t, order("msg_1", "do_1"), secret), taken)
		})
	}
}

func TestTheSpoolHoldsNothingPersonal(t *testing.T) {
	t.Parallel()
	s := withSpool(t, newFixture(t), filepath.Join(t.TempDir(), "spool"), func(o *intake.TakerOptions, _ *spool.Options) { o.CheckPlatform = notYet })
	const canary = "CANARY"
	add := func(body any) any {
		fields, _ := body.(map[string]any)
		for _, name := range []string{"accessToken", "name2", "message", "label", "email", "phone", "address", "note"} {
			fields[name] = canary
		}
		return fields
	}
	for _, name := range []string{"delivery-order-cancelled", "location-fulfillment-service-integration-accepted", "shipment-created", "stock-reference-updated"} {
		s.want(t, s.post(t, sample(t, name, add), secret), spooled)
	}
	s.want(t, s.post(t, []byte(`{"header":{"organizationId":"org_1","type":"delivery_order/created"},"body":"`+canary+`"}`), secret), spooled)
	s.want(t, s.post(t, []byte(canary), secret), spooled)
	kept := s.bytes()
	for _, leak := range []string{canary, "EXAMPLE-NOT-A-REAL-TOKEN", "avenue", "quai@", "+333", "Enamel mug"} {
		if strings.Contains(kept, leak) {
			t.Errorf("%q is in the spool", leak)
		}
	}
	if !strings.Contains(kept, "MUG-ENAMEL-GRN") || strings.Count(kept, `"sha256"`) != 2 {
		t.Errorf("the test does not read what is in the spool:\n%s", kept)
	}
	if got := s.post(t, order("msg", "do"), secret); got.Status != http.StatusOK {
		t.Errorf("got %v", got)
	}
}

// reply is an error that Redis answers.
type reply string

func (r reply) Error() string { return string(r) }

// RedisError implements redis.Error.
func (reply) RedisError() {}

func TestOnlyWhatRedisRefusesForItselfIsARefusal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"WRONGTYPE Operation against a key holding the wrong kind of value":      true,
		"ERR Error running script: @user_script:4: attempt to index a nil value": true,
		"ERR Error running script: @user_script:4: -READONLY You can't write":    false,
		"ERR Error running script: @user_script:4: -OOM command not allowed":     false,
		"READONLY You can't write against a read only replica":                   false,
		"NOREPLICAS Not enough good replicas to write":                           false,
		"LOADING Redis is loading the dataset in memory":                         false,
		"NOAUTH Authentication required":                                         false,
		"CLUSTERDOWN The cluster is down":                                        false,
	} {
		if got := intake.IsRefusal(fmt.Errorf("indexing: %w", reply(text))); got != want {
			t.Errorf("%s: got %t, want %t", text, got, want)
		}
	}
	if intake.IsRefusal(errors.New("ERR dial tcp")) || intake.IsRefusal(nil) {
		t.Error("what is no answer of Redis is a refusal")
	}
}
