package terminal

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"happycolis-reassigner/worker/plaintext"
)

// Table prints rows in columns that are as wide as they need to be. On a terminal too narrow for that, sentences
// are broken over several lines, and where that is not enough a row goes on, indented, with its further columns.
// Nothing is cut: an id is what the next command needs.
type Table struct {
	Head []string
	Rows [][]string
}

// Add adds a row.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

const (
	columnGap     = 3
	leastSentence = 24 // characters that a column of sentences keeps while it is narrowed
	continuation  = "  "
)

// Print prints a table without colours.
func (t *Table) Print(w *Output, indent string) {
	t.draw(w, indent, w.Width(), Painter{})
}

// PrintColoured prints a table with its states in colour.
func (t *Table) PrintColoured(w *Output, p Painter) { t.draw(w, "", w.Width(), p) }

// Fold breaks a sentence at its spaces into lines of that width, the later ones indented; 0: it stays whole.
func Fold(text string, width int) string {
	if width <= 0 {
		return text
	}
	return strings.Join(breakLines(text, width, continuation), "\n")
}

// breakLines returns the lines of a text, the later ones indented: broken at spaces, and within a word only where that
// alone is wider than a line. A text that fits stays as it is.
func breakLines(text string, width int, indent string) []string {
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
func (t *Table) draw(w *Output, indent string, width int, p Painter) {
	t = t.makePrintable()
	widths, room := t.columnWidths(), math.MaxInt
	if width > 0 {
		room = max(1, width-utf8.RuneCountInString(indent))
	}
	parts := t.splitColumns(widths, room)
	for n, row := range append([][]string{t.Head}, t.Rows...) {
		for i, part := range parts {
			lead := indent
			if i > 0 {
				lead += continuation
			}
			part.print(w, lead, row, n == 0, p)
		}
	}
}

// makePrintable is the table with cells of which all can be seen: what they hold is of others.
func (t *Table) makePrintable() *Table {
	all := &Table{Head: t.Head}
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = plaintext.Printable(cell)
		}
		all.Add(cells...)
	}
	return all
}

// columnGroup are some that stand side by side, from the first on, with their widths.
type columnGroup struct {
	first  int
	widths []int
}

// print prints what of a row stands in these columns; a head is dim.
func (c columnGroup) print(w *Output, lead string, row []string, head bool, p Painter) {
	cells, high := make([][]string, len(c.widths)), 0
	for i, width := range c.widths {
		cells[i] = breakLines(row[c.first+i], width, "")
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
				colour := p.words[row[c.first+i]]
				if head {
					colour = Dim
				}
				line.WriteString(space + string(p.Paint(colour, text)))
				space = ""
			}
			space += strings.Repeat(" ", width-utf8.RuneCountInString(text)+columnGap)
		}
		w.Println(Painted(line.String()))
	}
}

// columnWidths are what the columns need.
func (t *Table) columnWidths() []int {
	widths := make([]int, len(t.Head))
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// leastWidths is how far each column may be narrowed: sentences and heads are, to no less than their longest word.
func (t *Table) leastWidths() []int {
	least := make([]int, len(t.Head))
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		for i, cell := range row {
			for word := range strings.FieldsSeq(cell) {
				least[i] = max(least[i], utf8.RuneCountInString(word))
			}
		}
	}
	for _, row := range t.Rows {
		for i, cell := range row {
			least[i] = max(least[i], min(leastSentence, utf8.RuneCountInString(cell)))
		}
	}
	return least
}

// splitColumns puts as many columns side by side as have room there, the others below them, and narrows the sentences.
func (t *Table) splitColumns(widths []int, room int) []columnGroup {
	var parts []columnGroup
	least := t.leastWidths()
	for first := 0; first < len(widths); {
		if len(parts) == 1 {
			room = max(1, room-len(continuation))
		}
		end, sum := first+1, least[first]
		for end < len(widths) && sum+columnGap+least[end] <= room {
			sum += columnGap + least[end]
			end++
		}
		part := columnGroup{first, slices.Clone(widths[first:end])}
		part.narrow(least[first:end], room)
		parts = append(parts, part)
		first = end
	}
	return parts
}

// narrow takes from the widest column that can give until the row fits. A column that is alone gives what it must.
func (c columnGroup) narrow(least []int, room int) {
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

// Padding is the space between a text and the end of its column.
func Padding(text string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// PrintIndented prints a text that begins in that column. On a terminal its further lines begin there too, unless that
// leaves too little room for a sentence.
func (o *Output) PrintIndented(text string, column int) {
	text = plaintext.Printable(text)
	if room := o.Width() - column; room >= leastSentence {
		text = strings.Join(breakLines(text, room, ""), "\n"+strings.Repeat(" ", column))
	}
	o.Print(text + "\n")
}
