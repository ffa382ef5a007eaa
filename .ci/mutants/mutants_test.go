package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// toy is a module that has one of each thing that can be changed, and tests that do not notice everything.
func toy(t *testing.T) options {
	t.Helper()
	list := filepath.Join(t.TempDir(), "accepted.txt")
	copied, err := os.ReadFile("testdata/accepted.txt")
	must(t, err)
	must(t, os.WriteFile(list, copied, 0o600))
	return options{root: "testdata/toy", list: list, hints: filepath.Join(t.TempDir(), "tests.txt"), share: 1, workers: 2, all: true,
		targets: []target{{dir: "shop", tests: []string{"shop"}}}}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// do runs it and returns what it reports.
func do(t *testing.T, o options) (text string, ok bool) {
	t.Helper()
	var out, progress bytes.Buffer
	ok, err := o.do(t.Context(), &out, &progress)
	if err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	return strings.ReplaceAll(out.String(), o.list, "accepted.txt"), ok
}

// golden compares a text with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		must(t, os.WriteFile("testdata/"+name, []byte(got), 0o600))
	}
	want, err := os.ReadFile("testdata/" + name)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); with -update it is written anew:\n%s", name, diff)
	}
}

func TestEachThingHasItsMutants(t *testing.T) {
	t.Parallel()
	o := toy(t)
	o.count = true
	got, _ := do(t, o)
	golden(t, "mutants.txt", got)
}

func TestSurvivorsAreTold(t *testing.T) {
	t.Parallel()
	o := toy(t)
	got, ok := do(t, o)
	if ok {
		t.Error("a survivor is not on the list, and that is no failure")
	}
	golden(t, "report.txt", got)
}

func TestAllIsWellOnceEverySurvivorIsOnTheList(t *testing.T) {
	t.Parallel()
	o := toy(t)
	var list strings.Builder
	for line := range strings.Lines(read(t, "testdata/report.txt")) {
		if strings.HasPrefix(line, "shop/") {
			list.WriteString(line + "    equivalent: for this test\n")
		}
	}
	must(t, os.WriteFile(o.list, []byte(list.String()), 0o600))
	o.all = false // else too many of them
	o.share, o.seed = 2, "a"
	if got, ok := do(t, o); !ok {
		t.Error(got)
	}
}

func TestWhatIsLearnedIsTriedFirst(t *testing.T) {
	t.Parallel()
	o := toy(t)
	o.learn = true
	do(t, o)
	hints := read(t, o.hints)
	for _, want := range []string{"\nshop/shop.go\n", "\n    shop TestKeep\n", "\n    shop TestText\n"} {
		if !strings.Contains(hints, want) {
			t.Errorf("%q is not in it:\n%s", want, hints)
		}
	}
	first, ok := do(t, o)
	golden(t, "report.txt", first)
	if ok {
		t.Error("the same survivors are no failure any more")
	}
}

func TestOutOfTimeIsNoFailure(t *testing.T) {
	t.Parallel()
	t.Run("while the tests are built", func(t *testing.T) {
		t.Parallel()
		o := toy(t)
		o.limit = time.Nanosecond
		if got, ok := do(t, o); !ok || !strings.Contains(got, "no mutant was tried") {
			t.Errorf("got %t\n%s", ok, got)
		}
	})
	t.Run("while mutants are tried", func(t *testing.T) {
		t.Parallel()
		o := toy(t)
		work := t.TempDir()
		root, err := filepath.Abs(o.root)
		must(t, err)
		b, err := build(t.Context(), root, work, o.targets)
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		tried := newTrial(b, o.targets, 2, func(string, ...any) {})
		must(t, tried.run(ctx, b.mutants, false))
		var out bytes.Buffer
		o.all = false // the list is not in question
		if !o.report(&out, tried, b.mutants, accepted{}) || !strings.Contains(out.String(), "38 were not tried in the time given") {
			t.Errorf("got\n%s", out.String())
		}
	})
}

func TestATestThatFailsByItselfIsNoJudge(t *testing.T) {
	t.Parallel()
	o := toy(t)
	copied := filepath.Join(t.TempDir(), "toy")
	must(t, os.CopyFS(copied, os.DirFS("testdata/toy")))
	broken := filepath.Join(copied, "shop", "broken_test.go")
	must(t, os.WriteFile(broken, []byte("package shop\n\nimport \"testing\"\n\nfunc TestBroken(t *testing.T) { Size(1); t.Error(\"always\") }\n"), 0o600))
	o.root = copied
	if got, ok := do(t, o); ok || !strings.Contains(got, "shop TestBroken fails without any mutant") || !strings.Contains(got, "27 killed") {
		t.Errorf("got %t\n%s", ok, got)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}

// A target that was moved or renamed would be mutated no more.
func TestTheTargetsAreThere(t *testing.T) {
	t.Parallel()
	for _, target := range targets {
		for _, file := range append(target.files, "") {
			if _, err := os.Stat(filepath.Join("..", "..", target.dir, file)); err != nil {
				t.Errorf("a target is not there: %v", err)
			}
		}
		for _, dir := range target.tests {
			if _, err := os.Stat(filepath.Join("..", "..", dir)); err != nil {
				t.Errorf("the tests of %s are not there: %v", target.dir, err)
			}
		}
	}
}
