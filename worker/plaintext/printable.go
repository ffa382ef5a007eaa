package plaintext

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	printedMost = 4096 // characters of one text
	marksMost   = 4    // combining marks on one letter; no script needs more
)

// Printable is a text of others as one line for people. Letters of all languages stay; what would steer a terminal,
// break the line, turn the direction of writing or hide stands as an escape like \x1b or \u202e. What is endless is cut.
func Printable(text string) string {
	if isPlain(text) && len(text) <= printedMost {
		return text
	}
	var b strings.Builder
	before, marks, printed := rune(0), 0, 0
	for i := 0; i < len(text); {
		if printed == printedMost {
			fmt.Fprintf(&b, "... (%d more characters)", utf8.RuneCountInString(text[i:]))
			break
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case isHarmless(r, before) && marks <= marksMost:
			b.WriteRune(r)
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		before = r
		i += size
		printed++
	}
	return b.String()
}

// isPlain reports whether a text is of ASCII's letters, digits, signs and spaces alone.
func isPlain[T string | []byte](text T) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// isHarmless reports whether a character shows itself and steers nothing; before is the one that it follows.
func isHarmless(r, before rune) bool {
	switch {
	case unicode.IsPrint(r) || unicode.Is(unicode.Zs, r):
		return true
	case isJoiner(r):
		return before >= utf8.RuneSelf && unicode.In(before, unicode.L, unicode.M, unicode.S)
	}
	return false
}

// EscapeHidden writes what would steer a terminal or turn the direction of writing as JSON writes it, \u202e, and keeps
// line breaks and tabs. In JSON, where such characters stand in strings only, it says the same as before.
func EscapeHidden(text []byte) []byte {
	if isPlain(bytes.TrimRight(text, "\n")) {
		return text
	}
	out, before := make([]byte, 0, len(text)+16), rune(0)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			out = append(out, `\ufffd`...)
		case r == '\n' || r == '\t' || isHarmless(r, before):
			out = append(out, text[i:i+size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		before = r
		i += size
	}
	return out
}

// Exact is a value as it is where all of it can be seen, else quoted, with escapes for what cannot.
func Exact(value string) string {
	if trimInvisible(value) != value || strings.ContainsFunc(value, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }) {
		return strconv.Quote(value)
	}
	return value
}

// IsPlainArgument reports whether a text stands in a command as it is, and is no flag: another text of others, as
// "--all", would make a command into another one.
func IsPlainArgument(text string) bool {
	return text == ShellWord(text) && !strings.HasPrefix(text, "-")
}

// ShellWord is a text as one argument of a command for a shell (sh; bash, zsh or ksh where it holds what cannot be
// shown). A shell that reads it changes and runs nothing of it.
func ShellWord(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/@%+,="
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	hidden := strings.ContainsFunc(text, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
	if !hidden {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + string(r))
		case unicode.IsPrint(r) && (r != utf8.RuneError || size > 1):
			b.WriteRune(r)
		default: // each byte in three octal digits, which no digit behind them can be taken for
			for _, c := range []byte(text[i : i+size]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		}
		i += size
	}
	b.WriteString("'")
	return b.String()
}
