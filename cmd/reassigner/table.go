package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plaintext"
)

// table prints rows in columns that are as wide as they need to be. On a terminal too narrow for that, sentences
// are broken over several lines, and where that is not enough a row goes on, indented, with its further columns.
// Nothing is cut: an id is what the next command needs.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

const (
	columnGap     = 3
	sentenceLeast = 24 // characters that a column of sentences keeps while it is narrowed
	goesOn        = "  "
)

func (t *table) print(w *output, indent string) {
	t.draw(w, indent, w.width(), painter{})
}

// printTo prints a table on stdout, with its states in colour where that is a terminal.
func (c *cli) printTo(t *table) {
	t.draw(c.stdout, "", c.stdout.width(), c.painter())
}

// fold breaks a sentence at its spaces into lines of that width, the later ones indented; 0: it stays whole.
func fold(text string, width int) string {
	if width <= 0 {
		return text
	}
	return strings.Join(broken(text, width, goesOn), "\n")
}

// broken returns the lines of a text, the later ones indented: broken at spaces, and within a word only where that
// alone is wider than a line. A text that fits stays as it is.
func broken(text string, width int, indent string) []string {
	if utf8.RuneCountInString(text) <= width {
		return []string{text}
	}
	var lines []string
	line, used := "", 0
	next := func() {
		lines = append(lines, line)
		line, used = indent, utf8.RuneCountInString(indent)
	}
	for i, word := range strings.Fields(text) {
		letters := []rune(word)
		switch {
		case i == 0:
		case used+1+len(letters) > width:
			next()
		default:
			line += " "
			used++
		}
		for room := max(1, width-used); len(letters) > room; room = max(1, width-used) {
			line += string(letters[:room])
			letters = letters[room:]
			next()
		}
		line += string(letters)
		used += len(letters)
	}
	return append(lines, line)
}

// draw prints the table within width; 0: as wide as it is.
func (t *table) draw(w *output, indent string, width int, p painter) {
	t = t.printable()
	widths, room := t.widths(), math.MaxInt
	if width > 0 {
		room = max(1, width-utf8.RuneCountInString(indent))
	}
	parts := t.divide(widths, room)
	for n, row := range append([][]string{t.head}, t.rows...) {
		for i, part := range parts {
			lead := indent
			if i > 0 {
				lead += goesOn
			}
			part.print(w, lead, row, n == 0, p)
		}
	}
}

// printable is the table with cells of which all can be seen: what they hold is of others.
func (t *table) printable() *table {
	all := &table{head: t.head}
	for _, row := range t.rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = plaintext.Printable(cell)
		}
		all.add(cells...)
	}
	return all
}

// columns are some that stand side by side, from the first on, with their widths.
type columns struct {
	first  int
	widths []int
}

// print prints what of a row stands in these columns; a head is dim.
func (c columns) print(w *output, lead string, row []string, head bool, p painter) {
	cells, high := make([][]string, len(c.widths)), 0
	for i, width := range c.widths {
		cells[i] = broken(row[c.first+i], width, "")
		high = max(high, len(cells[i]))
	}
	for n := range high {
		var line strings.Builder
		space := lead
		for i, width := range c.widths {
			text := ""
			if n < len(cells[i]) {
				text = cells[i][n]
			}
			if text != "" {
				colour := tints[row[c.first+i]]
				if head {
					colour = dim
				}
				line.WriteString(space + string(p.paint(colour, text)))
				space = ""
			}
			space += strings.Repeat(" ", width-utf8.RuneCountInString(text)+columnGap)
		}
		w.println(painted(line.String()))
	}
}

// widths are what the columns need.
func (t *table) widths() []int {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// least is how far each column may be narrowed: sentences and heads are, to no less than their longest word.
func (t *table) least() []int {
	least := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			for word := range strings.FieldsSeq(cell) {
				least[i] = max(least[i], utf8.RuneCountInString(word))
			}
		}
	}
	for _, row := range t.rows {
		for i, cell := range row {
			least[i] = max(least[i], min(sentenceLeast, utf8.RuneCountInString(cell)))
		}
	}
	return least
}

// divide puts as many columns side by side as have room there, the others below them, and narrows the sentences.
func (t *table) divide(widths []int, room int) []columns {
	var parts []columns
	least := t.least()
	for first := 0; first < len(widths); {
		if len(parts) == 1 {
			room = max(1, room-len(goesOn))
		}
		end, sum := first+1, least[first]
		for end < len(widths) && sum+columnGap+least[end] <= room {
			sum += columnGap + least[end]
			end++
		}
		part := columns{first, slices.Clone(widths[first:end])}
		part.narrow(least[first:end], room)
		parts = append(parts, part)
		first = end
	}
	return parts
}

// narrow takes from the widest column that can give until the row fits. A column that is alone gives what it must.
func (c columns) narrow(least []int, room int) {
	if len(c.widths) == 1 {
		c.widths[0] = min(c.widths[0], room)
		return
	}
	for {
		sum, from := -columnGap, -1
		for i, w := range c.widths {
			sum += w + columnGap
			if w > least[i] && (from < 0 || w > c.widths[from]) {
				from = i
			}
		}
		if sum <= room || from < 0 {
			return
		}
		c.widths[from]--
	}
}

// tints are the colours of words that stand alone in a cell.
var tints = map[string]string{
	string(journal.Reassigned): green, string(journal.NeedsPerson): yellow, string(journal.Left): dim,
	string(journal.Blocked): red, string(journal.AwaitingApproval): yellow, string(journal.Stopped): red,
	string(journal.Closed): dim, string(journal.Dismissed): dim, "stands": yellow, "open": green, "reassign": green, "hold": yellow, "leave": dim,
	string(journal.ReplacementSentEarly): red, string(journal.ReleasedThenRejected): red,
}

// orDash is the text, or a dash where there is none.
func orDash(text *string) string {
	if text == nil || *text == "" {
		return "-"
	}
	return *text
}

// forPeople writes a time in the reader's own zone, and names it.
func forPeople(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }

// plural is "1 delivery order", "2 delivery orders".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
