package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2/server"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/notify"
	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/world"
)

// conditionStory is how a condition comes to last and how it ends, where the worker meets it.
type conditionStory struct {
	begins func(*story)
	told   string // the title
	ends   func(*story)
	end    string // the title of its end; "": that is not told
}

// conditionStories are the stories by the key of the topic.
var conditionStories = map[string]conditionStory{
	"webhooks": {
		begins: func(s *story) {
			s.a.Settings.Silence = 10 * time.Minute
			s.pass(10*time.Minute - 5*time.Second)
		},
		told: "No webhook for 10 minutes, while 9 delivery orders are in flight",
		ends: func(s *story) { s.Platform.Break(sandbox.Lyon) }, // which the platform tells
		end:  "Webhooks come again, after 11 minutes",
	},
	"journal": {
		begins: func(s *story) { s.must(s.Journal.MarkDataLoss(s.t.Context(), world.Org, s.Now())) },
		told:   "URGENT: Redis lost what the worker knew; nothing moves by itself until the orders are imported",
		ends:   func(s *story) { s.must(s.Index.FinishImport(s.t.Context(), world.Org, s.Now())) },
	},
	"memory": {
		begins: redisTells("850", "noeviction"), told: "Redis has used 85% of its memory",
		ends: redisTells("740", "noeviction"), end: "Redis has room again: 74% of its memory is used",
	},
	"eviction": {
		begins: redisTells("1", "allkeys-lru"), told: "Redis may throw away what the worker knows: its maxmemory-policy is allkeys-lru",
		ends: redisTells("1", "noeviction"), end: "Redis keeps what it is told: its maxmemory-policy is noeviction",
	},
	"policy": {
		begins: func(s *story) { s.must(notify.PolicyRefused(s.t.Context(), s.rdb, s.Now())) },
		told:   "A changed policy was refused: the former one stays in force",
		ends:   func(s *story) { s.must(notify.PolicyRefused(s.t.Context(), s.rdb, time.Time{})) },
		end:    "The policy was reloaded: what the file says is in force",
	},
	"signatures": {
		begins: func(s *story) { s.must(intake.NoteWrongSignatures(s.t.Context(), s.rdb, 3, s.Now())) },
		told:   "Webhooks are refused: their signature is missing, or fits no secret of the configuration",
		ends:   func(s *story) { s.a.Settings.Remind = time.Hour; s.pass(10 * time.Minute) },
		end:    "No webhook with a wrong signature came for 10 minutes",
	},
	"oversized": {
		begins: func(s *story) {
			s.must(intake.NoteOversized(s.t.Context(), s.rdb, world.Org, intake.Parked{At: s.Now(), Size: 300 << 10}))
		},
		told: "A webhook of 300 KiB was not read: it is larger than max_body",
		ends: func(s *story) { s.a.Settings.Remind = 2 * time.Hour; s.pass(time.Hour) },
	},
	"spool": {
		begins: func(s *story) {
			s.must(notify.NoteSpool(s.t.Context(), s.rdb, "host-9 (process 7)", "it ended", s.Now().Add(-2*time.Minute)))
			s.must(notify.NoteSpool(s.t.Context(), s.rdb, "host-1 (process 7)", "the spool is full: max_bytes is reached", s.Now()))
		},
		told: "URGENT: 1 receiver can keep no event on disk",
		ends: func(s *story) { s.must(notify.NoteSpool(s.t.Context(), s.rdb, "host-1 (process 7)", "", s.Now())) },
		end:  "Every receiver can keep events again while Redis is away",
	},
	"unserved": {
		begins: func(s *story) {
			s.must(s.Journal.NoteServed(s.t.Context(), []string{world.Org}))
			s.a.Organizations = []string{"org_other"} // the next configuration
			s.Platform.AddFault(sandbox.Fault{Kind: sandbox.CancelSilent})
			s.Platform.Break(sandbox.Paris)
			for range 36 { // 3 minutes, in which nobody is told
				s.must(s.Advance(s.t.Context(), 5*time.Second))
			}
		},
		told: "URGENT: 3 delivery orders were released, and the organization is not configured any more",
		ends: func(s *story) { s.must(s.Journal.NoteServed(s.t.Context(), []string{world.Org})) },
		end:  "What was released is looked after again: its organization is configured, or all is finished",
	},
	"clocks": {
		begins: func(s *story) { s.measureClock(42 * time.Second) }, told: "The clock of worker-1 is 41s ahead of HappyColis's",
		ends: func(s *story) { s.measureClock(0) }, end: "The clocks agree with HappyColis's again",
	},
}

// redisTells has Redis answer how much memory it has used of 1000 bytes.
func redisTells(used, policy string) func(*story) {
	return func(s *story) {
		s.Redis.Server().SetPreHook(func(c *server.Peer, command string, _ ...string) bool {
			if !strings.EqualFold(command, "INFO") {
				return false
			}
			c.WriteBulk("# Memory\r\nused_memory:" + used + "\r\nmaxmemory:1000\r\nmaxmemory_policy:" + policy + "\r\n")
			return true
		})
	}
}

// measureClock has a worker whose clock is ahead compare it with the platform's.
func (s *story) measureClock(ahead time.Duration) {
	s.t.Helper()
	clocks := happycolis.NewClocks(s.rdb, rediskey.Clocks(), "worker-1", func() time.Time { return s.Now().Add(ahead) })
	clocks.Observe(happycolis.Call{Outcome: "ok", SentAt: s.Now().Add(ahead), Date: s.Now().Truncate(time.Second)})
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		all, err := happycolis.LastClocks(s.t.Context(), s.rdb, rediskey.Clocks())
		s.must(err)
		if len(all) == 2 && (all[1].Ahead-ahead).Abs() <= time.Second {
			return
		}
	}
	s.t.Fatal("nothing was measured")
}

func (s *story) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestEachConditionIsToldWhereItIsMet is the guard of what topics gather: each condition is told, told again, and its end
// is, read where it really stands.
func TestEachConditionIsToldWhereItIsMet(t *testing.T) {
	t.Parallel()
	for _, key := range notify.ConditionKeys() {
		c, tried := conditionStories[key]
		if !tried {
			t.Errorf("no story tries the topic %s; write one in conditionStories", key)
			continue
		}
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			ops := &recordingTarget{}
			s := tell(t, 10, world.Options{}, ops)
			s.heard(ops)
			c.begins(s)
			s.pass(5 * time.Second)
			s.heard(ops, c.told)
			s.a.Settings.Remind = time.Minute
			s.pass(time.Minute - 5*time.Second)
			s.heard(ops)
			s.pass(5 * time.Second)
			if again := ops.take(); len(again) != 1 {
				t.Errorf("after alerts.remind %q was told, want one message", again)
			}
			c.ends(s)
			s.pass(5 * time.Second)
			if c.end == "" {
				s.heard(ops)
			} else {
				s.heard(ops, c.end)
			}
			for _, k := range s.Redis.Keys() {
				if strings.Contains(k, ":told:") && s.Redis.HGet(k, key) != "" {
					t.Errorf("it has ended, and %s remembers it", k)
				}
			}
		})
	}
}
