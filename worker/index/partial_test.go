package index_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/redistest"
)

// thin are the stories of messages that say less than the samples do.
var thin = []story{
	{"a message with nothing but an id loses nothing", func(t *testing.T, s *store) {
		s.put(t, order("do_1", 0), "m_1", true)
		s.put(t, index.Entry{ID: "do_1", Date: order("", 1).Date}, "m_2", true)
		want := order("do_1", 1)
		s.want(t, want)
		wantInFlight(t, s, 1)
	}},
	{"a whole message without a location takes it away", func(t *testing.T, s *store) {
		s.put(t, order("do_1", 0), "m_1", true)
		away := order("do_1", 1)
		away.Location = ""
		s.put(t, away, "m_2", true)
		wantInFlight(t, s, 0)
	}},
	{"an order number that webhooks do not name is kept from the read that told it", func(t *testing.T, s *store) {
		s.put(t, order("do_1", 0), "", true)
		later := told(order("do_1", 1))
		later.Number, later.Status = "", "OPENED"
		s.put(t, later, "m_1", true)
		later.Number = "SO-do_1"
		s.want(t, later)
	}},
	{"an entry of the previous release keeps its order number", func(t *testing.T, s *store) {
		s.put(t, order("do_1", 0), "", true)
		body, err := json.Marshal(order("do_1", 0))
		must(t, err)
		entry := index.EntryKey(s.org, "do_1")
		must(t, s.rdb.HDel(t.Context(), entry, "number").Err())
		must(t, s.rdb.HSet(t.Context(), entry, "body", body).Err())
		s.want(t, order("do_1", 0))
		later := told(order("do_1", 1))
		later.Number = ""
		s.put(t, later, "m_1", true)
		later.Number = "SO-do_1"
		s.want(t, later)
	}},
	{"a thin message takes nothing back that comes while it is completed", func(t *testing.T, s *store) {
		s.put(t, order("do_1", 0), "m_1", true)
		between := told(order("do_1", 1))
		between.Lines[0].Quantity, between.Priority = 7, "HIGH"
		interrupted := redis.NewClient(s.rdb.(*redis.Client).Options())
		t.Cleanup(func() { _ = interrupted.Close() }) // nothing is unwritten
		interrupted.AddHook(&after{do: func() { s.put(t, between, "m_2", true) }})
		news, err := index.New(interrupted).Put(t.Context(), s.org, index.Entry{ID: "do_1", Location: "loc_paris", Status: "OPENED", Date: order("", 2).Date}, "m_3")
		if err != nil || !news {
			t.Fatalf("news %t, %v, want it stored", news, err)
		}
		want := between
		want.Status, want.Date = "OPENED", order("", 2).Date
		s.want(t, want)
	}},
	{"a whole message takes one round trip, a thin one two", func(t *testing.T, s *store) {
		trips := &trips{}
		counted := redis.NewClient(s.rdb.(*redis.Client).Options())
		t.Cleanup(func() { _ = counted.Close() })     // nothing is unwritten
		s.put(t, told(order("do_1", 0)), "m_1", true) // the script is known from here on
		counted.AddHook(trips)
		s.Index = index.New(counted)
		later := told(order("do_1", 1))
		later.Number = ""
		for _, tt := range []struct {
			entry index.Entry
			want  int
		}{{later, 1}, {told(order("do_2", 0)), 1}, {order("do_3", 0), 1}, {order("do_1", 2), 2}} {
			trips.n.Store(0)
			s.put(t, tt.entry, fmt.Sprint("m_", tt.entry.ID, tt.entry.Date), true)
			if got := int(trips.n.Load()); got != tt.want {
				t.Errorf("%s of %s took %d round trips, want %d", tt.entry.ID, tt.entry.Date, got, tt.want)
			}
		}
	}},
}

func TestARedisThatForgotTheScriptTakesAMessageAllTheSame(t *testing.T) {
	t.Parallel()
	redistest.OnEachRedis(t, func(t *testing.T, rdb redis.UniversalClient) {
		s := &store{Index: index.New(rdb), rdb: rdb, org: "org"}
		s.put(t, order("do_1", 0), "m_1", true)
		must(t, rdb.ScriptFlush(t.Context()).Err())
		var rode *redis.BoolCmd
		news, err := s.Put(t.Context(), s.org, order("do_2", 0), "m_2", func(p redis.Pipeliner) {
			rode = p.HExists(t.Context(), index.EntryKey(s.org, "do_2"), "body")
		})
		if err != nil || !news || !rode.Val() {
			t.Errorf("news %t, %v, rode %v; want news, and what rides along to see it", news, err, rode)
		}
	})
}

// after does something once, after the first pipeline of a client.
type after struct {
	do   func()
	once sync.Once
}

func (h *after) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *after) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (h *after) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		if name := cmds[0].Name(); name != "hello" && name != "client" {
			h.once.Do(h.do)
		}
		return err
	}
}

// trips counts round trips to Redis, but for the greeting of a new connection.
type trips struct{ n atomic.Int64 }

func (h *trips) count(first redis.Cmder) {
	if name := first.Name(); name != "hello" && name != "client" {
		h.n.Add(1)
	}
}

func (h *trips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		h.count(cmd)
		return next(ctx, cmd)
	}
}

func (h *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		h.count(cmds[0])
		return next(ctx, cmds)
	}
}

func wantInFlight(t *testing.T, s *store, want int) {
	t.Helper()
	got, err := s.CountInFlight(t.Context(), s.org, "loc_paris")
	must(t, err)
	if got != want {
		t.Errorf("%d in flight, want %d", got, want)
	}
}
