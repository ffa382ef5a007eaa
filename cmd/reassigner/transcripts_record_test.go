package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// transcripts is where the recorded answers are, one file for each verb, endpoint, and kind of name.
const transcripts = "testdata/transcripts"

// recorder collects what the program answers.
type recorder struct {
	mu    sync.Mutex
	files map[string][]any
	going map[string]map[string]any // of each file, the keys that come and go, with their types
}

// add appends an entry to a transcript. It takes whatever encodes as JSON.
func (r *recorder) add(file string, entry any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.files == nil {
		r.files, r.going = map[string][]any{}, map[string]map[string]any{}
	}
	r.takeGoing(file, entry)
	r.files[file] = append(r.files[file], entry)
}

// takeGoing takes the keys that come and go out of an entry, and keeps them for the whole file.
func (r *recorder) takeGoing(file string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if !comeAndGo[key] {
				r.takeGoing(file, value)
				continue
			}
			if r.going[file] == nil {
				r.going[file] = map[string]any{}
			}
			r.going[file][key] = value
			delete(v, key)
		}
	case []any:
		for _, e := range v {
			r.takeGoing(file, e)
		}
	}
}

// compare compares what was collected with the files; with UPDATE_GOLDEN=1 it writes them instead. A file that
// nobody produced is an error, so what is not answered any more is noticed.
func (r *recorder) compare(t *testing.T) {
	t.Helper()
	update := os.Getenv("UPDATE_GOLDEN") == "1"
	if update {
		if err := os.RemoveAll(transcripts); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(transcripts, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	for file, keys := range r.going {
		r.files[file] = append(r.files[file], map[string]any{"come_and_go": keys})
	}
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		got, path := pretty(t, r.files[name]), filepath.Join(transcripts, name+".json")
		if update {
			if err := os.WriteFile(path, got, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%s has no transcript: %v", name, err)
			continue
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	entries, err := os.ReadDir(transcripts)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, produced := r.files[strings.TrimSuffix(e.Name(), ".json")]; !produced {
			t.Errorf("%s/%s is produced by nobody", transcripts, e.Name())
		}
	}
}

// pretty encodes a value with sorted keys.
func pretty(t *testing.T, v any) []byte {
	t.Helper()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Below is all that is left out of a transcript. Keys and types always stay.

// differing are the parts of strings that differ from run to run.
var differing = []struct {
	what *regexp.Regexp
	mark string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)`), "<time>"},
	{regexp.MustCompile(`inc-\d{8}T\d{6}-[0-9a-f]+`), "<incident>"},
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "<uuid>"},
	{regexp.MustCompile(`\b[0-9a-f]{12,}\b`), "<hash>"},
	{regexp.MustCompile(`\b[A-Z2-7]{26}\b`), "<key>"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:<port>"},
	{regexp.MustCompile(`^(\d+(\.\d+)?(ns|µs|ms|s|m|h))+$`), "<duration>"},
	{regexp.MustCompile(regexp.QuoteMeta(os.TempDir()) + `/[^\s"]*/`), "<directory>/"},
}

// differingKeys are the keys whose values differ from run to run or from build to build. The type of the value is kept.
var differingKeys = map[string]bool{
	"DRAFT": true, "PENDING": true, // requests for each, of the demo
	"api_requests": true, "asked": true, "events": true, "goversion": true, "longest_wait_seconds": true,
	"next": true,
	"open": true, "parked": true, "places": true, "polls": true, "remaining": true, "requests": true,
	"requests_per_second": true, "round": true, "seconds": true, "settled": true, "turn": true, "used": true,
	"version": true,
}

// comeAndGo are the keys of a reassignment that are there only if it was polled before a webhook told. At least one of
// each transcript has them; they stand at its end.
var comeAndGo = map[string]bool{"poll_at": true, "polls": true}

// normal returns a decoded JSON value without what differs. What is written for people, which is every text with a
// space in it, and every note, may be worded anew; a verdict has spaces in it and is none. Lists of objects are sorted, and what is in a list twice is kept once.
func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, value := range v {
			s, isText := value.(string)
			switch {
			case differingKeys[key] && !composed(value):
				m[text(key)] = typeOf(value)
			case key == "note" && isText:
				m[key] = "<text>"
			case key == "verdict" && isText:
				m[key] = s
			default:
				m[text(key)] = normal(value)
			}
		}
		return m
	case []any:
		return list(v)
	case string:
		return text(v)
	}
	return v
}

func text(s string) string {
	for _, d := range differing {
		s = d.what.ReplaceAllString(s, d.mark)
	}
	if strings.Contains(s, " ") {
		return "<text>"
	}
	return s
}

func list(elements []any) []any {
	var kept []any
	seen, objects := map[string]bool{}, true
	for _, e := range elements {
		n := normal(e)
		_, object := n.(map[string]any)
		objects = objects && object
		if key := encoded(n); !seen[key] {
			seen[key] = true
			kept = append(kept, n)
		}
	}
	if objects {
		slices.SortFunc(kept, func(a, b any) int { return strings.Compare(encoded(a), encoded(b)) })
	}
	if kept == nil {
		return []any{}
	}
	return kept
}

func composed(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // it was decoded from JSON
	}
	return string(b)
}

func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "<boolean>"
	case float64:
		return "<number>"
	case string:
		return "<string>"
	}
	panic(fmt.Sprintf("%T is no scalar", v))
}

// shape returns the keys and types of a decoded JSON value, and the elements of each list as one: for answers that
// hold what happened in an order of its own.
func shape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, value := range v {
			m[text(key)] = merge(m[text(key)], shape(value))
		}
		return m
	case []any:
		var all any
		for _, e := range v {
			all = merge(all, shape(e))
		}
		if all == nil {
			return []any{}
		}
		return []any{all}
	}
	return typeOf(v)
}

// merge is the shape of what may be of either shape; nil is the shape of nothing.
func merge(a, b any) any {
	switch a := a.(type) {
	case nil:
		return b
	case map[string]any:
		if b, is := b.(map[string]any); is {
			for key, value := range b {
				a[key] = merge(a[key], value)
			}
			return a
		}
	case []any:
		if b, is := b.([]any); is {
			switch {
			case len(a) == 0:
				return b
			case len(b) == 0:
				return a
			}
			return []any{merge(a[0], b[0])}
		}
	}
	if encoded(a) == encoded(b) {
		return a
	}
	either := append(alternatives(a), alternatives(b)...)
	slices.SortFunc(either, func(a, b any) int { return strings.Compare(encoded(a), encoded(b)) })
	return map[string]any{"either": slices.CompactFunc(either, func(a, b any) bool { return encoded(a) == encoded(b) })}
}

func alternatives(v any) []any {
	if m, is := v.(map[string]any); is && len(m) == 1 {
		if either, is := m["either"].([]any); is {
			return either
		}
	}
	return []any{v}
}
