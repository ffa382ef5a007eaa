package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// textual are methods that say something to people; what they say is not mutated.
var textual = map[string]bool{"String": true, "GoString": true, "Error": true, "LogValue": true, "Format": true}

// locking are the methods of package sync that the race detector sees to.
var locking = map[string]bool{"Lock": true, "Unlock": true, "RLock": true, "RUnlock": true, "Add": true, "Done": true, "Wait": true}

// statement makes the mutants of a statement.
func (w *rewriter) statement(n ast.Stmt) bool {
	switch n := n.(type) {
	case *ast.IfStmt:
		if n.Else == nil && w.onlyLogs(n.Body) {
			w.skip(n.Cond, n.Body)
		}
	case *ast.ForStmt:
		if n.Cond != nil {
			w.once[n.Cond] = true
		}
		w.noMutant(n.Post)
	case *ast.SwitchStmt:
		w.caseTags(n)
	case *ast.CaseClause:
		w.cases(n)
	case *ast.ReturnStmt:
		w.results(n)
	case *ast.ExprStmt:
		call, ok := n.X.(*ast.CallExpr)
		if ok && w.isLog(call) {
			return false
		}
		if ok && !w.frees(call) && !w.neverReturns(call) {
			w.drop(n)
		}
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE && !w.unseen(n.Lhs) {
			w.drop(n)
		}
	case *ast.DeferStmt:
		if w.frees(n.Call) {
			return false
		}
		w.drop(n)
	case *ast.IncDecStmt, *ast.GoStmt, *ast.SendStmt:
		w.drop(n)
	case *ast.BranchStmt:
		if n.Tok == token.BREAK || n.Tok == token.CONTINUE {
			w.drop(n)
		}
		return false
	case *ast.TypeSwitchStmt:
		w.noMutant(n.Assign)
	}
	return true
}

// drop leaves a statement out, if it stands in a list of statements. Of one that is all that an "if" does, the
// condition's own mutant is the same.
func (w *rewriter) drop(n ast.Stmt) {
	switch p := w.parent().(type) {
	case *ast.BlockStmt:
		if around, ok := w.stack[len(w.stack)-2].(*ast.IfStmt); ok && around.Else == nil && len(p.List) == 1 {
			return
		}
	case *ast.CaseClause:
	case *ast.CommClause:
		if p.Comm == n {
			return
		}
	default:
		return
	}
	w.wrap(n, fmt.Sprintf("if !mutantOn(%d) { ", w.mutant(n, "nothing")), " }")
}

// noMutant skips a node that may be nil.
func (w *rewriter) noMutant(n ast.Stmt) {
	if n != nil {
		w.skip(n)
	}
}

// unseen says whether all that is written to is the blank name, a logger or its level.
func (w *rewriter) unseen(left []ast.Expr) bool {
	for _, e := range left {
		if id, ok := e.(*ast.Ident); ok && id.Name == "_" {
			continue
		}
		t := w.info.Types[e].Type
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if named, ok := t.(*types.Named); !ok || !fromPackage(named.Obj(), "log/slog") {
			return false
		}
	}
	return true
}

func fromPackage(o types.Object, path string) bool {
	return o != nil && o.Pkg() != nil && o.Pkg().Path() == path
}

// results makes each result of a function zero: an error that is swallowed, a list that is empty. Beside what surely is
// an error nobody looks at the others. An error that is handed on as soon as it is met has the mutant of its condition.
func (w *rewriter) results(n *ast.ReturnStmt) {
	signature := w.signature()
	if signature == nil || signature.Results().Len() != len(n.Results) {
		return
	}
	handedOn := w.handsOn()
	failed := handedOn
	for i, e := range n.Results {
		failed = failed || isError(signature.Results().At(i).Type()) && w.surelyFailed(e)
	}
	for i, e := range n.Results {
		t := signature.Results().At(i).Type()
		_, generic := t.(*types.TypeParam)
		_, called := e.(*ast.CallExpr)
		switch {
		case failed && !isError(t) && called, generic, isBool(t) && !failed:
		case failed && !isError(t), handedOn && isError(t):
			w.skip(e)
		default:
			w.zeroes[e] = t
		}
	}
}

// surelyFailed says whether an expression is an error that is made here, or a known one.
func (w *rewriter) surelyFailed(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		return w.makesError(e)
	case *ast.UnaryExpr:
		return e.Op == token.AND
	case *ast.Ident:
		v, ok := w.info.Uses[e].(*types.Var)
		return ok && v.Parent() == w.pkg.Scope()
	}
	return false
}

// handsOn says whether the present return is all that is done where an error is not nil.
func (w *rewriter) handsOn() bool {
	if len(w.stack) < 2 {
		return false
	}
	block := w.parent()
	around, ok := w.stack[len(w.stack)-2].(*ast.IfStmt)
	if !ok || around.Body != block || len(around.Body.List) > 1 {
		return false
	}
	whenFailed, ofError := w.errorCheck(around.Cond)
	return whenFailed && ofError
}

// signature is that of the function around the present node.
func (w *rewriter) signature() *types.Signature {
	for i := len(w.stack) - 1; i >= 0; i-- {
		switch f := w.stack[i].(type) {
		case *ast.FuncDecl:
			return w.info.Defs[f.Name].Type().(*types.Signature)
		case *ast.FuncLit:
			return w.info.Types[f].Type.(*types.Signature)
		}
	}
	return nil
}

// caseTags prepares "switch x { case A: }" so that each value of a case can be left out: it is asked as x == A.
func (w *rewriter) caseTags(n *ast.SwitchStmt) {
	if n.Tag == nil || n.Init != nil || w.info.Types[n.Tag].Value != nil {
		return
	}
	found := false
	for _, c := range n.Body.List {
		clause := c.(*ast.CaseClause)
		w.tags[clause] = true
		found = found || len(clause.List) > 0
	}
	if found {
		w.wrap(n.Tag, "mutantTag := ", ";")
	}
}

func (w *rewriter) cases(n *ast.CaseClause) {
	for _, e := range n.List {
		if w.tags[n] {
			w.skip(e)
			w.wrap(e, "mutantBool(mutantTag == ", fmt.Sprintf(", 0, %d)", w.mutant(e, "nothing")))
		}
	}
}

// isLog says whether a call logs. What is logged is for people to read.
func (w *rewriter) isLog(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	return ok && fromPackage(w.info.Uses[selector.Sel], "log/slog")
}

func (w *rewriter) onlyLogs(body *ast.BlockStmt) bool {
	for _, s := range body.List {
		e, ok := s.(*ast.ExprStmt)
		if !ok {
			return false
		}
		if call, ok := e.X.(*ast.CallExpr); !ok || !w.isLog(call) {
			return false
		}
	}
	return len(body.List) > 0
}

// frees says whether a call only gives something back: a lock, a context, a body. Without it the race detector
// complains, or something leaks; no story shows it.
func (w *rewriter) frees(call *ast.CallExpr) bool {
	if t, ok := w.info.Types[call.Fun].Type.(*types.Named); ok && t.Obj().Name() == "CancelFunc" {
		return true
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	return ok && (selector.Sel.Name == "Close" || locking[selector.Sel.Name] && fromPackage(w.info.Uses[selector.Sel], "sync"))
}

// neverReturns says whether a function may end with this call.
func (w *rewriter) neverReturns(call *ast.CallExpr) bool {
	id, ok := call.Fun.(*ast.Ident)
	return ok && id.Name == "panic"
}

func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }
