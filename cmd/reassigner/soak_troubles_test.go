//go:build soak

package main

import (
	"math/rand/v2"
	"time"

	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
)

// What goes wrong, and how often.
const (
	killEvery    = 2 * time.Second
	killSpread   = 500 * time.Millisecond // kills are that much early or late, so that they meet every phase
	redisAway    = time.Second
	failingShare = 0.10 // of all requests, half of them answered 500, half broken off: not executed
	losingShare  = 0.05 // of all mutations: executed, the reply lost
	resendShare  = 0.75 // of the webhooks that blocked the queue are sent once more, the rest are lost
	horizon      = 60   // requests for each order that faults are prepared for
)

// tally counts what went wrong.
type tally struct {
	kills, restarts, wipes, unblocked int
	faults                            bool
}

// kills kills one process after the other, and starts it again at once.
func (s *soak) kills() trouble {
	var due time.Time
	next := func() time.Duration {
		return killEvery + time.Duration(s.random.Int64N(int64(2*killSpread))) - killSpread
	}
	return func(p progress) {
		switch {
		case p.over:
		case due.IsZero():
			due = p.at.Add(next())
		case p.at.After(due):
			victim := s.processes[s.random.IntN(len(s.processes))]
			victim.kill()
			victim.start()
			s.tally.kills++
			due = p.at.Add(next())
		}
	}
}

// redisRestarts stops Redis twice on the way, and starts it again over what it kept.
func (s *soak) redisRestarts() trouble {
	shares := []float64{0.2, 0.5}
	var back time.Time
	return func(p progress) {
		switch {
		case !back.IsZero():
			if p.at.After(back) {
				s.redis.Start()
				back = time.Time{}
			}
		case len(shares) > 0 && p.share >= shares[0] && !p.over:
			s.redis.Stop()
			s.tally.restarts++
			shares, back = shares[1:], time.Now().Add(redisAway)
		}
	}
}

// wipes deletes everything that the task queue keeps, in the middle of the drain, and in a long soak once more.
// What waited in the queue is found again 30 s later.
func (s *soak) wipes() trouble {
	shares := []float64{0.4, 0.7}
	if soakShort() {
		shares = shares[:1]
	}
	return func(p progress) {
		if len(shares) == 0 || p.share < shares[0] || p.over {
			return
		}
		ctx, cancel := contextFor(progressAsk)
		defer cancel()
		for keys := s.rdb.Scan(ctx, 0, "asynq:*", 1000).Iterator(); keys.Next(ctx); {
			if s.rdb.Del(ctx, keys.Val()).Err() != nil {
				return // Redis is away: at the next look
			}
		}
		s.tally.wipes++
		shares = shares[1:]
	}
}

// faults prepares, before anything breaks, which of the coming requests fail.
func (s *soak) faults() trouble {
	s.tally.faults = true
	n := horizon * len(s.inFlight)
	for _, kind := range []string{sandbox.Fault500, sandbox.DropBefore} {
		s.bend(sandbox.Fault{Kind: kind}, n, failingShare/2)
	}
	for _, operation := range []string{"deliveryOrderCreate", "deliveryOrderUpdate", "deliveryOrderCancel", "deliveryOrderOpen", "deliveryOrderRequestFulfillment"} {
		s.bend(sandbox.Fault{Kind: sandbox.DropAfter, Operation: operation}, n/10, losingShare)
	}
	// However short the drain: one reply at least is lost.
	s.platform.AddFault(sandbox.Fault{Kind: sandbox.DropAfter, Operation: "deliveryOrderCancel", Skip: s.random.IntN(4), Count: 1})
	return func(p progress) {
		if p.over {
			s.platform.ClearFaults()
		}
	}
}

// bend spreads a fault over the next n requests that it may meet.
func (s *soak) bend(m sandbox.Fault, n int, share float64) {
	random := rand.New(rand.NewPCG(s.random.Uint64(), 0))
	m.Count = 1
	for m.Skip = range n {
		if random.Float64() < share {
			s.platform.AddFault(m)
		}
	}
}

// unblocks is the operator who lets the platform's webhooks flow again, which one refused connection stops.
func (s *soak) unblocks() trouble {
	return func(progress) {
		if blocked, _ := s.platform.Blocked(demo.Organization); blocked {
			s.platform.Unblock(demo.Organization, s.random.Float64() < resendShare)
			s.tally.unblocked++
		}
	}
}
