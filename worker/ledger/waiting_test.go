package ledger_test

import (
	"testing"
	"time"
)

// waiting are the stories of messages that waited on disk before they were put.
var waiting = []story{{"of stock of equal dates the later arrival wins", laterStampWins}}

func laterStampWins(t *testing.T, s *store) {
	now := time.Now()
	for _, ago := range []time.Duration{10 * time.Second, 30 * time.Second} {
		m := mugs(int(ago.Seconds()), 0, 0)
		m.Date = now.Add(-time.Minute)
		must(t, s.Arrived(now.Add(-ago)).PutStock(t.Context(), s.org, m, ""))
	}
	s.left(t, 10)
}
