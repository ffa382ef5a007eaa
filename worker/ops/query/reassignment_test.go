package query

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/policy"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// fillEach gives each field of a value one of its own, so that a field that is forgotten or confused shows.
func fillEach(v reflect.Value, n *int) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(int64(*n), 0).UTC()))
		return
	case *policy.Decision:
		v.Set(reflect.ValueOf(&policy.Decision{Revision: "r1", Rule: "a < b", Outcome: policy.Reassign, Trace: []policy.RuleTrace{}}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text " + string(rune('a'+*n%26)) + string(rune('a'+*n/26)))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillEach(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillEach(v.Index(0), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fillEach(v.Field(i), n)
		}
	default: // raw bytes and nothing else
	}
}

// TestNothingOfARecordIsLostWhenItIsShown fills each field of the stored record, and wants each key of the flat one to
// have a value, and no value to be there twice.
func TestNothingOfARecordIsLostWhenItIsShown(t *testing.T) {
	t.Parallel()
	var r journal.Reassignment
	n := 0
	fillEach(reflect.ValueOf(&r).Elem(), &n)
	shown, err := flatten(&r)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	fields := reflect.ValueOf(*shown)
	for i := range fields.NumField() {
		field, name := fields.Field(i), fields.Type().Field(i).Name
		if field.IsZero() {
			t.Errorf("%s is not shown", name)
		}
		text := fmt.Sprint(reflect.Indirect(field))
		if other, twice := seen[text]; twice && text != "true" {
			t.Errorf("%s shows what %s does: %s", name, other, text)
		}
		seen[text] = name
	}
}

// TestARecordIsShownUnderTheKeysThatItAlwaysHad holds the keys and their order.
func TestARecordIsShownUnderTheKeysThatItAlwaysHad(t *testing.T) {
	t.Parallel()
	want := []string{"shape", "id", "org", "incident", "delivery_order", "root", "order_number", "orders", "from_id", "from", "integration",
		"status", "opened_at", "updated_at", "state", "working", "reason", "begun", "turn", "left_out", "by_hand", "step", "step_at", "undo",
		"decision", "priority", "dispatch", "asked", "to", "to_id", "to_type", "adopted", "country", "pickup", "order_type", "tried",
		"refused", "hops", "lines", "units", "before", "replacement", "unproven", "late", "late_cancel", "former", "intent", "unclear",
		"cancel_sent_at", "cancel_read_at", "canceled_before", "rejected_before", "disputed", "release_told_at", "release_intended_at",
		"released_at", "proceeded", "sent_at", "replacement_cancel", "replacement_gone_at", "replacement_missing", "since", "polls",
		"poll_at", "missing", "seen_at", "awaited_at", "returns", "requests", "failures", "repeats", "parked", "history"}
	var full api.Reassignment
	n := 0
	fillEach(reflect.ValueOf(&full).Elem(), &n)
	full.Decision = json.RawMessage(`{}`)
	if diff := cmp.Diff(want, keysOf(t, full)); diff != "" {
		t.Errorf("keys of a whole record (-want +got):\n%s", diff)
	}
	bare := []string{"shape", "id", "org", "incident", "delivery_order", "root", "from_id", "opened_at", "updated_at", "state"}
	if diff := cmp.Diff(bare, keysOf(t, api.Reassignment{})); diff != "" {
		t.Errorf("keys of an empty record (-want +got):\n%s", diff)
	}
}

// keysOf returns the keys of a value's JSON object, in their order.
func keysOf(t *testing.T, v any) (keys []string) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	for _, err = decoder.Token(); err == nil && decoder.More(); {
		var key json.Token
		if key, err = decoder.Token(); err == nil {
			keys = append(keys, key.(string))
			err = decoder.Decode(new(json.RawMessage))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
