package main

import (
	"slices"
	"strconv"
	"strings"
)

// luaChange is one mutant of a Lua script: text[from:to] becomes with.
type luaChange struct {
	from, to int
	with     string
}

type luaToken struct {
	from, to int
	kind     byte // 'n' name or keyword, '1' number, '"' string, or 'o' operator
	text     string
}

// luaChanges finds the mutants of a script: a statement is left out, a part of a condition is always true or always
// false, a limit is inclusive or exclusive, a comparison is the opposite, a sum is a difference, a number is one
// more, a string is another.
func luaChanges(text string) []luaChange {
	l := &lua{text: text, tokens: luaTokens(text)}
	l.statements()
	l.conditions()
	for i := range l.tokens {
		l.token(i)
	}
	slices.SortStableFunc(l.found, func(a, b luaChange) int { return a.from - b.from })
	return l.found
}

type lua struct {
	text   string
	tokens []luaToken
	found  []luaChange
	asked  []luaToken // what conditions stand between; their comparisons have mutants already
}

func (l *lua) change(from, to int, with string) {
	l.found = append(l.found, luaChange{from, to, with})
}

// luaTokens splits a script, leaving out blanks and comments.
func luaTokens(text string) []luaToken {
	var tokens []luaToken
	for i := 0; i < len(text); {
		from := i
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case strings.HasPrefix(text[i:], "--"):
			for i < len(text) && text[i] != '\n' {
				i++
			}
			continue
		case c == '\'' || c == '"':
			for i++; i < len(text) && text[i] != c; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			i++
			tokens = append(tokens, luaToken{from, i, '"', text[from:i]})
		case letter(c) || digit(c):
			for i < len(text) && (letter(text[i]) || digit(text[i]) || digit(c) && text[i] == '.') {
				i++
			}
			kind := byte('n')
			if digit(c) {
				kind = '1'
			}
			tokens = append(tokens, luaToken{from, i, kind, text[from:i]})
		default:
			i++
			for _, long := range []string{"==", "~=", "<=", ">=", ".."} {
				if strings.HasPrefix(text[from:], long) {
					i = from + 2
				}
			}
			tokens = append(tokens, luaToken{from, i, 'o', text[from:i]})
		}
	}
	return tokens
}

func letter(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }

// at is a token, an empty one beyond the ends.
func (l *lua) at(i int) luaToken {
	if i < 0 || i >= len(l.tokens) {
		return luaToken{kind: 'o'}
	}
	return l.tokens[i]
}

// statements leaves out calls and assignments, each as far as it goes.
func (l *lua) statements() {
	for i := 0; i < len(l.tokens); i++ {
		if !l.begins(i) || l.at(i).kind != 'n' || luaKeywords[l.at(i).text] {
			continue
		}
		end := l.statementEnd(i)
		alone := l.at(i-1).text == "then" && l.at(end+1).text == "end" // the condition's own mutant is the same
		if end > i && !alone {
			l.change(l.at(i).from, l.at(end).to, "")
		}
	}
}

// begins says whether a statement may begin at a token: at the start of a line, or behind a keyword that opens a block.
func (l *lua) begins(i int) bool {
	if i == 0 {
		return true
	}
	before := l.at(i - 1)
	if before.text == "then" || before.text == "do" || before.text == "else" {
		return true
	}
	return strings.Contains(l.text[before.to:l.at(i).from], "\n") && before.text != "," && before.text != "(" && before.text != "{" &&
		before.text != "=" && before.text != "and" && before.text != "or" && before.text != ".."
}

// statementEnd is the last token of the call or assignment that begins at i; i if it is neither.
func (l *lua) statementEnd(i int) int {
	depth, assigned, called := 0, false, false
	end := i
	for j := i; j < len(l.tokens); j++ {
		t := l.at(j)
		if j > i && depth == 0 {
			if t.kind == 'n' && luaKeywords[t.text] && t.text != "and" && t.text != "or" && t.text != "not" && t.text != "nil" && t.text != "true" && t.text != "false" {
				break
			}
			if l.begins(j) && t.kind == 'n' {
				break
			}
		}
		switch t.text {
		case "(", "{", "[":
			called = called || t.text == "("
			depth++
		case ")", "}", "]":
			depth--
		case "=":
			assigned = assigned || depth == 0
		}
		if depth < 0 {
			break
		}
		end = j
	}
	if !assigned && !called {
		return i
	}
	return end
}

var luaKeywords = map[string]bool{"and": true, "break": true, "do": true, "else": true, "elseif": true, "end": true, "false": true, "for": true,
	"function": true, "if": true, "in": true, "local": true, "nil": true, "not": true, "or": true, "repeat": true, "return": true, "then": true,
	"true": true, "until": true, "while": true}

// conditions makes each part of "if ... then" always true and always false.
func (l *lua) conditions() {
	for i, t := range l.tokens {
		if t.kind != 'n' || t.text != "if" && t.text != "elseif" {
			continue
		}
		j := i + 1
		for l.at(j).text != "then" {
			if j++; j >= len(l.tokens) {
				return
			}
		}
		l.parts(i+1, j)
		l.asked = append(l.asked, luaToken{from: t.to, to: l.at(j).from})
	}
}

// parts splits the tokens from i to before j at "and" and "or".
func (l *lua) parts(i, j int) {
	depth, begin := 0, i
	part := func(end int) {
		if begin >= end {
			return
		}
		for _, with := range []string{"true", "false"} {
			l.change(l.at(begin).from, l.at(end-1).to, with)
		}
	}
	for k := i; k < j; k++ {
		switch t := l.at(k); t.text {
		case "(", "{", "[":
			depth++
		case ")", "}", "]":
			depth--
		case "and", "or":
			if depth == 0 {
				part(k)
				begin = k + 1
			}
		}
	}
	if begin == i && l.at(i).text == "(" && l.at(j-1).text == ")" {
		l.parts(i+1, j-1)
		return
	}
	part(j)
}

// token makes the mutants of a single token.
func (l *lua) token(i int) {
	t := l.at(i)
	put := func(with string) { l.change(t.from, t.to, with) }
	asked := slices.ContainsFunc(l.asked, func(a luaToken) bool { return a.from <= t.from && t.to <= a.to })
	switch {
	case t.kind == 'o':
		opposites := map[string]string{"<": "<=", "<=": "<", ">": ">=", ">=": ">", "+": "-", "*": "/", "/": "*"}
		if with := opposites[t.text]; with != "" && !(strings.ContainsAny(t.text, "<>") && l.ofNow(i)) {
			put(with)
		}
		before := l.at(i - 1)
		if t.text == "-" && (before.kind == '1' || before.kind == 'n' && !luaKeywords[before.text] || before.text == ")" || before.text == "]") {
			put("+")
		}
		if !asked && t.text == "==" {
			put("~=")
		}
		if !asked && t.text == "~=" {
			put("==")
		}
	case t.kind == '1' && !asked:
		if n, err := strconv.Atoi(t.text); err == nil && n < smallNumber {
			put(strconv.Itoa(n + 1))
		} else if err == nil {
			put(strconv.Itoa(2 * n))
		}
	case t.kind == '"' && !asked && !l.command(i):
		put(t.text[:len(t.text)-1] + "~" + t.text[len(t.text)-1:])
	case t.text == "min" && l.at(i-1).text == ".":
		put("max")
	case t.text == "max" && l.at(i-1).text == ".":
		put("min")
	case t.kind == 'n' && !asked && t.text == "true":
		put("false")
	case t.kind == 'n' && !asked && t.text == "false":
		put("true")
	}
}

// ofNow says whether a comparison is one with Redis's clock, which no test stops: it is never equal.
func (l *lua) ofNow(i int) bool {
	line := func(from, step int) bool {
		for j := from; j >= 0 && j < len(l.tokens); j += step {
			t := l.at(j)
			if t.kind == 'n' && luaKeywords[t.text] {
				return false
			}
			if t.text == "now" {
				return true
			}
		}
		return false
	}
	return line(i, -1) || line(i, 1)
}

// command says whether a string is the name of a command of Redis.
func (l *lua) command(i int) bool { return l.at(i-1).text == "(" && l.at(i-2).text == "call" }
