package terminal

import "happycolis-reassigner/worker/plaintext"

// Painter colours text; the zero one leaves it as it is.
type Painter struct {
	on    bool
	words map[string]string // the colours of words that stand alone in a cell of a table
}

// NewPainter colours what goes to an output, if that is a terminal and nobody asked for none (no-color.org).
func NewPainter(o *Output, getenv func(string) string, words map[string]string) Painter {
	return Painter{o.OnTerminal() && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb", words}
}

// The colours, as a terminal knows them.
const (
	Red    = "31"
	Green  = "32"
	Yellow = "33"
	Dim    = "2"
)

// Painted is a text that may steer the terminal: it was made printable before it was coloured.
type Painted string

// Paint is a text made visible, and coloured where colours are on.
func (p Painter) Paint(colour, text string) Painted {
	text = plaintext.Printable(text)
	if !p.on || text == "" || colour == "" {
		return Painted(text)
	}
	return Painted("\x1b[" + colour + "m" + text + "\x1b[0m")
}
