package handover_test

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// lateRequest is one that arrived after it had stood on the wire.
type lateRequest struct {
	at    time.Time
	after int // the last number in the books before
	stood time.Duration
}

// mutating are the operations that change something.
var mutating = operations[:5]

// standsStill has a worker stand still around one of the requests to come. Meanwhile others take over, and things happen.
func (p *play) standsStill() {
	where := map[string]stall{beforeLastCheck.String(): beforeLastCheck, onTheWire.String(): onTheWire, beforeSave.String(): beforeSave}[p.pick(
		"a worker stands still", onTheWire.String(), beforeLastCheck.String(), beforeSave.String())]
	nth, changing := rapid.IntRange(1, 5).Draw(p.rt, "stalled"), p.chance("around a mutation", 2)
	p.drawn.came("a worker stands still", where.String(), 0)
	p.goOn()
	stand := func(r *http.Request) {
		counts := !changing && r.URL.Path == "/graphql" || slices.ContainsFunc(mutating, func(op string) bool { return world.CallsField(r, op) })
		if !counts {
			return
		}
		if nth--; nth > 0 {
			return
		}
		p.goOn()
		p.drawn.came("a worker stands still", where.String(), 1)
		p.othersGoOn(where, r)
	}
	switch where {
	case beforeLastCheck:
		slow := p.Slow
		p.Slow = func(r *http.Request) time.Duration { stand(r); return slow(r) }
	case onTheWire:
		p.OnWire = stand
	case beforeSave:
		p.OnBack = stand
	}
}

// goOn ends that a worker is about to stand still.
func (p *play) goOn() {
	p.Slow, p.OnWire, p.OnBack = p.tokensTake, nil, nil
}

// tokensTake is how long a request waits before it leaves: for the token endpoint, as the shop was drawn.
func (p *play) tokensTake(r *http.Request) time.Duration {
	if strings.HasSuffix(r.URL.Path, "/token") {
		return p.tokenTakes
	}
	return 0
}

// othersGoOn is what happens while a worker stands still.
func (p *play) othersGoOn(where stall, r *http.Request) {
	stands := map[string]time.Duration{"6s": 6 * time.Second, "20s": 20 * time.Second, "45s": 45 * time.Second, "2m": 2 * time.Minute,
		"20m": 20 * time.Minute}[p.pick("for", "45s", "2m", "6s", "20s", "20m")]
	begun := p.Now()
	p.must(p.ReplaceWorker())
	for range rapid.IntRange(0, 2).Draw(p.rt, "meanwhile") {
		p.others(p.pick("meanwhile", othersActs...))
		stands /= 2
		p.must(p.Advance(p.ctx, stands))
	}
	p.must(p.Advance(p.ctx, stands))
	if where != onTheWire {
		return
	}
	if world.CallsField(r, "deliveryOrderCreate") {
		p.Platform.ClearFaults() // the reply of a late one comes: without, nobody can know what it made
		p.platformsWay()
		p.Crash = nil
	}
	p.late = append(p.late, lateRequest{p.Now(), lastNumber(p.Platform.Books()), p.Now().Sub(begun)})
}

func lastNumber(b sandbox.Books) int {
	n := 0
	for _, e := range b.Entries {
		n = max(n, e.Seq)
	}
	for _, r := range b.Reads {
		n = max(n, r.Seq)
	}
	return n
}

// lateEntries are what the books hold of the requests that stood on the wire.
func (p *play) lateEntries(all []sandbox.Entry) (late []sandbox.Entry, stood []time.Duration) {
	for _, l := range p.late {
		seq := 0
		for _, e := range all {
			if e.SentSeq <= l.after || !e.Sent.Equal(l.at) || !strings.HasPrefix(e.Actor, "api:") || seq != 0 && e.SentSeq != seq {
				continue
			}
			seq = e.SentSeq
			late, stood = append(late, e), append(stood, l.stood)
		}
	}
	return late, stood
}
