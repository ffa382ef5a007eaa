package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pkg is what is counted of a package.
type pkg struct {
	path           string // from the module's directory
	product, tests lines
	functions      []string
	methods        []method
	structs        []counted
	files          map[string]*ast.File // of the product, by name
	testOnly       bool                 // only tests import it
}

type method struct{ receiver, name, file string }

// read parses every package of a module.
func read(root string) ([]*pkg, error) {
	byPath, imported := map[string]*pkg{}, map[string][]string{} // what is imported outside tests > by which
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		directory, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		directory = filepath.ToSlash(directory)
		if byPath[directory] == nil {
			byPath[directory] = &pkg{path: directory, files: map[string]*ast.File{}}
		}
		return byPath[directory].add(path, imported)
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", root, err)
	}
	module, err := moduleOf(root)
	if err != nil {
		return nil, err
	}
	markTestOnly(module, byPath, imported)
	var all []*pkg
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		all = append(all, byPath[path])
	}
	return all, nil
}

// moduleOf reads the module's path.
func moduleOf(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("reading the module's path: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if path, is := strings.CutPrefix(strings.TrimSpace(line), "module "); is {
			return strings.TrimSpace(path), nil
		}
	}
	return "", fmt.Errorf("%s/go.mod names no module", root)
}

func (p *pkg) add(path string, imported map[string][]string) error {
	source, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	switch {
	case ast.IsGenerated(file):
		return nil
	case strings.HasSuffix(path, "_test.go"):
		p.tests.add(count(source))
		return nil
	}
	p.product.add(count(source))
	name := filepath.Base(path)
	p.files[name] = file
	for _, spec := range file.Imports {
		target := strings.Trim(spec.Path.Value, `"`)
		imported[target] = append(imported[target], p.path)
	}
	for _, declared := range file.Decls {
		switch declared := declared.(type) {
		case *ast.FuncDecl:
			p.addFunction(declared, name)
		case *ast.GenDecl:
			for _, spec := range declared.Specs {
				p.addStruct(spec)
			}
		}
	}
	return nil
}

func (p *pkg) addFunction(f *ast.FuncDecl, file string) {
	if f.Recv != nil {
		p.methods = append(p.methods, method{receiverOf(f.Recv.List[0].Type), f.Name.Name, file})
		return
	}
	if f.Name.Name != "main" && f.Name.Name != "init" {
		p.functions = append(p.functions, f.Name.Name)
	}
}

func receiverOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiverOf(e.X)
	case *ast.IndexExpr:
		return receiverOf(e.X)
	case *ast.IndexListExpr:
		return receiverOf(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

func (p *pkg) addStruct(spec ast.Spec) {
	t, is := spec.(*ast.TypeSpec)
	if !is {
		return
	}
	s, is := t.Type.(*ast.StructType)
	if !is {
		return
	}
	p.structs = append(p.structs, counted{name: p.path + "." + t.Name.Name, number: s.Fields.NumFields()})
}

// largestTypes counts the methods of each type.
func (p *pkg) largestTypes() []counted {
	methods, files := map[string]int{}, map[string]map[string]bool{}
	for _, m := range p.methods {
		methods[m.receiver]++
		if files[m.receiver] == nil {
			files[m.receiver] = map[string]bool{}
		}
		files[m.receiver][m.file] = true
	}
	var all []counted
	for name, n := range methods {
		all = append(all, counted{p.path + "." + name, n, len(files[name])})
	}
	return all
}

// count counts the lines of a file.
func count(source []byte) lines {
	set := token.NewFileSet()
	file := set.AddFile("", set.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, scanner.ScanComments)
	code, comments := map[int]bool{}, map[int]bool{}
	for {
		at, kind, literal := s.Scan()
		if kind == token.EOF {
			break
		}
		if kind == token.SEMICOLON && literal == "\n" {
			continue // written by the scanner
		}
		on := code
		if kind == token.COMMENT {
			on = comments
		}
		first := file.Line(at)
		for i := range 1 + strings.Count(literal, "\n") {
			on[first+i] = true
		}
	}
	l := lines{all: strings.Count(string(source), "\n"), code: len(code)}
	for line := range comments {
		if !code[line] {
			l.comments++
		}
	}
	return l
}

// markTestOnly marks the packages that nothing but tests, and other such packages, imports.
func markTestOnly(module string, byPath map[string]*pkg, imported map[string][]string) {
	for changed := true; changed; {
		changed = false
		for path, p := range byPath {
			main := slices.ContainsFunc(slices.Collect(maps.Values(p.files)), func(f *ast.File) bool { return f.Name.Name == "main" })
			serves := slices.ContainsFunc(imported[module+"/"+path], func(by string) bool { return !byPath[by].testOnly })
			if !p.testOnly && !main && !serves {
				p.testOnly, changed = true, true
			}
		}
	}
}
