package api_test

import (
	"slices"
	"testing"

	"happycolis-reassigner/worker/api"
)

var phases = []api.Phase{api.NotReleased, api.ReleaseBegun, api.ReleaseConfirmed, api.ReplacementSent, api.SentWithoutRelease, api.SentBeforeConfirmed}

// severities has the severity of every reason in every phase, in the order of phases.
var severities = map[api.Reason][6]api.Severity{
	api.AlreadyPreparing:     untouched,
	api.AlreadyShipped:       untouched,
	api.OpenedNotEnabled:     untouched,
	api.StatusNotEnabled:     untouched,
	api.AggregatedOrders:     untouched,
	api.AmbiguousOrderLine:   untouched,
	api.PolicyRule:           untouched,
	api.FactUnknown:          untouched,
	api.NoCandidate:          untouched,
	api.CreateRefused:        untouched,
	api.UpdateRefused:        untouched,
	api.DraftConflict:        untouched,
	api.CancelRefused:        untouched,
	api.CancelUnconfirmed:    untouched,
	api.CancelledAfterLeave:  lost,
	api.OverAllocated:        doubled,
	api.SendRefused:          lost,
	api.ReplacementSentEarly: doubled,
	api.ReplacementCancelled: lost,
	api.ReleasedThenRejected: doubled,
	api.PartlyRejected:       lost,
	api.FallbackSilent:       lost,
	api.FallbacksExhausted:   lost,
	api.HopsExhausted:        lost,
	api.OrderOnHold:          untouched,
	api.OrderNotOpen:         untouched,
	api.Forbidden:            untouched,
	api.RetriesExhausted:     untouched,
	api.UnprovenDraft:        lost,
	api.JournalCorrupt:       lost,
	api.UnknownState:         untouched,
}

var (
	untouched = [6]api.Severity{api.Waits, api.NobodyShips, api.NobodyShips, api.NobodyShips, api.MayShipTwice, api.MayShipTwice}
	lost      = [6]api.Severity{api.NobodyShips, api.NobodyShips, api.NobodyShips, api.NobodyShips, api.MayShipTwice, api.MayShipTwice}
	doubled   = [6]api.Severity{api.MayShipTwice, api.MayShipTwice, api.MayShipTwice, api.MayShipTwice, api.MayShipTwice, api.MayShipTwice}
)

func TestEveryReasonHasASeverityInEveryPhase(t *testing.T) {
	t.Parallel()
	if len(severities) != len(api.PersonReasons()) {
		t.Errorf("%d reasons are in the table, want %d", len(severities), len(api.PersonReasons()))
	}
	for _, reason := range api.PersonReasons() {
		want, there := severities[reason]
		if !there {
			t.Errorf("%s is not in the table", reason)
			continue
		}
		for i, phase := range phases {
			if got := api.SeverityOf(reason, phase); got != want[i] {
				t.Errorf("%s, %s: %s, want %s", reason, phase, got, want[i])
			}
		}
	}
}

// TestNoReleasedOriginalIsBelowNobodyShips asks for reasons, too, that this release does not know.
func TestNoReleasedOriginalIsBelowNobodyShips(t *testing.T) {
	t.Parallel()
	for _, reason := range append(api.PersonReasons(), "a reason of a newer release", "") {
		for _, phase := range append(phases[1:], "a phase of a newer release") {
			if got := api.SeverityOf(reason, phase); got.Rank() > api.NobodyShips.Rank() {
				t.Errorf("%q, %s: %s", reason, phase, got)
			}
		}
	}
}

func TestSeveritiesAreRanked(t *testing.T) {
	t.Parallel()
	all := append(api.Severities(), "")
	if !slices.IsSortedFunc(all, func(a, b api.Severity) int { return a.Rank() - b.Rank() }) {
		t.Errorf("%v are not in the order of their ranks", all)
	}
	for _, s := range api.Severities() {
		if s.Words() == "" {
			t.Errorf("%s has no words", s)
		}
	}
}
