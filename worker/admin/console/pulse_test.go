package console

import (
	"testing"
	"time"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

func TestPagesAreToldOfWhatHappenedAndNotOfEachObservation(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	inc := b.incident(journal.Draining, "do_1")
	pulse := func() uint64 {
		t.Helper()
		sum, err := b.console.stateDigest(t.Context())
		must(t, err)
		return sum
	}
	before := pulse()
	inc.Round, inc.Requests = 1, 2
	if same, err := b.desk.Journal.NoteObserved(t.Context(), inc); err != nil || !same {
		t.Fatalf("an observation that found nothing new: %t, %v", same, err)
	}
	if got := pulse(); got != before {
		t.Error("pages are told of an observation that found nothing new")
	}
	inc.Note(time.Now(), "blocked by pause: paused", "")
	if same, err := b.desk.Journal.NoteObserved(t.Context(), inc); err != nil || same {
		t.Fatalf("what happened was taken for nothing new: %t, %v", same, err)
	}
	must(t, b.desk.Journal.SaveIncident(t.Context(), inc, time.Now()))
	if got := pulse(); got == before {
		t.Error("pages are not told of what happened")
	}
}

func TestEachStepHasWords(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"PENDING", "DRAFT"} {
		for _, step := range handover.StepsFor(status) {
			if stepWords[step] == "" {
				t.Errorf("step %q has no words", step)
			}
		}
	}
}
