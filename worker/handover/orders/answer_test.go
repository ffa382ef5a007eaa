package orders

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

func TestWhatALocationAnswers(t *testing.T) {
	t.Parallel()
	asked := journal.Reassignment{Original: journal.Original{FulfilmentRequested: true}, Decision: journal.Decision{ToType: typeWarehouse}}
	entry := func(status string, events []string, lines ...string) index.Entry {
		e := index.Entry{Status: status, Events: events}
		for _, l := range lines {
			e.Lines = append(e.Lines, index.Line{Status: l, Quantity: 1})
		}
		return e
	}
	refused := []string{EventRequested, eventRejected}
	for name, c := range map[string]struct {
		record journal.Reassignment
		e      index.Entry
		want   Answer
	}{
		"nothing is known":                   {asked, index.Entry{Status: StatusPending}, Silent},
		"a warehouse did not answer":         {asked, entry(StatusPending, []string{EventRequested}, "PENDING"), Silent},
		"a warehouse accepted":               {asked, entry(StatusPending, []string{EventRequested, eventAccepted}, "PENDING"), Accepted},
		"a warehouse accepted all lines":     {asked, entry(StatusPending, nil, lineAccepted, "IN_PROGRESS"), Accepted},
		"a warehouse accepted some":          {asked, entry(StatusPending, nil, lineAccepted, "PENDING"), Silent},
		"nobody was asked, and it is open":   {journal.Reassignment{}, entry(StatusPending, nil, "PENDING"), Accepted},
		"nobody was asked, and it is DRAFT":  {journal.Reassignment{}, entry(StatusDraft, nil, "NEW"), Silent},
		"a shop was asked":                   {journal.Reassignment{Original: journal.Original{FulfilmentRequested: true}, Decision: journal.Decision{ToType: "SHOP"}}, entry(StatusPending, nil, "PENDING"), Accepted},
		"all lines are rejected":             {asked, entry(StatusPending, nil, lineRejected, lineRejected), RejectedAll},
		"one line is rejected":               {asked, entry(StatusPending, nil, lineRejected, "PENDING"), RejectedPart},
		"it rejects, and its lines are old":  {asked, entry(StatusPending, refused, "PENDING"), RejectedAll},
		"it rejected, and was asked again":   {asked, entry(StatusPending, append(refused, EventRequested), "PENDING"), Silent},
		"it rejected, then it was cancelled": {asked, entry(StatusPending, refused, LineCanceled), RejectedAll},
		"somebody cancelled it":              {asked, entry(StatusPending, nil, LineCanceled), CancelledByOthers},
	} {
		if got := ClassifyAnswer(&c.record, c.e); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestWhatConfirmsACancel(t *testing.T) {
	t.Parallel()
	then := time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)
	events := func(dates ...time.Time) (all []happycolis.Event) {
		for _, at := range dates {
			all = append(all, happycolis.Event{Type: "CANCELED", Date: at})
		}
		return all
	}
	for name, c := range map[string]struct {
		line   string
		events []happycolis.Event
		before journal.CanceledEvents
		want   bool
	}{
		"no event":                         {line: LineCanceled},
		"an event and a live line":         {line: "PENDING", events: events(then)},
		"an event that is new":             {line: LineCanceled, events: events(then), want: true},
		"an event that was known":          {line: LineCanceled, events: events(then), before: journal.CanceledEvents{Number: 1, Last: then}},
		"one more than was known":          {line: LineCanceled, events: events(then, then), before: journal.CanceledEvents{Number: 1, Last: then}, want: true},
		"a later one in place of a former": {line: LineCanceled, events: events(then.Add(time.Second)), before: journal.CanceledEvents{Number: 1, Last: then}, want: true},
		"a rejected line beside it":        {line: lineRejected, events: events(then), want: true},
	} {
		d := happycolis.DeliveryOrder{Lines: []happycolis.Line{{Status: c.line, Quantity: 1}}, Events: c.events}
		if got := ConfirmsCancel(&d, c.before); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

func TestHowAnIntegrationReads(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		read   *happycolis.Integration
		failed string
		want   Reading
	}{
		"it is in ERROR":         {&happycolis.Integration{ID: "i", State: IntegrationError}, "i", Erring},
		"nobody knows which":     {&happycolis.Integration{ID: "i", State: IntegrationError}, "", Erring},
		"it is another one":      {&happycolis.Integration{ID: "j", State: IntegrationError}, "i", Different},
		"it works again":         {&happycolis.Integration{ID: "i", State: integrationActive}, "i", Recovered},
		"it is being set up":     {&happycolis.Integration{ID: "i", State: "PENDING"}, "i", Different},
		"there is none any more": {nil, "i", Different},
	} {
		if got := IntegrationReads(c.read, c.failed); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
