package cli

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/plaintext"
)

// csvTable is a list as a spreadsheet reads it: one row of the list a line, or one of its lines with SKU and quantity. The
// columns have the names of the keys in JSON, in that order. It is printed once it is complete: half a list must not look
// complete.
type csvTable[T any] struct {
	byLine bool
	body   bytes.Buffer
	lines  *csv.Writer
}

func newCSV[T any](byLine bool) *csvTable[T] {
	t := &csvTable[T]{byLine: byLine}
	t.lines = csv.NewWriter(&t.body)
	head := csvColumns(reflect.TypeFor[T]())
	if byLine {
		head = append(head, "sku", "quantity")
	}
	_ = t.lines.Write(head) // into memory
	return t
}

// add appends a row; one whose lines are not known has a line without SKU.
func (t *csvTable[T]) add(row T, lines []api.Line) {
	cells := csvCells(reflect.ValueOf(row))
	switch {
	case !t.byLine:
		_ = t.lines.Write(cells)
	case len(lines) == 0:
		_ = t.lines.Write(append(cells, "", ""))
	default:
		for _, l := range lines {
			_ = t.lines.Write(append(slices.Clone(cells), csvCell(l.SKU), fmt.Sprint(l.Quantity)))
		}
	}
}

func (t *csvTable[T]) print(c *cli) error {
	t.lines.Flush()
	return c.writeJSON(t.body.Bytes()) // what steers a terminal was escaped, cell by cell
}

// printCSV prints rows that have no lines.
func printCSV[T any](c *cli, rows []T) error {
	t := newCSV[T](false)
	for _, row := range rows {
		t.add(row, nil)
	}
	return t.print(c)
}

// csvColumns returns the keys of a row.
func csvColumns(row reflect.Type) (names []string) {
	for i := range row.NumField() {
		field := row.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous:
			names = append(names, csvColumns(field.Type)...)
		case isCSVColumn(field):
			names = append(names, name)
		}
	}
	return names
}

// isCSVColumn reports whether a field has a column; the lines of a delivery order have rows of their own.
func isCSVColumn(field reflect.StructField) bool {
	return field.Type != reflect.TypeFor[[]api.Line]()
}

func csvCells(row reflect.Value) (cells []string) {
	for i := range row.NumField() {
		switch field := row.Type().Field(i); {
		case field.Anonymous:
			cells = append(cells, csvCells(row.Field(i))...)
		case isCSVColumn(field):
			cells = append(cells, csvCell(csvText(row.Field(i))))
		}
	}
	return cells
}

// csvText is a value as text: what there is not is empty, a list has spaces between its words, a map pairs of key and value.
func csvText(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case time.Time:
		return value.UTC().Format(time.RFC3339)
	case []string:
		return strings.Join(value, " ")
	case map[api.State]int:
		var pairs []string
		for _, state := range slices.Sorted(maps.Keys(value)) {
			pairs = append(pairs, fmt.Sprintf("%s=%d", state, value[state]))
		}
		return strings.Join(pairs, " ")
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		return csvText(v.Elem())
	}
	return fmt.Sprint(v.Interface())
}

// csvCell makes a text harmless: a spreadsheet would take one that begins so for a formula, and what cannot be seen stands
// as an escape.
func csvCell(text string) string {
	if text != "" && strings.Contains("=+-@\t\r", text[:1]) {
		text = "'" + text
	}
	return plaintext.Printable(text)
}
