package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// rewriter finds the mutants of one file and writes the file anew, with all of them compiled in and switched by
// number. What it writes stands around the code that is there, so lines stay lines.
type rewriter struct {
	*source
	*sourceFile
	all     *mutants
	scripts *scripts

	stack   []ast.Node // from the file down to the parent of the present node
	where   string     // the function or variable that is looked at
	before  map[int]string
	after   map[int]string
	instead map[int]replacement
	closing map[ast.Node][]string // what is written behind a node once it was walked
	skipped map[ast.Node]bool     // not mutated, and nothing in it
	once    map[ast.Node]bool     // a condition of a loop: never made true, which would not end
	tags    map[*ast.CaseClause]bool
	zeroes  map[ast.Expr]types.Type // results and fields, of that type
}

type replacement struct {
	length int
	text   string
}

// rewrite returns the file with its mutants in it.
func rewrite(s *source, file *sourceFile, all *mutants, sc *scripts) string {
	w := &rewriter{source: s, sourceFile: file, all: all, scripts: sc, before: map[int]string{}, after: map[int]string{}, instead: map[int]replacement{},
		closing: map[ast.Node][]string{}, skipped: map[ast.Node]bool{}, once: map[ast.Node]bool{}, tags: map[*ast.CaseClause]bool{}, zeroes: map[ast.Expr]types.Type{}}
	ast.Inspect(file.tree, func(n ast.Node) bool {
		if n == nil {
			last := w.stack[len(w.stack)-1]
			w.stack = w.stack[:len(w.stack)-1]
			w.close(last)
			return false
		}
		if w.skipped[n] || !w.visit(n) {
			w.close(n)
			return false
		}
		w.stack = append(w.stack, n)
		return true
	})
	return w.rewritten()
}

func (w *rewriter) rewritten() string {
	var out strings.Builder
	for i := 0; i <= len(w.text); i++ {
		out.WriteString(w.after[i])
		out.WriteString(w.before[i])
		if r, ok := w.instead[i]; ok {
			out.WriteString(r.text)
			i += r.length - 1
		} else if i < len(w.text) {
			out.WriteByte(w.text[i])
		}
	}
	return out.String()
}

func (w *rewriter) offset(p token.Pos) int { return w.fset.Position(p).Offset }

// code is a node as it was written.
func (w *rewriter) code(n ast.Node) string { return w.text[w.offset(n.Pos()):w.offset(n.End())] }

// mutant makes one of a node: it becomes with.
func (w *rewriter) mutant(n ast.Node, with string) int {
	return w.all.add(w.path, w.where, w.text, w.offset(n.Pos()), w.offset(n.End()), with).id
}

// wrap writes around a node. What is wrapped later is inside.
func (w *rewriter) wrap(n ast.Node, before, after string) {
	w.before[w.offset(n.Pos())] += before
	w.closing[n] = append(w.closing[n], after)
}

func (w *rewriter) close(n ast.Node) {
	texts := w.closing[n]
	delete(w.closing, n)
	for i := len(texts) - 1; i >= 0; i-- {
		w.after[w.offset(n.End())] += texts[i]
	}
}

func (w *rewriter) replace(at token.Pos, length int, text string) {
	w.instead[w.offset(at)] = replacement{length, text}
}

// parent is the node around the present one; nil at the top.
func (w *rewriter) parent() ast.Node {
	if len(w.stack) == 0 {
		return nil
	}
	return w.stack[len(w.stack)-1]
}

// visit makes the mutants of a node; false if there is nothing to look at inside.
func (w *rewriter) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok == token.VAR
	case *ast.FuncDecl:
		w.where = functionName(n)
		return n.Body != nil && !textual[n.Name.Name]
	case *ast.ValueSpec:
		if _, top := w.stack[len(w.stack)-2].(*ast.File); top {
			w.where = n.Names[0].Name
		}
		w.skip(n.Type)
	case *ast.FuncType, *ast.ArrayType, *ast.MapType, *ast.StructType, *ast.InterfaceType, *ast.ChanType:
		return false
	case ast.Stmt:
		return w.statement(n)
	case ast.Expr:
		return w.expression(n)
	}
	return true
}

func (w *rewriter) skip(nodes ...ast.Node) {
	for _, n := range nodes {
		w.skipped[n] = true
	}
}

// functionName is Name, or Type.Name of a method.
func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + f.Name.Name
		default:
			return f.Name.Name
		}
	}
}

// typeName writes a type so that this file can name it; false if it cannot.
func (w *rewriter) typeName(t types.Type) (string, bool) {
	ok := true
	name := types.TypeString(t, func(p *types.Package) string {
		if p == w.pkg {
			return ""
		}
		if as := w.importedAs(p); as != "" {
			return as
		}
		ok = false
		return p.Path()
	})
	if basic, is := t.(*types.Basic); is && basic.Info()&types.IsUntyped != 0 {
		return "", false
	}
	return name, ok && w.exported(t)
}

// exported says whether a type of another package may be named outside of it.
func (w *rewriter) exported(t types.Type) bool {
	named, ok := t.(*types.Named)
	if !ok {
		if p, ok := t.(*types.Pointer); ok {
			return w.exported(p.Elem())
		}
		return true
	}
	o := named.Obj()
	return o.Pkg() == nil || o.Pkg() == w.pkg && o.Parent() == w.pkg.Scope() || o.Pkg() != w.pkg && o.Exported()
}

func (w *rewriter) importedAs(p *types.Package) string {
	for _, spec := range w.tree.Imports {
		if strings.Trim(spec.Path.Value, `"`) != p.Path() {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return p.Name()
	}
	return ""
}

// zero wraps an expression that is used as a t: the mutant is t's zero value.
func (w *rewriter) zero(e ast.Expr, t types.Type) {
	is := w.info.Types[e]
	if is.IsNil() || is.Type == nil || t == nil {
		return
	}
	if _, several := is.Type.(*types.Tuple); several {
		return
	}
	if lit, ok := e.(*ast.CompositeLit); ok && len(lit.Elts) == 0 {
		return
	}
	if is.Value != nil && (zeroConstant(is.Value.String()) || forPeople(is.Value)) {
		return
	}
	parameter := ""
	if name, ok := w.typeName(t); ok {
		parameter = "[" + name + "]"
	} else if is.Value != nil || !types.Identical(is.Type, t) {
		return
	}
	w.wrap(e, fmt.Sprintf("mutantZero%s(%d, ", parameter, w.mutant(e, "zero")), ")")
}

// forPeople says whether a constant is a sentence.
func forPeople(v constant.Value) bool {
	return v.Kind() == constant.String && strings.Contains(constant.StringVal(v), " ")
}

func zeroConstant(value string) bool { return value == "0" || value == `""` || value == "false" }
