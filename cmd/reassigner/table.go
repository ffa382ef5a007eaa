package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"happycolis-reassigner/worker/journal"
)

// table prints rows in columns that are as wide as they need to be. On a terminal too narrow for that, columns
// are cut, so that each row stays one line; elsewhere nothing is.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

const (
	columnGap   = 3
	columnLeast = 8 // characters that a cut column keeps
)

func (t *table) print(w io.Writer, indent string) {
	t.draw(w, indent, widthOf(w), painter{})
}

// printTo prints a table on stdout, with its states in colour where that is a terminal.
func (c *cli) printTo(t *table) {
	t.draw(c.stdout, "", widthOf(c.stdout), c.painter())
}

// widthOf is how many characters a line of the terminal has; 0 elsewhere.
func widthOf(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !onTerminal(w) {
		return 0
	}
	width, _, _ := term.GetSize(int(f.Fd()))
	return width
}

// fold breaks a sentence at its spaces into lines of that width, the later ones indented; 0: it stays whole.
func fold(text string, width int) string {
	const indent = "  "
	if width <= 0 {
		return text
	}
	var out strings.Builder
	line := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case line+1+n > width:
			out.WriteString("\n" + indent)
			line = len(indent)
		default:
			out.WriteString(" ")
			line++
		}
		out.WriteString(word)
		line += n
	}
	return out.String()
}

// draw prints the table within width; 0: as wide as it is.
func (t *table) draw(w io.Writer, indent string, width int, p painter) {
	widths := make([]int, len(t.head))
	all := append([][]string{t.head}, t.rows...)
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	if width > 0 {
		t.narrow(widths, width-utf8.RuneCountInString(indent))
	}
	for n, row := range all {
		var line strings.Builder
		for i, cell := range row {
			cell = cut(cell, widths[i])
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+columnGap)
			if n > 0 {
				cell = p.paint(tints[cell], cell)
			} else {
				cell = p.paint(dim, cell)
			}
			line.WriteString(cell + space)
		}
		fmt.Fprintln(w, indent+strings.TrimRight(line.String(), " "))
	}
}

// narrow takes from the ids, which nobody reads to the end, and then from the widest column, until the row
// fits or no column can give.
func (t *table) narrow(widths []int, most int) {
	for {
		sum, from := -columnGap, -1
		for i, w := range widths {
			sum += w + columnGap
			if w > columnLeast && (from < 0 || t.holdsIDs(i) && !t.holdsIDs(from) || t.holdsIDs(i) == t.holdsIDs(from) && w > widths[from]) {
				from = i
			}
		}
		if sum <= most || from < 0 {
			return
		}
		widths[from]--
	}
}

func (t *table) holdsIDs(column int) bool {
	return t.head[column] == "DELIVERY ORDER" || t.head[column] == "INCIDENT"
}

func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:max(0, width-1)]) + "…"
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
