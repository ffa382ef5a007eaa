package handover_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
)

// requestTimeout is how long a request may take in a world.
const requestTimeout = 15 * time.Second

// judged has the judge read the books. Where a worker stood still, this is what counts:
//
//   - Before its last check everything does: nothing that it then sends may be unjustified, touch others, or stray.
//   - Before it records a reply, too: what it learned too late it does not act upon.
//   - On the wire nobody can call a request back. What arrives so may be unjustified and touch others, that one request
//     and no other. If it was under way for longer than one request timeout, others have looked twice, found nothing and gone
//     on by then; so what it sends may be double. It may not be lost, nor forgotten, and a DRAFT that it makes is known to a
//     row. If its reply is lost as well nobody can know that: so none is here.
func (p *play) judged() {
	v, err := p.Judge(p.ctx)
	p.must(err)
	p.excuse(&v)
	text := ""
	if !v.Holds() {
		text = v.String()
	}
	if text += p.madeAnew(); text != "" {
		p.rt.Errorf("the judge sees:\n%s\n%s", text, p.story())
	}
}

// excuse takes out of the findings what arrived after it had stood on the wire.
func (p *play) excuse(v *sandbox.Verdict) {
	late, stood := p.lateEntries(p.Platform.Books().Entries)
	of := func(least time.Duration) func(sandbox.Finding) bool {
		return func(f sandbox.Finding) bool {
			for i, e := range late {
				if stood[i] >= least && f.DeliveryOrder == e.DeliveryOrder && strings.HasPrefix(f.Text, e.At.Format(time.RFC3339Nano)+": ") {
					return true
				}
			}
			return false
		}
	}
	v.Unjustified = slices.DeleteFunc(v.Unjustified, of(0))
	v.TouchedOthers = slices.DeleteFunc(v.TouchedOthers, of(0))
	v.DoubleShipped = slices.DeleteFunc(v.DoubleShipped, of(requestTimeout))
	v.SentBeforeRelease = slices.DeleteFunc(v.SentBeforeRelease, of(requestTimeout))
}

// madeAnew lists the replacements that somebody else cancelled, and that were made anew elsewhere although no operator asked
// for it: what a customer does not want would be shipped.
func (p *play) madeAnew() string {
	rows, err := p.Rows(p.ctx)
	p.must(err)
	b := p.Platform.Books()
	text := ""
	for _, r := range rows {
		if p.retried[r.Identity.ID] {
			continue
		}
		chain := append(slices.Clone(r.Replacement.Past), r.Replacement.ID)
		for i, id := range chain {
			at := cancelledByPerson(b, id)
			for _, next := range chain[i+1:] {
				if at > 0 && madeAt(b, next) > at {
					text += fmt.Sprintf("made anew: %s: somebody cancelled it, and %s was made instead\n", id, next)
				}
			}
		}
	}
	return text
}

// cancelledByPerson is the number of the act with which somebody cancelled what the API had made, nobody else having asked
// for that; 0 if nobody did, or it is live, or its location rejected a line of it.
func cancelledByPerson(b sandbox.Books, id string) (seq int) {
	d, _ := b.DeliveryOrder(id)
	if madeAt(b, id) == 0 || slices.ContainsFunc(d.Lines, func(l sandbox.Line) bool { return l.Status != sandbox.LineCanceled }) {
		return 0
	}
	for _, e := range b.Entries {
		switch {
		case e.DeliveryOrder != id || !strings.HasSuffix(e.Operation, "Cancel"):
		case strings.HasPrefix(e.Actor, "api:"):
			return 0
		case e.Actor == "person" && e.Applied:
			seq = e.Seq
		}
	}
	return seq
}

// madeAt is the number of the act with which the API made a delivery order; 0 if it did not.
func madeAt(b sandbox.Books, id string) int {
	for _, e := range b.Entries {
		if e.DeliveryOrder == id && e.Operation == "deliveryOrderCreate" && strings.HasPrefix(e.Actor, "api:") {
			return e.Seq
		}
	}
	return 0
}
