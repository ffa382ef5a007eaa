package metrics_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/metrics"
	"happycolis-reassigner/worker/rediskey"
	"happycolis-reassigner/worker/redistest"
	"happycolis-reassigner/worker/world"
)

// told is a world whose packages tell metrics, after a location broke and everything came to rest.
func told(t *testing.T) (*world.World, *metrics.Metrics) {
	t.Helper()
	w, err := world.New(world.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	client := redistest.NewClient(t, w.Redis.Addr())
	m := metrics.New(metrics.Options{
		Organizations: map[string]happycolis.Rate{world.Org: {PerMinute: 1000, PerSecond: 100}},
		Spool: func() metrics.SpoolStatus {
			return metrics.SpoolStatus{Waiting: 7, Kept: 2, Bytes: 4096, MaxBytes: 1 << 30, CanKeep: true}
		},
		Journal: w.Journal, Index: w.Index, Queues: asynq.NewInspectorFromRedisClient(client),
		KafkaResults: []string{"taken", "no organization"},
		Policies:     func() map[string]string { return map[string]string{"policy.yaml": "abc"} }, Version: "test", Now: w.Now,
	})
	w.Handover.OnStep, w.Handover.OnFinish = m.ObserveStep, m.ObserveFinish
	w.Incidents.OnSweep, w.Incidents.Found, w.Incidents.Urgent = m.CountSweep, m.CountFindings, m.CountUrgent
	sandbox.Seed(w.Platform, sandbox.SeedOptions{Organization: world.Org, Orders: 20, Seed: 3})
	if err := w.Advance(t.Context(), time.Second); err != nil {
		t.Fatal(err)
	}
	w.Platform.Break(sandbox.Paris)
	if err := w.RunUntilIdle(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := w.Advance(t.Context(), 2*time.Minute); err != nil { // the sweep sees that all is at rest
		t.Fatal(err)
	}
	// What the world has no part for.
	m.ObserveCall(happycolis.Call{Organization: world.Org, Operation: "handover", Outcome: "ok", Duration: time.Second, Limit: 1000, Remaining: 12})
	m.CountWebhook("seen before", "200", time.Millisecond)
	m.CountRecord("no organization")
	m.NoteKafka(42, nil)
	m.CountReload(nil)
	m.CountAlert("webhook", nil)
	m.CountUrgent(world.Org, string(journal.ReplacementSentEarly))
	m.CountFindings(world.Org, "missed_event", 1)
	limiter := m.Limiter(happycolis.NewRedisLimiter(client, rediskey.Of, func(string) happycolis.Rate { return happycolis.Rate{PerMinute: 1, PerSecond: 1} }, nil))
	for range 2 {
		if _, err := limiter.Wait(t.Context(), world.Org, happycolis.ClassUrgent); err != nil {
			t.Fatal(err)
		}
		if _, err := limiter.Reserve(t.Context(), world.Org, 3); err != nil {
			t.Fatal(err)
		}
	}
	return w, m
}

func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, metrics.Path, nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("got %d %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

func TestAScrapeTellsTheStory(t *testing.T) {
	t.Parallel()
	w, m := told(t)
	got := scrape(t, m)
	inc, err := w.Incident(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tally, err := w.Journal.Tally(t.Context(), world.Org, inc.ID)
	if err != nil {
		t.Fatal(err)
	}
	if tally.States[journal.Reassigned] == 0 || tally.States[journal.NeedsPerson] == 0 {
		t.Fatalf("a dull story: %v", tally)
	}
	for _, want := range []string{
		`reassigner_incidents{organization="org_world",state="watching"} 1`,
		`reassigner_incidents{organization="org_world",state="blocked"} 0`,
		line(`reassigner_reassignments{organization="org_world",state="reassigned"}`, tally.States[journal.Reassigned]),
		line(`reassigner_reassignments_at_rest{organization="org_world",reason="aggregated_orders",state="needs_person"}`, tally.Reasons[journal.NeedsPerson][journal.AggregatedOrders]),
		line(`reassigner_reassignments_to_location{location="lyon-warehouse",organization="org_world"}`, tally.Targets[sandbox.Lyon]),
		line(`reassigner_handover_duration_seconds_count{state="reassigned"}`, tally.States[journal.Reassigned]),
		line(`reassigner_handover_duration_seconds_count{state="needs_person"}`, tally.States[journal.NeedsPerson]),
		`reassigner_handover_step_duration_seconds_bucket{step="confirm_release",le="+Inf"}`,
		line(`reassigner_handover_step_duration_seconds_count{step="decide"}`, tally.Sum()),
		`reassigner_api_requests_total{operation="handover",organization="org_world",outcome="ok"} 1`,
		`reassigner_rate_limit_remaining_requests{organization="org_world"} 12`,
		`reassigner_rate_limit_requests_per_minute{organization="org_world"} 1000`,
		`reassigner_rate_limit_grants_total{class="handover",organization="org_world"} 1`,
		`reassigner_rate_limit_waits_total{class="handover",organization="org_world"} 1`,
		`reassigner_rate_limit_waits_total{class="begin",organization="org_world"} 1`,
		`reassigner_webhooks_total{code="200",result="seen_before"} 1`,
		`reassigner_kafka_records_total{result="taken"} 0`,
		`reassigner_kafka_records_total{result="no_organization"} 1`,
		`reassigner_kafka_lag_records 42`,
		`reassigner_kafka_reachable 1`,
		`reassigner_index_incomplete{organization="org_world"} 1`,
		`reassigner_policy_info{file="policy.yaml",revision="abc"} 1`,
		`reassigner_policy_reloads_total{result="failed"} 0`,
		`reassigner_queue_tasks{queue="handover",state="pending"} 0`,
		`reassigner_urgent_total{organization="org_world",reason="replacement_sent_early"} 1`,
		`reassigner_sweeps_total{organization="org_world",result="ok"}`,
		`reassigner_scrape_success{source="journal"} 1`,
		`reassigner_scrape_success{source="index"} 1`,
		`reassigner_scrape_success{source="queue"} 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the scrape lacks %s", want)
		}
	}
	if t.Failed() {
		for l := range strings.Lines(got) {
			if strings.HasPrefix(l, "reassigner_") {
				t.Log(strings.TrimSpace(l))
			}
		}
	}
}

// TestARecordThatCannotBeReadIsScrapedAsAPersons breaks the record of a delivery order that was moved; the closing
// incident's report is what meets it.
func TestARecordThatCannotBeReadIsScrapedAsAPersons(t *testing.T) {
	t.Parallel()
	w, m := told(t)
	inc, err := w.Incident(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	moved, _, err := w.Journal.GroupPage(t.Context(), world.Org, inc.ID, journal.Reassigned, "", "", 1)
	if err != nil || len(moved) != 1 {
		t.Fatal(moved, err)
	}
	before, err := w.Journal.Tally(t.Context(), world.Org, inc.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.Redis.HSet("reassigner:{"+world.Org+"}:re:"+moved[0].Identity.ID, "body", "{")
	w.Platform.Recover(sandbox.Paris, true)
	if err := w.Advance(t.Context(), 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	got := scrape(t, m)
	for _, want := range []string{
		`reassigner_reassignments_at_rest{organization="org_world",reason="journal_corrupt",state="needs_person"} 1`,
		line(`reassigner_reassignments{organization="org_world",state="reassigned"}`, before.States[journal.Reassigned]-1),
		line(`reassigner_reassignments_to_location{location="`+moved[0].Decision.To+`",organization="org_world"}`, before.Targets[moved[0].Decision.To]-1),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the scrape lacks %s", want)
		}
	}
}

func line(name string, n int) string { return fmt.Sprintf("%s %d\n", name, n) }

func TestNamesAndUnitsFollowTheConventions(t *testing.T) {
	t.Parallel()
	_, m := told(t)
	problems, err := testutil.GatherAndLint(m.Gatherer())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestAScrapeNamesNoOrderAndNobody(t *testing.T) {
	t.Parallel()
	w, m := told(t)
	rows, err := w.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := scrape(t, m)
	forbidden := []string{sandbox.CanaryText, sandbox.CanaryToken, "inc-"}
	for _, r := range rows {
		forbidden = append(append(forbidden, r.Identity.DeliveryOrder, r.Identity.OrderNumber), r.Identity.Orders...)
	}
	for _, text := range forbidden {
		if text != "" && strings.Contains(got, text) {
			t.Errorf("the scrape contains %q", text)
		}
	}
}

func TestWithRedisAwayTheRestIsToldInTime(t *testing.T) {
	t.Parallel()
	deaf, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = refused.Close()
	for name, address := range map[string]string{"it hangs": deaf.Addr().String(), "it refuses": refused.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := redis.NewClient(&redis.Options{Addr: address, ContextTimeoutEnabled: true})
			defer client.Close()
			m := metrics.New(metrics.Options{
				Organizations: map[string]happycolis.Rate{"org_1": {PerMinute: 1000}}, Journal: journal.New(client, time.Second, 0),
				Index: index.New(client), Queues: asynq.NewInspectorFromRedisClient(client), Now: time.Now,
			})
			m.CountWebhook("storage away", "503", time.Second)
			begun := time.Now()
			got := scrape(t, m)
			if took := time.Since(begun); took > 6*time.Second {
				t.Errorf("the scrape took %s", took)
			}
			for _, want := range []string{
				`reassigner_scrape_success{source="journal"} 0`, `reassigner_scrape_success{source="index"} 0`,
				`reassigner_scrape_success{source="queue"} 0`, `reassigner_webhooks_total{code="503",result="storage_away"} 1`,
			} {
				if !strings.Contains(got, want) {
					t.Errorf("the scrape lacks %s", want)
				}
			}
			if strings.Contains(got, "reassigner_incidents{") {
				t.Error("incidents are told though nobody could read them")
			}
		})
	}
}

// stuck is a queue library that never answers.
type stuck struct {
	asked chan struct{}
	until chan struct{}
}

func (s stuck) Queues() ([]string, error) {
	s.asked <- struct{}{}
	<-s.until
	return nil, nil
}

func (s stuck) GetQueueInfo(string) (*asynq.QueueInfo, error) { return &asynq.QueueInfo{}, nil }

func TestWhatHangsIsNotAskedAgainBeforeItEnded(t *testing.T) {
	t.Parallel()
	s := stuck{make(chan struct{}, 10), make(chan struct{})}
	now := time.Now()
	m := metrics.New(metrics.Options{Queues: s, Now: func() time.Time { now = now.Add(time.Minute); return now }})
	for range 2 {
		if got := scrape(t, m); !strings.Contains(got, `reassigner_scrape_success{source="queue"} 0`) {
			t.Error("the scrape does not say that the queue could not be read")
		}
	}
	if n := len(s.asked); n != 1 {
		t.Errorf("it was asked %d times while it hung, want once", n)
	}
	close(s.until)
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(scrape(t, m), `reassigner_scrape_success{source="queue"} 1`); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is not read again once it answers")
		}
	}
}

func TestOnARealRedisTheQueuesAreTold(t *testing.T) {
	t.Parallel()
	redistest.OnEachRedis(t, func(t *testing.T, rdb redis.UniversalClient) {
		queue := tasks.NewAsynq(asynq.NewClientFromRedisClient(rdb), asynq.NewInspectorFromRedisClient(rdb))
		m := metrics.New(metrics.Options{Queues: asynq.NewInspectorFromRedisClient(rdb), Journal: journal.New(rdb, time.Second, 0), Now: time.Now})
		for i := range 3 {
			sweep := tasks.Sweep{V: tasks.Version, Tick: int64(i)}
			if err := queue.Submit(t.Context(), sweep, time.Now().Add(-time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		got := scrape(t, m)
		if strings.HasSuffix(t.Name(), "/redis-server") && !strings.Contains(got, "\nreassigner_redis_memory_used_bytes ") {
			t.Error("the scrape lacks the memory of Redis")
		}
		for _, want := range []string{
			`reassigner_queue_tasks{queue="sweep",state="pending"} 3`, `reassigner_queue_tasks{queue="start",state="archived"} 0`,
			`reassigner_queue_paused{queue="sweep"} 0`, `reassigner_queue_latency_seconds{queue="sweep"}`,
		} {
			if !strings.Contains(got, want) {
				t.Errorf("the scrape lacks %s", want)
			}
		}
	})
}
