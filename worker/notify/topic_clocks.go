package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/rediskey"
)

// A clock of ours and the platform's are apart from the first, and no longer up to the second.
const (
	clocksApart = 10 * time.Second
	clocksClose = 5 * time.Second
)

// clocksTopic tells whose clocks are not the platform's. Where nobody measured, it stays as it was told.
func clocksTopic() topic {
	return topic{key: "clocks", shared: true, gather: (*Alerts).gatherClocks, news: condition{
		diff: func(n *diff) standing {
			return standing{lasts: len(n.clocksOff(clocksApart)) > 0, ended: len(n.clocks) > 0 && len(n.clocksOff(clocksClose)) == 0}
		},
		text:    (*diff).apartText,
		endText: fixedText("The clocks agree with HappyColis's again"),
	}}
}

func (a *Alerts) gatherClocks(ctx context.Context, v *snapshot) (err error) {
	v.clocks, err = happycolis.LastClocks(ctx, a.Redis, rediskey.Clocks())
	return err
}

// clocksOff are the clocks that are further from the platform's than most.
func (v snapshot) clocksOff(most time.Duration) []happycolis.Clock {
	return slices.DeleteFunc(slices.Clone(v.clocks), func(c happycolis.Clock) bool { return c.Ahead.Abs() <= most })
}

// apartText says whose clocks are not the platform's. Once told of, they are told of until they are close again.
func (n *diff) apartText() Message {
	wrong := n.clocksOff(clocksApart)
	var lines []string
	for _, c := range wrong[:min(len(wrong), maxLines)] {
		lines = append(lines, "- "+offBy(c)+" HappyColis's")
	}
	if rest := len(wrong) - maxLines; rest > 0 {
		lines = append(lines, fmt.Sprintf("- and %d more", rest))
	}
	title := fmt.Sprintf("%d clocks are more than %s from HappyColis's", len(wrong), clocksApart)
	if len(wrong) == 1 {
		title, lines = "The clock of "+offBy(wrong[0])+" HappyColis's", nil
	}
	return n.message(title, strings.Join(lines, "\n"),
		"Dates tell which of two messages is the newer, and what lies in the future counts as dated when it came. Waits may end early or late.",
		"Set it, and keep it with NTP. Where all of ours are off by the same, it is HappyColis's: tell its support.",
		"Compare: reassigner doctor --config FILE")
}

// offBy is a clock, and how far it is from the platform's.
func offBy(c happycolis.Clock) string {
	way := "ahead of"
	if c.Ahead < 0 {
		way = "behind"
	}
	return fmt.Sprintf("%s is %s %s", c.Host, c.Ahead.Abs().Round(time.Second), way)
}
