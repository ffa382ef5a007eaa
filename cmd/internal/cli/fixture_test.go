package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outcome is what a run of the program came to.
type outcome struct {
	code           int
	stdout, stderr string
}

func runVerb(t *testing.T, getenv func(string) string, args ...string) outcome {
	t.Helper()
	return runIn(t.Context(), getenv, args...)
}

func runIn(ctx context.Context, getenv func(string) string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	code := Run(ctx, args, getenv, strings.NewReader(""), &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// environment makes a getenv of pairs.
func environment(pairs ...string) func(string) string {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

// golden compares a text with a file; with UPDATE_GOLDEN=1 it writes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("differs from %s (-want +got):\n%s", path, diff)
	}
}
