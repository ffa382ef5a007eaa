package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/cli"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/redistest"
)

// opens has a webhook tell that a location takes orders only in many years.
func (b *sickbed) opens(rdb redis.UniversalClient, location string) {
	p := index.Location{ID: b.places[location], Slug: location, AcceptsFrom: time.Date(2099, 6, 1, 0, 0, 0, 0, time.UTC)}
	if err := index.New(rdb).PutLocation(b.t.Context(), demo.Organization, p); err != nil {
		b.t.Fatal(err)
	}
}

func TestDoctorTellsWhenNothingCanMove(t *testing.T) {
	t.Parallel()
	pause := func(b *sickbed, rdb redis.UniversalClient, scope string) {
		p := journal.Pause{Scope: scope, From: time.Now(), By: "ops", Reason: "stocktaking"}
		if _, err := journal.New(rdb, time.Second, 0).Pause(b.t.Context(), demo.Organization, p); err != nil {
			b.t.Fatal(err)
		}
	}
	const twoCandidates = "version: 1\nrules:\n  - name: to lyon or lille\n    when: {from: [paris-warehouse]}\n    then: {reassign: {candidates: [lyon-warehouse, lille-warehouse], prefer: [listed_order]}}\ndefault: needs_person\n"
	for name, c := range map[string]struct {
		bend func(*sickbed, redis.UniversalClient)
		code int
		want string
	}{
		"everything is paused": {
			func(b *sickbed, rdb redis.UniversalClient) { pause(b, rdb, journal.AllLocations) }, cli.ExitFailed,
			"FAIL  pauses               everything is paused by ops, just now: stocktaking\n        -> reassigner resume --reason \"WHY\", when it may move again",
		},
		"one location is paused": {
			func(b *sickbed, rdb redis.UniversalClient) { pause(b, rdb, "loc_paris") }, cli.ExitDone,
			"warn  pauses               paris-warehouse is paused by ops, just now: stocktaking\n        -> reassigner resume --location paris-warehouse --reason \"WHY\", when",
		},
		"an organization was taken out in the middle of a drain": {
			func(b *sickbed, rdb redis.UniversalClient) {
				j := journal.New(rdb, time.Second, 0)
				r := &journal.Reassignment{Identity: journal.Identity{Organization: "org_gone", Incident: "inc_1", DeliveryOrder: "do_1", OpenedAt: time.Now()}}
				if _, _, err := j.Enroll(b.t.Context(), r); err != nil {
					b.t.Fatal(err)
				}
				r.State, r.Release.IntendedAt = journal.ConfirmingRelease, time.Now()
				if err := errors.Join(j.Save(b.t.Context(), r, time.Now()), j.NoteServed(b.t.Context(), []string{"org_gone", demo.Organization})); err != nil {
					b.t.Fatal(err)
				}
			}, cli.ExitFailed,
			"FAIL  organizations        org_gone is not configured any more; 1 delivery order released there and not finished, 1 of them without a replacement",
		},
		"a queue is paused": {
			func(b *sickbed, rdb redis.UniversalClient) {
				if _, err := asynq.NewClientFromRedisClient(rdb).Enqueue(asynq.NewTask("x", nil), asynq.Queue(tasks.QueueHandover)); err != nil {
					b.t.Fatal(err)
				}
				if err := asynq.NewInspectorFromRedisClient(rdb).PauseQueue(tasks.QueueHandover); err != nil {
					b.t.Fatal(err)
				}
			}, cli.ExitFailed,
			"FAIL  queues               paused: handover",
		},
		"the one candidate is not active": {
			func(b *sickbed, _ redis.UniversalClient) { b.platform.SetActive(sandbox.Lyon, false) }, cli.ExitFailed,
			"FAIL  candidates           if paris-warehouse fails, nothing can go to any candidate of it: lyon-warehouse",
		},
		"of two candidates one is not active, one in ERROR": {
			func(b *sickbed, _ redis.UniversalClient) {
				b.policy = twoCandidates
				b.platform.SetActive(sandbox.Lille, false)
				b.platform.Break(sandbox.Lyon)
			}, cli.ExitFailed,
			"FAIL  candidates           if paris-warehouse fails, nothing can go to any candidate of it: lille-warehouse, lyon-warehouse",
		},
		"of two candidates one is not active": {
			func(b *sickbed, _ redis.UniversalClient) {
				b.policy = twoCandidates
				b.platform.SetActive(sandbox.Lille, false)
			}, cli.ExitDone,
			"warn  location             lille-warehouse: not active",
		},
		"the one candidate of whatever fails is not active": {
			func(b *sickbed, _ redis.UniversalClient) {
				b.policy = strings.Replace(b.policy, "{from: [paris-warehouse]}", "{priority: [NORMAL, HIGH]}", 1)
				b.platform.SetActive(sandbox.Lyon, false)
			}, cli.ExitFailed,
			"FAIL  candidates           if any other location fails, nothing can go to any candidate of it: lyon-warehouse",
		},
		"the one candidate takes no orders yet": {
			func(b *sickbed, rdb redis.UniversalClient) { b.opens(rdb, sandbox.Lyon) }, cli.ExitFailed,
			"FAIL  candidates           if paris-warehouse fails, nothing can go to any candidate of it: lyon-warehouse",
		},
		"of two candidates one takes no orders yet": {
			func(b *sickbed, rdb redis.UniversalClient) {
				b.policy = twoCandidates
				b.opens(rdb, sandbox.Lyon)
			}, cli.ExitDone,
			", takes no orders before 2099-06-01T00:00:00Z\n        -> it is a candidate: nothing goes there before",
		},
		"the one candidate is under incident": {
			func(b *sickbed, rdb redis.UniversalClient) {
				inc := &journal.Incident{ID: "inc-1", Organization: demo.Organization, LocationID: b.places[sandbox.Lyon], State: journal.Stopped, OpenedAt: time.Now()}
				if _, err := journal.New(rdb, time.Second, 0).Open(b.t.Context(), inc); err != nil {
					b.t.Fatal(err)
				}
			}, cli.ExitFailed,
			"FAIL  candidates           if paris-warehouse fails",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := lie(t, redistest.StartServerAddr(t, healthy...))
			rdb := redistest.NewClient(t, strings.TrimPrefix(b.redis, "redis://"))
			b.knows(rdb)
			c.bend(b, rdb)
			if got := b.call(); got.code != c.code || !strings.Contains(got.stdout, c.want) {
				t.Errorf("got %d, want %d and %q in\n%s", got.code, c.code, c.want, got.stdout)
			}
		})
	}
}
