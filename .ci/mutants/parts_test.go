package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAShareIsChosenByItsSeedAlone(t *testing.T) {
	t.Parallel()
	all := &mutants{}
	text := strings.Repeat("a line\n", 2000)
	for i := range 2000 {
		all.add("a.go", fmt.Sprint("f", i), text, 7*i, 7*i+1, "b")
	}
	both := 0
	for _, seed := range []string{"c0ffee", "c0ffef"} {
		n := 0
		for _, m := range all.all {
			if chosen(m, 10, seed) {
				n++
				if chosen(m, 10, "c0ffee") {
					both++
				}
			}
		}
		if n < 150 || n > 250 {
			t.Errorf("seed %s chooses %d of 2000, want about 200", seed, n)
		}
	}
	if both -= 200; both > 60 {
		t.Errorf("two seeds choose the same %d", both)
	}
}

func TestAMutantIsNamedByItsLine(t *testing.T) {
	t.Parallel()
	all := &mutants{}
	text := "if a {\n\treturn  b\n}\nif a {\n}\n"
	for _, c := range []struct {
		from, to   int
		with, want string
	}{
		{3, 4, "true", "a.go f: if [a → true] {"},
		{8, 17, "", "a.go f: [return b → nothing]"},
		{23, 24, "true", "a.go f: if [a → true] { #2"},
	} {
		if got := all.add("a.go", "f", text, c.from, c.to, c.with).key; got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestTheListWantsReasons(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a.go f: [x → y]\n":                                                                 "a.txt:1: under a mutant",
		"a.go f: [x → y]\n    because\n":                                                    "a.txt:1: under a mutant",
		"# for people\n\na.go f: [x → y]\n    equivalent: \n":                               "a.txt:3: under a mutant",
		"a.go f: [x → y]\n    log text: a\n\na.go f: [x → y]\n    equivalent: x is y\n":     "a.txt:4: this mutant stands there twice",
		"a.go f: [x → y]\n    log text: a\n    and b\na.go f: [x → z]\n    equivalent: z\n": "",
	} {
		path := filepath.Join(t.TempDir(), "a.txt")
		must(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := readAccepted(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	if all, err := readAccepted("nowhere.txt"); err != nil || len(all) > 0 {
		t.Errorf("no list is an empty one; got %v, %v", all, err)
	}
}

func TestDirectoriesThatAreNotMutatedAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := pick([]string{"./worker/journal/", "policy"}); err == nil || !strings.HasPrefix(err.Error(), "policy is not mutated") {
		t.Errorf("got %v", err)
	}
	if got, err := pick([]string{"./worker/journal/"}); err != nil || len(got) != 1 || got[0].dir != "worker/journal" {
		t.Errorf("got %v, %v", got, err)
	}
}
