package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMutantsOfLua(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"a statement is left out", "a = 'x'\nredis.call('DEL', keys.it)", []string{
			"[a = 'x' → nothing]", "a = ['x' → 'x~']", "[redis.call('DEL', keys.it) → nothing]"}},
		{"one over several lines", "f(\n  a,\n  b)\nlocal x = g(a)", []string{"[f( a, b) → nothing]"}},
		{"what a condition is about alone is not left out besides", "if a then f(a) end", []string{"if [a → true] then f(a) end", "if [a → false] then f(a) end"}},
		{"each part of a condition", "if a == 1 and (b or c) then return d end", []string{
			"if [a == 1 → true] and (b or c) then return d end", "if [a == 1 → false] and (b or c) then return d end",
			"if a == 1 and [(b or c) → true] then return d end", "if a == 1 and [(b or c) → false] then return d end"}},
		{"a limit", "if n < 7 then return n end", []string{
			"if [n < 7 → true] then return n end", "if [n < 7 → false] then return n end", "if n [< → <=] 7 then return n end"}},
		{"Redis's clock is never equal", "if at < now then return now end", []string{
			"if [at < now → true] then return now end", "if [at < now → false] then return now end"}},
		{"values", "local a = b == c and 1 or 200 -- 3", []string{
			"local a = b [== → ~=] c and 1 or 200 -- 3", "local a = b == c and [1 → 2] or 200 -- 3", "local a = b == c and 1 or [200 → 400] -- 3"}},
		{"sums, not signs", "return a + b - -c", []string{"return a [+ → -] b - -c", "return a + b [- → +] -c"}},
		{"names and commands stay", "local a = redis.call('GET', keys.it)", nil},
		{"limits of two", "return math.min(a, 1)", []string{"return math.[min → max](a, 1)", "return math.min(a, [1 → 2])"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, l := range luaChanges(c.text) {
				got = append(got, changed(c.text, l.from, l.to, l.with))
			}
			if diff := cmp.Diff(strings.Join(c.want, "\n"), strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
