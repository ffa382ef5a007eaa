package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// scripts are the Lua scripts of a package: the files lua/*.lua beside it, which one of its variables embeds. What of them
// is a script, and what several include, says whoever names the file in a variable of its own.
type scripts struct {
	*source
	found    map[string]*script         // by the name of the file
	embedded map[types.Object]bool      // the variables that embed all of them
	holders  map[types.Object][]*script // by variable: the script that it is made of, with what that includes
}

type script struct {
	text        string
	first, last int // numbers of its mutants
}

// includes is how a script includes another file.
var includes = regexp.MustCompile(`(?m)^-- include (\S+)$`)

// findScripts makes the mutants of all scripts of a package in dir, which lies in root.
func findScripts(s *source, all *mutants, root, dir string) (*scripts, error) {
	sc := &scripts{source: s, found: map[string]*script{}, embedded: map[types.Object]bool{}, holders: map[types.Object][]*script{}}
	var values []*ast.ValueSpec
	for _, file := range s.files {
		for _, d := range file.tree.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				value := spec.(*ast.ValueSpec)
				if o := s.info.Defs[value.Names[0]]; o.Type().String() == "embed.FS" {
					sc.embedded[o] = true
				}
				values = append(values, value)
			}
		}
	}
	paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "lua", "*.lua"))
	if err != nil || len(paths) == 0 || len(sc.embedded) == 0 {
		sc.embedded = nil // what is embedded is no script
		return sc, err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(path)
		x := &script{text: string(text), first: len(all.all) + 1}
		for _, c := range luaChanges(x.text) {
			m := all.add(dir+"/lua/"+name, strings.TrimSuffix(name, ".lua"), x.text, c.from, c.to, c.with)
			m.edit = fmt.Sprintf("%s %d-%d %s", m.file, c.from, c.to, c.with)
		}
		x.last = len(all.all)
		sc.found[name] = x
	}
	for _, value := range values {
		sc.hold(value)
	}
	return sc, nil
}

// hold notes which scripts a variable is made of: those whose files its value names.
func (sc *scripts) hold(spec *ast.ValueSpec) {
	for i, value := range spec.Values {
		ast.Inspect(value, func(n ast.Node) bool {
			e, ok := n.(*ast.BasicLit)
			if !ok || e.Kind != token.STRING {
				return true
			}
			if o := sc.info.Defs[spec.Names[i]]; sc.found[constant.StringVal(sc.info.Types[e].Value)] != nil {
				sc.holders[o] = sc.parts(constant.StringVal(sc.info.Types[e].Value), sc.holders[o])
			}
			return true
		})
	}
}

// parts adds a script, and what it includes, to those that are known.
func (sc *scripts) parts(name string, known []*script) []*script {
	x := sc.found[name]
	if x == nil || slices.Contains(known, x) {
		return known
	}
	known = append(known, x)
	for _, match := range includes.FindAllStringSubmatch(x.text, -1) {
		known = sc.parts(match[1], known)
	}
	return known
}

// use wraps the name of a variable where it is used: that which embeds the files, so that one of them is changed, and that
// which holds a script, so that it is noted that a function uses it.
func (sc *scripts) use(w *rewriter, id *ast.Ident) {
	o := sc.info.Uses[id]
	if sc.embedded[o] {
		w.wrap(id, "mutantFiles(", ")")
	}
	if sc.holders[o] == nil {
		return
	}
	text := ""
	for _, x := range sc.holders[o] {
		text += fmt.Sprintf(", %d, %d", x.first, x.last)
	}
	w.wrap(id, "mutantUses(", text+")")
}
