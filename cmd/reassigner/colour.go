package main

import "happycolis-reassigner/worker/plaintext"

// painter colours text; the zero one leaves it as it is.
type painter struct{ on bool }

// painter colours what goes to stdout, if that is a terminal and nobody asked for none (no-color.org).
func (c *cli) painter() painter {
	return painter{c.stdout.onTerminal() && c.getenv("NO_COLOR") == "" && c.getenv("TERM") != "dumb"}
}

// The colours, as a terminal knows them.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	dim    = "2"
)

// painted is a text that may steer the terminal: it was made printable before it was coloured.
type painted string

func (p painter) paint(colour, text string) painted {
	text = plaintext.Printable(text)
	if !p.on || text == "" || colour == "" {
		return painted(text)
	}
	return painted("\x1b[" + colour + "m" + text + "\x1b[0m")
}
