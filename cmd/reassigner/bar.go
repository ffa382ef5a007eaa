package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// bar is a progress bar with the time left on a terminal, and nothing elsewhere.
type bar struct{ shown *progressbar.ProgressBar }

func (c *cli) bar(most int, what string) *bar {
	if !c.stderr.onTerminal() {
		return &bar{}
	}
	return &bar{progressbar.NewOptions(most,
		progressbar.OptionSetWriter(c.stderr.writer()), progressbar.OptionSetDescription("  "+what), progressbar.OptionSetWidth(36),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionSetElapsedTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: " "}),
	)}
}

// start begins at a line that was reached before, which does not count for the speed.
func (b *bar) start(at int) {
	if b.shown != nil && at > 0 {
		_ = b.shown.Set(at)
	}
}

func (b *bar) set(at int) {
	if b.shown != nil {
		_ = b.shown.Set(at)
	}
}

func (b *bar) describe(what string) {
	if b.shown != nil {
		b.shown.Describe("  " + what)
	}
}

func (b *bar) grow(most int) {
	if b.shown != nil {
		b.shown.ChangeMax(most)
	}
}

func (b *bar) end() {
	if b.shown != nil {
		_ = b.shown.Clear()
	}
}
