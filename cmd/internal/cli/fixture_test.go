package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
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
