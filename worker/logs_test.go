package worker_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// logKeys is the vocabulary of the log: each key means one thing, wherever it stands. A new one is added here,
// if none of these will do. docs/operations.md lists
// the first six, which searches go by.
var logKeys = []string{
	"organization", "incident", "delivery_order", "order_number", "step", "rule",
	// of a reassignment or an incident
	"location", "from", "to", "replacement", "reason", "decision", "state", "index_incomplete", "alert",
	// of what came in or went out
	"type", "bytes", "topic", "partition", "offset", "operation", "text", "method", "path", "task", "why", "said", "count",
	"user", "role", "verb", "result", "target", "service", "broker", "failing_since", "failures",
	// of the process
	"error", "roles", "version", "listener", "address", "proxy", "file", "revision", "maxmemory_policy", "ahead",
}

// logCalls are the methods that log, with the place of their first key.
var logCalls = map[string]int{
	"Debug": 1, "Info": 1, "Warn": 1, "Error": 1, "DebugContext": 2, "InfoContext": 2, "WarnContext": 2, "ErrorContext": 2,
	"Log": 3, "With": 0,
}

func TestTheLogHasOneVocabulary(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), moduleRoot+"/"+s.path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !logs(call) {
				return true
			}
			var keys []string
			first := logCalls[call.Fun.(*ast.SelectorExpr).Sel.Name]
			for i := first; i < len(call.Args); i += 2 {
				literal, ok := call.Args[i].(*ast.BasicLit)
				if !ok {
					if call.Ellipsis == token.NoPos {
						t.Errorf("%s: a key is not written out", s.path)
					}
					continue
				}
				key, err := strconv.Unquote(literal.Value)
				if err != nil || !slices.Contains(logKeys, key) {
					t.Errorf("%s: %s is no key of the log", s.path, literal.Value)
				}
				used[key] = true
				keys = append(keys, key)
			}
			// There is always an order at hand in a handover.
			if strings.HasPrefix(s.path, "worker/handover/") && slices.Contains(keys, "organization") &&
				(!slices.Contains(keys, "incident") || !slices.Contains(keys, "delivery_order") || !slices.Contains(keys, "order_number")) {
				t.Errorf("%s: a line has the keys %q, and names no incident, no delivery_order or no order_number", s.path, keys)
			}
			return true
		})
	}
	for _, key := range logKeys {
		if !used[key] {
			t.Errorf("nobody logs %q: take it out of the list", key)
		}
	}
}

// logs reports whether a call is one of a logger: of something called log or Log.
func logs(call *ast.CallExpr) bool {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if _, known := logCalls[method.Sel.Name]; !known {
		return false
	}
	switch on := method.X.(type) {
	case *ast.Ident:
		return strings.EqualFold(on.Name, "log") || on.Name == "slog"
	case *ast.SelectorExpr:
		return strings.EqualFold(on.Sel.Name, "log")
	}
	return false
}
