package index

import (
	"encoding/json"
	"fmt"
	"time"
)

// Gap is a time of which the index heard late: the receiver was down, or the platform's queue was blocked. What
// was sent in it came afterwards, but for the message that blocked the queue: whether that is sent again is not
// documented.
type Gap struct {
	From time.Time `json:"from"` // date of the oldest message that came late
	To   time.Time `json:"to"`   // one came in time again
}

// As the scripts want them.
const (
	lateMillis = "300000" // a message that is older than these five minutes when it comes had to wait
	maxGaps    = "10"     // that are remembered, the latest
)

func decodeGaps(field any) ([]Gap, error) {
	text, _ := field.(string)
	if text == "" {
		return nil, nil
	}
	var told []struct{ From, To int64 }
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		return nil, fmt.Errorf("reading the gaps of the index: %w", err)
	}
	var gaps []Gap
	for _, g := range told {
		gaps = append(gaps, Gap{From: time.UnixMilli(g.From).UTC(), To: time.UnixMilli(g.To).UTC()})
	}
	return gaps, nil
}

// OpenGaps returns the gaps that matter at that time: young, and no import of the whole was finished since.
func (a Coverage) OpenGaps(at time.Time) []Gap {
	var open []Gap
	for _, g := range a.Gaps {
		if at.Sub(g.To) < matureAfter && !a.Imported.After(g.To) {
			open = append(open, g)
		}
	}
	return open
}
