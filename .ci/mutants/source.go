package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// source is one package as the compiler sees it.
type source struct {
	fset  *token.FileSet
	info  *types.Info
	pkg   *types.Package
	files []*sourceFile
}

type sourceFile struct {
	path string // slash path from the root of the module
	text string
	tree *ast.File
}

// listed is what "go list" tells of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// loader reads packages of the module in root. What they import it knows from the compiler's export data, so
// everything has to build.
type loader struct {
	root     string
	packages map[string]listed // by import path
	dirs     map[string]string // directory to import path
	importer types.Importer
	fset     *token.FileSet
}

func newLoader(ctx context.Context, root string, targets []target) (*loader, error) {
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles"}
	for _, t := range targets {
		args = append(args, "./"+t.dir)
	}
	list := exec.CommandContext(ctx, "go", args...)
	list.Dir, list.Stderr = root, os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the packages: %w", err)
	}
	l := &loader{root: root, packages: map[string]listed{}, dirs: map[string]string{}, fset: token.NewFileSet()}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("listing the packages: %w", err)
		}
		l.packages[p.ImportPath] = p
		l.dirs[p.Dir] = p.ImportPath
	}
	l.importer = importer.ForCompiler(l.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(l.packages[path].Export)
	})
	return l, nil
}

// load reads a package. Of its files it returns those that are named, or all where none is.
func (l *loader) load(dir string, named []string) (*source, error) {
	p, ok := l.packages[l.dirs[filepath.Join(l.root, filepath.FromSlash(dir))]]
	if !ok {
		return nil, fmt.Errorf("there is no package in %s: name another in targets.go", dir)
	}
	s := &source{fset: l.fset, info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
		Defs: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}}
	var trees []*ast.File
	for _, name := range p.GoFiles {
		text, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			return nil, err
		}
		tree, err := parser.ParseFile(s.fset, filepath.Join(p.Dir, name), text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		trees = append(trees, tree)
		if len(named) == 0 || slices.Contains(named, name) {
			s.files = append(s.files, &sourceFile{path: dir + "/" + name, text: string(text), tree: tree})
		}
	}
	if missing := len(named) - len(s.files); missing > 0 {
		return nil, fmt.Errorf("%d of the files %s are not in %s: name others in targets.go", missing, strings.Join(named, " "), dir)
	}
	config := types.Config{Importer: l.importer}
	var err error
	if s.pkg, err = config.Check(p.ImportPath, s.fset, trees, s.info); err != nil {
		return nil, err
	}
	return s, nil
}
