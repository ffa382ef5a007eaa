package api_test

import (
	"slices"
	"testing"

	"happycolis-reassigner/worker/api"
)

func TestAVerbAppliesWhereItHelps(t *testing.T) {
	t.Parallel()
	for _, reason := range api.PersonReasons() {
		for _, verb := range []string{api.VerbRetry, api.VerbLeave, api.VerbProceed} {
			helps, applies := slices.Contains(reason.Advice().Verbs, verb), api.Applies(verb, api.NeedsPerson, reason)
			if helps && !applies || verb == api.VerbProceed && helps != applies {
				t.Errorf("%s, %s: it helps: %t, it applies: %t", reason, verb, helps, applies)
			}
		}
	}
	for _, state := range api.States() {
		if got, want := api.Applies(api.VerbRetry, state, ""), state == api.NeedsPerson || state == api.Holding; got != want {
			t.Errorf("retry of one that is %s: %t, want %t", state, got, want)
		}
	}
}
