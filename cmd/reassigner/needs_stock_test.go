package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAPolicyThatNeedsStockIsRefusedByName covers the words that explain knows and the worker cannot feed yet.
func TestAPolicyThatNeedsStockIsRefusedByName(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	text := "version: 1\nrules:\n  - name: all to lyon\n    when: {}\n    then:\n      reassign:\n        candidates: [lyon-warehouse]\n" +
		"        must: [in_stock, {capacity: {per_hour: 5}}]\n        prefer: [most_stock]\ndefault: needs_person\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := readPolicy(path)
	want := path + ": capacity: not obeyed by this release yet; remove it\n" + path + ": in_stock: not obeyed by this release yet; remove it\n" +
		path + ": most_stock: not obeyed by this release yet; remove it"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if p, err := parsePolicy(path); err != nil || !strings.Contains(strings.Join(p.Words(), " "), "in_stock") {
		t.Errorf("explain cannot read it: %v", err)
	}
}
