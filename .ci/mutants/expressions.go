package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
)

// expression makes the mutants of an expression; false if there is nothing to look at inside.
func (w *rewriter) expression(e ast.Expr) bool {
	is, known := w.info.Types[e]
	if known && is.IsType() {
		return false
	}
	if t := w.zeroes[e]; t != nil {
		w.zero(e, t)
	}
	if id, ok := e.(*ast.Ident); ok {
		w.scripts.use(w, id)
	}
	if known && is.Value != nil {
		w.constant(e, is)
		return false
	}
	if known && is.IsValue() && isBool(is.Type) && !w.assigned(e) {
		w.boolean(e)
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		w.binary(e)
	case *ast.CallExpr:
		return w.call(e)
	case *ast.CompositeLit:
		w.fields(e)
	case *ast.SelectorExpr:
		w.skip(e.Sel)
	case *ast.KeyValueExpr:
		w.skip(e.Key)
	}
	return true
}

// assigned says whether the present expression is written to, or is a call whose value nobody takes.
func (w *rewriter) assigned(e ast.Expr) bool {
	switch p := w.parent().(type) {
	case *ast.AssignStmt:
		return slices.Contains(p.Lhs, e)
	case *ast.RangeStmt:
		return p.Key == e || p.Value == e
	case *ast.UnaryExpr:
		return p.Op == token.AND
	case *ast.ExprStmt, *ast.DeferStmt, *ast.GoStmt:
		return true
	}
	return false
}

// boolean makes a question always true and always false. What is put together of others is left to them.
func (w *rewriter) boolean(e ast.Expr) {
	switch x := e.(type) {
	case *ast.ParenExpr:
		w.once[x.X] = w.once[e]
		return
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return
		}
	case *ast.BinaryExpr:
		if x.Op == token.LAND || x.Op == token.LOR {
			w.once[x.X], w.once[x.Y] = w.once[e], w.once[e]
			return
		}
	}
	toTrue, toFalse := 0, 0
	whenFailed, ofError := w.errorCheck(e)
	if !w.once[e] && (!ofError || !whenFailed) {
		toTrue = w.mutant(e, "true")
	}
	if !ofError || whenFailed {
		toFalse = w.mutant(e, "false")
	}
	w.wrap(e, "mutantBool(", fmt.Sprintf(", %d, %d)", toTrue, toFalse))
}

// errorCheck says whether e compares an error with nil, and whether it holds when something failed. Its only mutant
// is that nothing failed: that all fails is noticed by whatever comes by.
func (w *rewriter) errorCheck(e ast.Expr) (whenFailed, ofError bool) {
	b, ok := e.(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL && b.Op != token.NEQ || !w.info.Types[b.Y].IsNil() {
		return false, false
	}
	return b.Op == token.NEQ, isError(w.info.Types[b.X].Type)
}

// binary makes limits inclusive or exclusive, and sums differences.
func (w *rewriter) binary(e *ast.BinaryExpr) {
	switch e.Op {
	case token.LSS, token.GTR:
		id := w.mutantOf(e, e.Op.String()+"=")
		w.wrap(e, "(", fmt.Sprintf(" || mutantOn(%d) && %s == %s)", id, w.code(e.X), w.code(e.Y)))
	case token.LEQ, token.GEQ:
		id := w.mutantOf(e, e.Op.String()[:1])
		w.wrap(e, "(", fmt.Sprintf(" && !(mutantOn(%d) && %s == %s))", id, w.code(e.X), w.code(e.Y)))
	case token.ADD, token.SUB, token.MUL, token.QUO:
		b, ok := w.info.Types[e].Type.Underlying().(*types.Basic)
		if !ok || b.Info()&(types.IsInteger|types.IsFloat) == 0 {
			return
		}
		names := map[token.Token][2]string{token.ADD: {"Plus", "-"}, token.SUB: {"Minus", "+"}, token.MUL: {"Times", "/"}, token.QUO: {"Over", "*"}}
		to := names[e.Op]
		id := w.mutantOf(e, to[1])
		w.wrap(e, fmt.Sprintf("mutant%s(%d, ", to[0], id), ")")
		w.replace(e.OpPos, 1, ",")
	}
}

// mutantOf makes a mutant of an operator.
func (w *rewriter) mutantOf(e *ast.BinaryExpr, with string) int {
	from := w.offset(e.OpPos)
	return w.all.add(w.path, w.where, w.text, from, from+len(e.Op.String()), with).id
}

// call looks at calls of functions that are special.
func (w *rewriter) call(e *ast.CallExpr) bool {
	if w.isLog(e) {
		return false
	}
	if w.makesError(e) {
		return false
	}
	id, ok := e.Fun.(*ast.Ident)
	if !ok {
		return true
	}
	if _, builtin := w.info.Uses[id].(*types.Builtin); !builtin {
		return true
	}
	switch {
	case id.Name == "make":
		return false // sizes are for speed
	case id.Name == "min" && len(e.Args) > 1:
		w.replace(id.Pos(), len("min("), fmt.Sprintf("mutantMin(%d, ", w.mutant(id, "max")))
	case id.Name == "max" && len(e.Args) > 1:
		w.replace(id.Pos(), len("max("), fmt.Sprintf("mutantMax(%d, ", w.mutant(id, "min")))
	}
	return true
}

// makesError says whether a call makes an error of a text.
func (w *rewriter) makesError(e *ast.CallExpr) bool {
	selector, ok := e.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	o := w.info.Uses[selector.Sel]
	return selector.Sel.Name == "New" && fromPackage(o, "errors") || selector.Sel.Name == "Errorf" && fromPackage(o, "fmt")
}

// fields leaves each field of a struct literal out.
func (w *rewriter) fields(e *ast.CompositeLit) {
	t := w.info.Types[e].Type
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, element := range e.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			if f := s.Field(i); !isBool(f.Type()) {
				w.zeroes[element] = f.Type()
			}
			continue
		}
		if f, ok := w.info.Uses[pair.Key.(*ast.Ident)].(*types.Var); ok && !isBool(f.Type()) {
			w.zeroes[pair.Value] = f.Type()
		}
	}
}

// smallNumber is the first number of which one more changes too little.
const smallNumber = 100

// constant changes a number: a duration and a large number are twice as much, a small one is one more. What is compared for equality, or
// is a plain limit in a comparison, is left to the comparison's own mutants.
func (w *rewriter) constant(e ast.Expr, is types.TypeAndValue) {
	b, ok := is.Type.Underlying().(*types.Basic)
	if !ok || w.zeroes[e] != nil {
		return
	}
	if b.Info()&types.IsBoolean != 0 {
		if id, ok := e.(*ast.Ident); ok && (id.Name == "true" || id.Name == "false") && !w.once[e] {
			if constant.BoolVal(is.Value) {
				w.wrap(e, "mutantBool(", fmt.Sprintf(", 0, %d)", w.mutant(e, "false")))
			} else {
				w.wrap(e, "mutantBool(", fmt.Sprintf(", %d, 0)", w.mutant(e, "true")))
			}
		}
		return
	}
	name, ok := w.typeName(is.Type)
	if !ok || b.Info()&(types.IsInteger|types.IsFloat) == 0 || w.comparedAsIs(e) {
		return
	}
	large := constant.Compare(is.Value, token.GEQ, constant.MakeInt64(smallNumber))
	if large || name == "time.Duration" && !zeroConstant(is.Value.String()) {
		w.wrap(e, fmt.Sprintf("mutantTwice[%s](%d, ", name, w.mutant(e, "twice")), ")")
		return
	}
	w.wrap(e, fmt.Sprintf("mutantNext[%s](%d, ", name, w.mutant(e, "one more")), ")")
}

func (w *rewriter) comparedAsIs(e ast.Expr) bool {
	p, ok := w.parent().(*ast.BinaryExpr)
	if !ok {
		return false
	}
	switch p.Op {
	case token.EQL, token.NEQ:
		return true
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		_, literal := e.(*ast.BasicLit)
		return literal
	}
	return false
}
