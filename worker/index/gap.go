package index

import (
	"encoding/json"
	"fmt"
	"time"
)

// Gap is a period whose webhooks arrived late: the receiver was down, or the platform's queue was blocked. What was
// sent in it arrived afterwards, except perhaps the message that blocked the queue: whether that is sent again is not
// documented.
type Gap struct {
	From time.Time `json:"from"` // date of the oldest message that came late
	To   time.Time `json:"to"`   // when a message arrived in time again
}

// OldAfter is the age from which on a message says nothing of gaps when it arrives: nobody's queue waits so long, so it was sent
// again.
const OldAfter = 48 * time.Hour

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

// OpenGaps returns the gaps that make the index incomplete at that time: young ones since the last full import.
func (a Coverage) OpenGaps(at time.Time) []Gap {
	var open []Gap
	for _, g := range a.Gaps {
		if at.Sub(g.To) < matureAfter && !a.Imported.After(g.To) {
			open = append(open, g)
		}
	}
	return open
}
