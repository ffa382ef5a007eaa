package demo

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/api"
)

func TestTheOpeningSaysHowThePlatformBehaves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{Cancel: "sync", Fallback: "accepts"}, "The platform cancels at once; lyon-warehouse accepts what it gets."},
		{Options{Cancel: "async", Fallback: "silent", Flaky: 10}, "The platform confirms a cancel 2s later; lyon-warehouse never answers; 10 of 100 requests fail."},
		{Options{Cancel: "never", Fallback: "rejects"}, "The platform takes a cancel and never confirms it; lyon-warehouse rejects what it gets."},
	} {
		var out bytes.Buffer
		NewScreen(&Stage{options: c.options}, terminal.NewOutput(&out), terminal.NewOutput(&bytes.Buffer{})).printOpening()
		for _, want := range []string{c.want, "The times are short", "after 1s", "6s each"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%+v: %q is missing in\n%s", c.options, want, out.String())
			}
		}
	}
	for _, cancel := range CancelAnswers {
		for _, fallback := range FallbackAnswers {
			if text := describePlatform(Options{Cancel: cancel, Fallback: fallback}); strings.Contains(text, "  ") || strings.Contains(text, "platform ;") || strings.HasSuffix(text, " .") {
				t.Errorf("%s, %s: %q", cancel, fallback, text)
			}
		}
	}
}

// TestAHintOfTheDemoCanBeFollowed names a program that the shell finds, and a reason that leaving helps with.
func TestAHintOfTheDemoCanBeFollowed(t *testing.T) {
	t.Parallel()
	found := func(string) (string, error) { return "/usr/bin/reassigner", nil }
	missing := func(string) (string, error) { return "", errors.New("not in the path") }
	built := func() (string, error) { return "/tmp/go build/exe/reassigner", nil }
	if got := programName(found, built); got != "reassigner" {
		t.Errorf("in the path: got %s", got)
	}
	if got := programName(missing, built); got != "'/tmp/go build/exe/reassigner'" {
		t.Errorf("not in the path: got %s", got)
	}
	row := func(state api.State, reason api.Reason) api.OrderRow {
		text := string(reason)
		return api.OrderRow{State: state, Order: api.Order{Reason: &text}}
	}
	r := &Report{rows: []api.OrderRow{row(api.Left, api.ByPerson), row(api.NeedsPerson, api.Forbidden), row(api.NeedsPerson, api.OpenedNotEnabled)}}
	if got := r.reasonToLeave(); got != api.OpenedNotEnabled {
		t.Errorf("got %q, want the one that leave helps with", got)
	}
	if got := (&Report{}).reasonToLeave(); got != "" {
		t.Errorf("nothing needs a person: got %q", got)
	}
}

func TestTheReportSaysHowManyRequestsWereBroken(t *testing.T) {
	t.Parallel()
	for _, flaky := range []int{0, 10} {
		var out bytes.Buffer
		NewScreen(&Stage{options: Options{Flaky: flaky}}, terminal.NewOutput(&out), nil).printChecks(&Report{Holds: true, broken: 7})
		if strings.Contains(out.String(), "7 requests more broken by --flaky") != (flaky > 0) {
			t.Errorf("--flaky %d:\n%s", flaky, out.String())
		}
	}
}
