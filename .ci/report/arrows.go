package main

import (
	"go/ast"
	"maps"
	"slices"
)

// arrows counts the arrows between the files of a package, and those that go back up.
func (p *pkg) arrows() (all, back int) {
	points := p.points()
	place := map[string]int{}
	for i, name := range topDown(points) {
		place[name] = i
	}
	for from, targets := range points {
		for to := range targets {
			all++
			if place[to] < place[from] {
				back++
			}
		}
	}
	return all, back
}

// points tells at which other files each file points.
func (p *pkg) points() map[string]map[string]bool {
	functions, methods := map[string]string{}, map[string]string{} // name > file; "": ambiguous
	for name, file := range p.files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil {
					functions[n.Name.Name] = name
				} else if _, twice := methods[n.Name.Name]; twice {
					methods[n.Name.Name] = ""
				} else {
					methods[n.Name.Name] = name
				}
			}
			return true
		})
	}
	for _, file := range p.files {
		ast.Inspect(file, func(n ast.Node) bool {
			if f, is := n.(*ast.Field); is {
				for _, name := range f.Names {
					if _, is := methods[name.Name]; is {
						methods[name.Name] = ""
					}
				}
			}
			return true
		})
	}
	points := map[string]map[string]bool{}
	for name, file := range p.files {
		points[name] = map[string]bool{}
		mention := func(target string) {
			if target != "" && target != name {
				points[name][target] = true
			}
		}
		elsewhere := map[*ast.Ident]bool{file.Name: true} // names of fields, methods and parameters: no mention of a function
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				elsewhere[n.Sel] = true
				mention(methods[n.Sel.Name])
			case *ast.KeyValueExpr:
				if key, is := n.Key.(*ast.Ident); is {
					elsewhere[key] = true
				}
			case *ast.Field:
				for _, field := range n.Names {
					elsewhere[field] = true
				}
			case *ast.Ident:
				if !elsewhere[n] {
					mention(functions[n.Name])
				}
			}
			return true
		})
	}
	return points
}

// topDown orders files so that few arrows go back up: those at which nothing points come first, those that point at
// nothing last, and where there is neither, the one with most more arrows from it than to it is next.
func topDown(points map[string]map[string]bool) []string {
	left := slices.Sorted(maps.Keys(points))
	var head, tail []string
	for len(left) > 0 {
		from, to := degrees(points, left)
		next := slices.IndexFunc(left, func(name string) bool { return from[name] == 0 })
		if next >= 0 {
			tail = append(tail, left[next])
		} else {
			next = 0
			for i, name := range left {
				if to[name] == 0 {
					next = i
					break
				}
				if best := left[next]; from[name]-to[name] > from[best]-to[best] {
					next = i
				}
			}
			head = append(head, left[next])
		}
		left = slices.Delete(left, next, next+1)
	}
	slices.Reverse(tail)
	return append(head, tail...)
}

// degrees counts, among the files that are left, the arrows from each and to each.
func degrees(points map[string]map[string]bool, left []string) (from, to map[string]int) {
	from, to = map[string]int{}, map[string]int{}
	for _, name := range left {
		for target := range points[name] {
			if slices.Contains(left, target) {
				from[name]++
				to[target]++
			}
		}
	}
	return from, to
}
