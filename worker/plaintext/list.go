package plaintext

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ValueMost is how many characters a value of a list may have. Ids and references of shops have some dozens.
const ValueMost = 500

// Line is a value and where it stands.
type Line struct {
	Number int // from 1
	Value  string
}

// List is what a file says that has one value a line.
type List struct {
	Lines    []Line
	Repeated []Line // what an earlier line said already; left out of Lines
}

// Problems is everything that is wrong with the lines of a list.
type Problems []Problem

// problemsShown is how many wrong lines are named.
const problemsShown = 10

// Error is one problem a line; where there are many the rest is counted.
func (ps Problems) Error() string {
	var lines []string
	for _, p := range ps[:min(len(ps), problemsShown)] {
		lines = append(lines, p.Error())
	}
	if more := len(ps) - problemsShown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more lines", more))
	}
	return strings.Join(lines, "\n")
}

// ReadList reads one value a line. There are no comments: "#1001" is an order's name. Blank lines, what is invisible
// around a value, quotes around it and empty columns beside it are left out. A table, a heading, and what cannot be
// read for sure is refused: the error is a [Problem] or [Problems].
func ReadList(data []byte) (List, error) {
	text, err := Decode(data)
	if err != nil {
		return List{}, err
	}
	if p := otherSyntax(text); p != "" {
		return List{}, Problem{Text: p}
	}
	var list List
	var wrong Problems
	seen := map[string]struct{}{}
	for i, raw := range splitLines(text) {
		value, what := readLine(raw, len(list.Lines) == 0 && len(wrong) == 0)
		_, again := seen[value]
		switch {
		case what.table:
			return List{}, Problem{Line: i + 1, Text: what.text}
		case what.text != "":
			wrong = append(wrong, Problem{Line: i + 1, Text: what.text})
		case value == "":
		case again:
			list.Repeated = append(list.Repeated, Line{i + 1, value})
		default:
			seen[value] = struct{}{}
			list.Lines = append(list.Lines, Line{i + 1, value})
		}
	}
	if len(wrong) > 0 {
		return List{}, wrong
	}
	if len(list.Lines) == 0 {
		return List{}, Problem{Text: "the file holds no line; write one value a line"}
	}
	if first := list.Lines[0]; isHeading(first.Value, list.Lines[1:]) {
		return List{}, Problem{Line: first.Number, Text: fmt.Sprintf("%q is the heading of a column, as it seems; take that line out (if it is a value, move it further down)", first.Value)}
	}
	return list, nil
}

// CleanValue returns a value without what is invisible around it, or says what is wrong with it.
func CleanValue(raw string) (string, error) {
	value := trimInvisible(raw)
	switch {
	case value == "":
		return "", Problem{Text: "a blank value"}
	case !utf8.ValidString(value):
		return "", Problem{Text: "a value that is not UTF-8"}
	}
	if wrong := wrongValue(value); wrong != "" {
		return "", Problem{Text: wrong}
	}
	return value, nil
}

// fault is what is wrong with a line; table tells that it is with the whole file.
type fault struct {
	text  string
	table bool
}

// readLine returns the value of a line, "" of a blank one. first tells that no other was read before it.
func readLine(raw string, first bool) (string, fault) {
	columns, separator, wrong := splitColumns(raw)
	switch {
	case wrong != "":
		return "", fault{text: wrong}
	case len(columns) > 1:
		return "", fault{text: severalColumns(columns, separator, first), table: first}
	case len(columns) == 0:
		return "", fault{}
	}
	value := unquote(columns[0])
	return value, fault{text: wrongValue(value)}
}

// severalColumns says what to do about a line of a table.
func severalColumns(columns []string, separator rune, first bool) string {
	const shown = 3
	var names []string
	for _, name := range columns[:min(len(columns), shown)] {
		names = append(names, fmt.Sprintf("%q", shortenValue(name)))
	}
	if len(columns) > shown {
		names = append(names, "...")
	}
	by := "with a " + string(separator)
	if separator == '\t' {
		by = "with a tab"
	}
	what := fmt.Sprintf("%d values in one line, separated %s (%s)", len(columns), by, strings.Join(names, ", "))
	if first {
		what = fmt.Sprintf("a table, with a heading or without: %s", what)
	}
	return what + "; a list has one value a line and no heading. Keep the one column with the values, as: cut -d" +
		ShellWord(string(separator)) + " -f1 FILE | tail -n +2. A " + separatorWord(separator) + " that belongs to a value wants double quotes around the value"
}

func separatorWord(separator rune) string {
	return map[rune]string{'\t': "tab", ',': "comma", ';': "semicolon", '|': "bar"}[separator]
}

const separators = "\t,;|"

// splitColumns splits a line at separators outside of double quotes, and leaves out columns that say nothing. The
// separator is the first one met.
func splitColumns(line string) (columns []string, separator rune, wrong string) {
	for rest, more := line, true; more; {
		var column string
		rest = strings.TrimLeftFunc(rest, func(r rune) bool { return r != '\t' && isInvisible(r) })
		quoted := strings.TrimPrefix(rest, "=") // ="1001" keeps a spreadsheet from reading a number
		if strings.HasPrefix(quoted, `"`) {
			var closed bool
			if column, rest, closed = readQuoted(quoted[1:]); !closed {
				return nil, 0, `a " that opens and does not close; write one value a line`
			}
			rest = strings.TrimLeftFunc(rest, func(r rune) bool { return r != '\t' && isInvisible(r) })
			if rest != "" && !strings.ContainsRune(separators, rune(rest[0])) {
				return nil, 0, `something behind the closing "; write one value a line`
			}
		} else {
			end := strings.IndexAny(rest, separators)
			if end < 0 {
				end = len(rest)
			}
			column, rest = rest[:end], rest[end:]
		}
		if column = trimInvisible(column); column != "" {
			columns = append(columns, column)
		}
		if more = rest != ""; more {
			if separator == 0 {
				separator = rune(rest[0])
			}
			rest = rest[1:]
		}
	}
	return columns, separator, ""
}

// readQuoted reads up to the closing quote; two of them are one that belongs to the value.
func readQuoted(text string) (value, rest string, closed bool) {
	var b strings.Builder
	for {
		at := strings.IndexByte(text, '"')
		if at < 0 {
			return "", "", false
		}
		b.WriteString(text[:at])
		text = text[at+1:]
		if !strings.HasPrefix(text, `"`) {
			return b.String(), text, true
		}
		b.WriteByte('"')
		text = text[1:]
	}
}

// quotes are pairs that stand around a value, besides the double quotes of CSV.
var quotes = [][2]string{{"'", "'"}, {"`", "`"}, {"“", "”"}, {"„", "“"}, {"„", "”"}, {"‘", "’"}, {"‚", "‘"}, {"«", "»"}, {"‹", "›"}}

func unquote(value string) string {
	for _, q := range quotes {
		inner, opened := strings.CutPrefix(value, q[0])
		if inner, closed := strings.CutSuffix(inner, q[1]); opened && closed && inner != "" && !strings.Contains(inner, q[1]) {
			return trimInvisible(inner)
		}
	}
	return value
}

// trimInvisible takes away what nobody sees around a value.
func trimInvisible(text string) string { return strings.TrimFunc(text, isInvisible) }

// isInvisible reports whether a character leaves no ink: space of any kind, what only steers others, the end of a file
// of DOS. Other controls are no accident, and stay.
func isInvisible(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Zs) || r == endOfDOS ||
		r >= 0xfe00 && r <= 0xfe0f || strings.ContainsRune("\u034f\u115f\u1160\u2800\u3164\uffa0", r)
}

const endOfDOS = 0x1a

// shortened is a number as a spreadsheet shows it when its column is too narrow; its last digits are lost.
var shortened = regexp.MustCompile(`^[0-9](\.[0-9]+)?[eE]\+[0-9]+$`)

// wrongValue says what is wrong with a value that nothing invisible surrounds; "": nothing.
func wrongValue(value string) string {
	if n := utf8.RuneCountInString(value); n > ValueMost {
		return fmt.Sprintf("%d characters (%q); a value has %d at most", n, shortenValue(value), ValueMost)
	}
	if strings.HasPrefix(value, "{") && json.Valid([]byte(value)) {
		return "this is JSON; write the values alone, one a line (as jq -r does)"
	}
	if shortened.MatchString(value) {
		return fmt.Sprintf("%s is a number that a spreadsheet shortened, its last digits are lost; format the column as text and export it again", value)
	}
	for i, r := range value {
		switch {
		case r == utf8.RuneError:
			return fmt.Sprintf("a letter of %q was lost when the file was saved; export it again as UTF-8", shortenValue(value))
		case isJoiner(r):
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return fmt.Sprintf("the invisible character U+%04X stands inside of %q; take it out", r, shortenValue(value[:i])+"..."+shortenValue(value[i+utf8.RuneLen(r):]))
		}
	}
	return ""
}

// isJoiner reports whether a character only joins or parts the letters around it, which some scripts and emoji need.
func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// shortenValue keeps the beginning of a value for a message.
func shortenValue(value string) string {
	const most = 40 // characters
	if letters := []rune(value); len(letters) > most {
		return string(letters[:most]) + "..."
	}
	return value
}

// otherSyntax says that a whole text is written for programs.
func otherSyntax(text string) string {
	trimmed := trimInvisible(text)
	switch {
	case strings.HasPrefix(trimmed, "[") && json.Valid([]byte(trimmed)):
		return "the file is JSON; write the values alone, one a line, as: jq -r '.[]' FILE"
	case strings.HasPrefix(trimmed, "{") && json.Valid([]byte(trimmed)):
		return "the file is JSON; write the values alone, one a line (as jq -r does)"
	case strings.HasPrefix(trimmed, "<") && strings.HasSuffix(trimmed, ">") && strings.Contains(trimmed, "</"):
		return "the file is HTML or XML (some shops call such a file .xls); export it as CSV or plain text (UTF-8)"
	}
	return ""
}

// headings are what columns of ids, numbers and references are called, in small letters and without anything else.
var headings = []string{
	"sep", // "sep=;" is Excel's own first line
	"id", "ids", "order", "orders", "orderid", "orderids", "ordername", "ordernames", "ordernumber", "ordernumbers", "orderno", "ordernr",
	"orderref", "orderreference", "name", "names", "number", "numbers", "reference", "references", "ref", "refs",
	"externalid", "externalids", "externalreference", "externalreferences", "externalorderid", "uuid", "gid",
	"commande", "numérodecommande", "numéro", "référence", "nom", "bestellung", "bestellungen", "bestellnummer",
	"auftrag", "auftragsnummer", "nummer", "referenz", "pedido", "pedidos", "númerodepedido", "número", "referencia",
	"ordine", "ordini", "numeroordine", "numero", "riferimento", "ordernummer", "bestelnummer", "bestelling", "zamówienie", "numer",
}

// isHeading reports whether a first value names a column: by a usual name, or since it alone of several has no digit.
func isHeading(first string, others []Line) bool {
	hasDigit := func(text string) bool { return strings.ContainsFunc(text, unicode.IsDigit) }
	if hasDigit(first) {
		return false
	}
	word := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, first)
	if slices.Contains(headings, word) {
		return true
	}
	const enough = 2 // others, to tell it from them
	return len(others) >= enough && !slices.ContainsFunc(others, func(l Line) bool { return !hasDigit(l.Value) })
}
