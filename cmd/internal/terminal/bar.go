package terminal

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// Bar is a progress bar with the time left on a terminal, and nothing elsewhere.
type Bar struct{ shown *progressbar.ProgressBar }

// NewBar shows a progress bar on an output.
func NewBar(o *Output, most int, what string) *Bar {
	if !o.OnTerminal() {
		return &Bar{}
	}
	return &Bar{progressbar.NewOptions(most,
		progressbar.OptionSetWriter(o.Writer()), progressbar.OptionSetDescription("  "+what), progressbar.OptionSetWidth(36),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionSetElapsedTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: " "}),
	)}
}

// Start begins at a line that was reached before, which does not count for the speed.
func (b *Bar) Start(at int) {
	if b.shown != nil && at > 0 {
		_ = b.shown.Set(at)
	}
}

// Set moves it to a number.
func (b *Bar) Set(at int) {
	if b.shown != nil {
		_ = b.shown.Set(at)
	}
}

// Describe says what it counts.
func (b *Bar) Describe(what string) {
	if b.shown != nil {
		b.shown.Describe("  " + what)
	}
}

// Grow changes the number at which it is full.
func (b *Bar) Grow(most int) {
	if b.shown != nil {
		b.shown.ChangeMax(most)
	}
}

// End takes it away.
func (b *Bar) End() {
	if b.shown != nil {
		_ = b.shown.Clear()
	}
}
