package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// scripts are the Lua scripts of a package. They stand in its variables and constants, as raw strings, or put
// together of some: a constant may hold the beginning of several.
type scripts struct {
	*source
	all     *mutants
	found   map[ast.Expr]*script       // by the expression that is the whole text
	holders map[types.Object]*script   // by the variable or constant
	uses    map[*script][]types.Object // the constants that a script is put together of
}

type script struct{ first, last int } // numbers of its mutants

// findScripts makes the mutants of all scripts of a package.
func findScripts(s *source, all *mutants) *scripts {
	sc := &scripts{source: s, all: all, found: map[ast.Expr]*script{}, holders: map[types.Object]*script{}, uses: map[*script][]types.Object{}}
	for _, file := range s.files {
		for _, d := range file.tree.Decls {
			if g, ok := d.(*ast.GenDecl); ok && (g.Tok == token.CONST || g.Tok == token.VAR) {
				for _, spec := range g.Specs {
					sc.find(file, spec.(*ast.ValueSpec))
				}
			}
		}
	}
	return sc
}

func isScript(is types.TypeAndValue) bool {
	if is.Value == nil || is.Value.Kind() != constant.String {
		return false
	}
	text := constant.StringVal(is.Value)
	return strings.Contains(text, "redis.call(") || strings.Contains(text, "\nlocal function ")
}

func (sc *scripts) find(file *sourceFile, spec *ast.ValueSpec) {
	for i, value := range spec.Values {
		ast.Inspect(value, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok || !isScript(sc.info.Types[e]) {
				return true
			}
			f := &folded{scripts: sc}
			f.fold(e)
			if len(f.written) == 0 { // it only names another
				return false
			}
			x := &script{first: len(sc.all.all) + 1}
			for _, c := range luaChanges(f.text.String()) {
				w, ok := f.at(c.from, c.to)
				if !ok {
					continue
				}
				m := sc.all.add(file.path, spec.Names[i].Name, f.text.String(), c.from, c.to, c.with)
				literal := sc.fset.Position(w.literal.Pos())
				m.line = literal.Line + strings.Count(f.text.String()[w.from:c.from], "\n")
				m.edit = fmt.Sprintf("%d-%d %s", c.from, c.to, c.with)
			}
			x.last = len(sc.all.all)
			sc.found[e], sc.uses[x] = x, f.uses
			sc.holders[sc.info.Defs[spec.Names[i]]] = x
			return false
		})
	}
}

// folded is a constant text as it is put together, with what of it is written right here.
type folded struct {
	*scripts
	text    strings.Builder
	written []written
	uses    []types.Object
}

type written struct {
	from, to int // in the text
	literal  *ast.BasicLit
}

func (f *folded) fold(e ast.Expr) {
	from := f.text.Len()
	switch x := e.(type) {
	case *ast.ParenExpr:
		f.fold(x.X)
		return
	case *ast.BinaryExpr:
		f.fold(x.X)
		f.fold(x.Y)
		return
	case *ast.Ident:
		f.uses = append(f.uses, f.info.Uses[x])
	case *ast.BasicLit:
		if strings.HasPrefix(x.Value, "`") {
			f.written = append(f.written, written{from, from + len(x.Value) - 2, x})
		}
	}
	f.text.WriteString(constant.StringVal(f.info.Types[e].Value))
}

// at finds where a piece of the text is written; false if it is not, or not in one place.
func (f *folded) at(from, to int) (written, bool) {
	i := slices.IndexFunc(f.written, func(w written) bool { return w.from <= from && to <= w.to })
	if i < 0 {
		return written{}, false
	}
	return f.written[i], true
}

// constants makes variables of constants that hold scripts, since they change.
func (sc *scripts) constants(w *rewriter, decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		for _, value := range spec.(*ast.ValueSpec).Values {
			if x := sc.found[value]; x != nil {
				w.replace(decl.TokPos, len("const"), "var")
				w.before[w.offset(value.Pos())] += "mutantLua("
				w.after[w.offset(value.End())] += fmt.Sprintf(", %d, %d)", x.first, x.last)
			}
		}
	}
}

// root wraps a script that is part of a variable; false if e is none.
func (sc *scripts) root(w *rewriter, e ast.Expr) bool {
	x := sc.found[e]
	if x != nil {
		w.wrap(e, "mutantLua(", fmt.Sprintf(", %d, %d)", x.first, x.last))
	}
	return x != nil
}

// use notes that a function uses a script, by wrapping the variable's name.
func (sc *scripts) use(w *rewriter, id *ast.Ident) {
	o := sc.info.Uses[id]
	if _, variable := o.(*types.Var); !variable || sc.holders[o] == nil {
		return
	}
	text := ""
	for _, x := range sc.parts(o) {
		text += fmt.Sprintf(", %d, %d", x.first, x.last)
	}
	w.wrap(id, "mutantUses(", text+")")
}

// parts are the script of a variable or constant and those that it is put together of.
func (sc *scripts) parts(o types.Object) []*script {
	x := sc.holders[o]
	if x == nil {
		return nil
	}
	all := []*script{x}
	for _, used := range sc.uses[x] {
		all = append(all, sc.parts(used)...)
	}
	return all
}
