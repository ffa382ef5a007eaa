package terminal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"happycolis-reassigner/worker/plaintext"
)

// Output is where people read: stdout or stderr. It is no io.Writer, so that nothing is printed that was not looked
// at: names, numbers and codes come from the platform, and must not steer a terminal or forge a line.
type Output struct{ stream io.Writer }

// NewOutput prints to a stream.
func NewOutput(stream io.Writer) *Output { return &Output{stream} }

// Writer is the stream for what writes by itself and knows no text of others: help, completion, a progress bar, a log.
func (o *Output) Writer() io.Writer {
	if o == nil {
		return nil
	}
	return o.stream
}

// Printf prints a line or a part of one. Line breaks are those of the format; in an argument they are escaped, as all
// that cannot be seen.
func (o *Output) Printf(format string, args ...any) {
	for i := range args {
		args[i] = printable{args[i]}
	}
	fmt.Fprintf(o.stream, format, args...)
}

// Println prints one line.
func (o *Output) Println(args ...any) {
	for i := range args {
		args[i] = printable{args[i]}
	}
	fmt.Fprintln(o.stream, args...)
}

// Print prints a text that may have several lines: one of ours, or of parts that were made printable.
func (o *Output) Print(text string) { _, _ = o.stream.Write(plaintext.EscapeHidden([]byte(text))) }

// WriteJSON prints a JSON text. It says what it said; only what steers a terminal is written as JSON escapes it.
func (o *Output) WriteJSON(body []byte) error {
	if _, err := o.stream.Write(plaintext.EscapeHidden(body)); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// EncodeJSON prints a value as one line of JSON, or indented.
func (o *Output) EncodeJSON(v any, indent string) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(indent != "")
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return o.WriteJSON(body.Bytes())
}

// Width is how many characters a line of the terminal has; 0 elsewhere.
func (o *Output) Width() int {
	f, ok := o.stream.(*os.File)
	if !ok || !o.OnTerminal() {
		return 0
	}
	width, _, _ := term.GetSize(int(f.Fd()))
	return width
}

// OnTerminal reports whether people look at it, and not a file or a program.
func (o *Output) OnTerminal() bool { return IsTerminal(o.stream) }

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// PrintableArgs are arguments of a message that print so that all of it can be seen. An error among them keeps its lines.
func PrintableArgs(args []any) []any {
	for i, arg := range args {
		if _, is := arg.(error); !is {
			args[i] = printable{arg}
		}
	}
	return args
}

// printable prints a value so that all of it can be seen.
type printable struct{ value any }

// Format implements fmt.Formatter.
func (s printable) Format(f fmt.State, verb rune) {
	text := fmt.Sprintf(fmt.FormatString(f, verb), s.value)
	if _, safe := s.value.(Painted); !safe && verb != 'q' { // which escapes by itself
		text = plaintext.Printable(text)
	}
	_, _ = io.WriteString(f, text)
}
