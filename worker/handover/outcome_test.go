package handover

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"happycolis-reassigner/worker/journal"
)

func TestOutcomesAreNoFailures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		text string
	}{
		{nil, ""},
		{nextStep("adopted"), "adopted"},
		{goToStep{name: stepCheck, note: "sending it again"}, "sending it again"},
		{decideAnew(), ""},
		{reassigned{}, ""},
		{left(journal.Recovered), string(journal.Recovered)},
		{needsPerson(journal.DraftConflict), string(journal.DraftConflict)},
		{compensate{journal.Left, journal.Gone}, string(journal.Gone)},
		{waitUntil(time.Time{}, "not visible yet"), "not visible yet"},
		{canaryFull{}, ""},
		{fmt.Errorf("reading: %w", waitUntil(time.Time{}, "not visible yet")), "not visible yet"},
	} {
		if o, ok := outcomeOf(tt.err); !ok || o.Error() != tt.text {
			t.Errorf("%#v: the outcome is %#v (%t), want one that says %q", tt.err, o, ok, tt.text)
		}
	}
	if o, ok := outcomeOf(errors.New("Redis is gone")); ok {
		t.Errorf("a failure counts as the outcome %#v", o)
	}
	if !isOutcome[nextStep](nil) || isOutcome[nextStep](errors.New("Redis is gone")) || isOutcome[wait](needsPerson(journal.Gone)) {
		t.Error("nil is the next step, a failure is none, and each outcome has its own type")
	}
}
