package sandbox

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// runEvery is how often Run looks for effects that are due.
const runEvery = 5 * time.Millisecond

// effect is something that happens later: an acceptance, a confirmation, a delivery. apply runs
// with the lock held; what it returns, if anything, runs without it.
type effect struct {
	due   time.Time
	seq   int
	apply func() (unlocked func())
}

// effects is a heap by due time, then by sequence.
type effects []effect

func (e effects) Len() int { return len(e) }
func (e effects) Less(i, j int) bool {
	if !e[i].due.Equal(e[j].due) {
		return e[i].due.Before(e[j].due)
	}
	return e[i].seq < e[j].seq
}
func (e effects) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *effects) Push(x any)   { *e = append(*e, x.(effect)) }
func (e *effects) Pop() any {
	old := *e
	last := old[len(old)-1]
	old[len(old)-1] = effect{}
	*e = old[:len(old)-1]
	return last
}

// schedule schedules an act of the platform. The lock is held.
func (p *Platform) schedule(after time.Duration, apply func()) {
	p.scheduleUnlocked(after, func() func() { apply(); return nil })
}

func (p *Platform) scheduleUnlocked(after time.Duration, apply func() func()) {
	heap.Push(&p.effects, effect{due: p.currentTime().Add(after), seq: p.nextSequence(), apply: apply})
}

// RunDue runs every effect that is due now, and those that these cause for now, in order of due
// time and then of origin. It returns how many ran. Webhooks are delivered before it returns.
func (p *Platform) RunDue() int { return p.runDue(func(deliver func()) { deliver() }) }

func (p *Platform) runDue(run func(deliver func())) int {
	n := 0
	for {
		p.mu.Lock()
		if len(p.effects) == 0 || p.effects[0].due.After(p.currentTime()) {
			p.mu.Unlock()
			return n
		}
		e := heap.Pop(&p.effects).(effect)
		unlocked := e.apply()
		p.mu.Unlock()
		if unlocked != nil {
			run(unlocked)
		}
		n++
	}
}

// NextDue returns when the next effect is due, and whether there is one.
func (p *Platform) NextDue() (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.effects) == 0 {
		return time.Time{}, false
	}
	return p.effects[0].due, true
}

// Run lets effects happen by the wall clock until ctx ends. A slow receiver delays only its own
// organization's queue. Run returns when the last delivery under way has ended.
func (p *Platform) Run(ctx context.Context) {
	var deliveries sync.WaitGroup
	defer deliveries.Wait()
	tick := time.NewTicker(runEvery)
	defer tick.Stop()
	for {
		p.runDue(func(deliver func()) { deliveries.Go(deliver) })
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
