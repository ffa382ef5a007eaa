package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed switch.go.txt
var switchText string

// built is the code with all its mutants in it, and the tests that were built of it.
type built struct {
	mutants []*mutant
	suites  map[string]*suite // by directory of the tests
}

// build finds the mutants of all targets and builds their tests, once. Nothing is written into the module: the
// compiler is told where the other texts are.
func build(ctx context.Context, root, work string, targets []target) (*built, error) {
	l, err := newLoader(ctx, root, targets)
	if err != nil {
		return nil, err
	}
	all := &mutants{}
	overlay := map[string]string{}
	put := func(path, text string) error {
		copied := filepath.Join(work, fmt.Sprintf("%d.go", len(overlay)))
		overlay[filepath.Join(root, filepath.FromSlash(path))] = copied
		return os.WriteFile(copied, []byte(text), 0o600)
	}
	b := &built{suites: map[string]*suite{}}
	for _, t := range targets {
		s, err := l.load(t.dir, t.files)
		if err != nil {
			return nil, err
		}
		scripts, err := findScripts(s, all, root, t.dir)
		if err != nil {
			return nil, err
		}
		for _, file := range s.files {
			if err := put(file.path, rewrite(s, file, all, scripts)); err != nil {
				return nil, err
			}
		}
		if err := put(t.dir+"/mutants_switch.go", strings.NewReplacer("PACKAGEDIR", t.dir, "PACKAGE", s.pkg.Name()).Replace(switchText)); err != nil {
			return nil, err
		}
	}
	b.mutants = all.all
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return nil, err
	}
	overlaid := filepath.Join(work, "overlay.json")
	if err := os.WriteFile(overlaid, list, 0o600); err != nil {
		return nil, err
	}
	for _, t := range targets {
		for _, dir := range t.tests {
			if b.suites[dir] != nil {
				continue
			}
			binary := filepath.Join(work, fmt.Sprintf("%d.test", len(b.suites)))
			compile := exec.CommandContext(ctx, "go", "test", "-c", "-overlay", overlaid, "-o", binary, "./"+dir)
			compile.Dir = root
			if out, err := compile.CombinedOutput(); err != nil {
				return nil, fmt.Errorf("building the tests of %s with the mutants in: %w\n%s", dir, err, out)
			}
			b.suites[dir], err = newSuite(ctx, dir, binary, filepath.Join(root, filepath.FromSlash(dir)), len(all.all))
			if err != nil {
				return nil, err
			}
		}
	}
	return b, nil
}

// suitesOf are the tests that have to notice a mutant.
func (b *built) suitesOf(m *mutant, targets []target) []*suite {
	var suites []*suite
	for _, t := range targets {
		dir, file, _ := cutLast(m.file, "/")
		dir = strings.TrimSuffix(dir, "/lua")
		if t.dir != dir || len(t.files) > 0 && !slices.Contains(t.files, file) {
			continue
		}
		for _, tests := range t.tests {
			suites = append(suites, b.suites[tests])
		}
	}
	return suites
}

func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}
