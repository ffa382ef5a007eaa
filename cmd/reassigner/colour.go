package main

// painter colours text; the zero one leaves it as it is.
type painter struct{ on bool }

// painter colours what goes to stdout, if that is a terminal and nobody asked for none (no-color.org).
func (c *cli) painter() painter {
	return painter{onTerminal(c.stdout) && c.getenv("NO_COLOR") == "" && c.getenv("TERM") != "dumb"}
}

// The colours, as a terminal knows them.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	dim    = "2"
)

func (p painter) paint(colour, text string) string {
	if !p.on || text == "" || colour == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}
