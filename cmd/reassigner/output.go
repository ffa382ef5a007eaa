package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"happycolis-reassigner/worker/plaintext"
)

// output is where people read: stdout or stderr. It is no io.Writer, so that nothing is printed that was not looked
// at: names, numbers and codes come from the platform, and must not steer a terminal or forge a line.
type output struct{ stream io.Writer }

// writer is the stream for what writes by itself and knows no text of others: help, completion, a progress bar, a log.
func (o *output) writer() io.Writer {
	if o == nil {
		return nil
	}
	return o.stream
}

// printf prints a line or a part of one. Line breaks are those of the format; in an argument they are escaped, as all
// that cannot be seen.
func (o *output) printf(format string, args ...any) {
	for i := range args {
		args[i] = shown{args[i]}
	}
	fmt.Fprintf(o.stream, format, args...)
}

// println prints one line.
func (o *output) println(args ...any) {
	for i := range args {
		args[i] = shown{args[i]}
	}
	fmt.Fprintln(o.stream, args...)
}

// print prints a text that may have several lines: one of ours, or of parts that were made printable.
func (o *output) print(text string) { _, _ = o.stream.Write(plaintext.EscapeHidden([]byte(text))) }

// writeJSON prints a JSON text. It says what it said; only what steers a terminal is written as JSON escapes it.
func (o *output) writeJSON(body []byte) error {
	if _, err := o.stream.Write(plaintext.EscapeHidden(body)); err != nil {
		return ended(exitFailed, "printing: %w", err)
	}
	return nil
}

// encodeJSON prints a value as one line of JSON, or indented.
func (o *output) encodeJSON(v any, indent string) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(indent != "")
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return ended(exitFailed, "printing: %w", err)
	}
	return o.writeJSON(body.Bytes())
}

// width is how many characters a line of the terminal has; 0 elsewhere.
func (o *output) width() int {
	f, ok := o.stream.(*os.File)
	if !ok || !o.onTerminal() {
		return 0
	}
	width, _, _ := term.GetSize(int(f.Fd()))
	return width
}

func (o *output) onTerminal() bool { return onTerminal(o.stream) }

// shown prints a value so that all of it can be seen.
type shown struct{ value any }

// Format implements fmt.Formatter.
func (s shown) Format(f fmt.State, verb rune) {
	text := fmt.Sprintf(fmt.FormatString(f, verb), s.value)
	if _, safe := s.value.(painted); !safe && verb != 'q' { // which escapes by itself
		text = plaintext.Printable(text)
	}
	_, _ = io.WriteString(f, text)
}

// printJSON writes one indented JSON value to stdout.
func (c *cli) printJSON(v any) error {
	return c.stdout.encodeJSON(v, "  ")
}
