package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/tasks"
)

// How the servers run. The intervals are far below asynq's own, which are 1 s and 5 s: a handover
// of five requests must not wait for the queue.
const (
	taskCheckInterval   = 200 * time.Millisecond
	delayedTaskInterval = 500 * time.Millisecond
	shutdownTimeout     = 6 * time.Second // running tasks get this long to end; the whole process has 10 s
	firstRetryDelay     = 2 * time.Second
	maxRetryDelay       = 2 * time.Minute
)

// How many tasks run at once. An organization has 24 slots for handovers and 6 for other tasks; fewer only where more
// than ten organizations share one worker.
var (
	handoverConcurrency = concurrency{each: 24, most: 240}
	incidentConcurrency = concurrency{each: 6, most: 60}
)

// Servers runs the handlers of every kind: one server for handovers, one for incidents and sweeps. The zero value is
// not usable; NewServers makes one, which is started and stopped once.
type Servers struct {
	organizations int

	running []*asynq.Server
	muxes   []*asynq.ServeMux
}

// NewServers returns the servers over the connection. Its client has to sit out an outage of Redis (many retries with
// a bounded backoff): after an outage that its client did not sit out, asynq 0.26 runs all tasks in flight twice.
// organizations is how many are configured; it decides the share of slots that each has.
func NewServers(conn redis.UniversalClient, queue tasks.Queue, handlers map[tasks.Kind]Handler, organizations int, log *slog.Logger) *Servers {
	s := &Servers{organizations: organizations}
	s.add(conn, queue, handlers, log, handoverConcurrency, map[string]int{tasks.QueueHandover: 2, tasks.QueueStart: 1}, true)
	s.add(conn, queue, handlers, log, incidentConcurrency, map[string]int{tasks.QueueIncident: 3, tasks.QueueSweep: 1}, false)
	return s
}

func (s *Servers) add(conn redis.UniversalClient, queue tasks.Queue, handlers map[tasks.Kind]Handler, log *slog.Logger, crowd concurrency, queues map[string]int, strict bool) {
	share := crowd.share(s.organizations)
	slots := newSlots(share)
	mux := asynq.NewServeMux()
	for kind, handle := range handlers {
		mux.HandleFunc(string(kind), func(ctx context.Context, t *asynq.Task) error {
			organization := tasks.Organization(t.Payload())
			if !slots.acquire(organization) {
				return errNoSlot
			}
			defer slots.release(organization)
			return queueError(ctx, queue, log, t.Type(), handle(ctx, t.Payload()))
		})
	}
	s.muxes = append(s.muxes, mux)
	s.running = append(s.running, asynq.NewServerFromRedisClient(conn, asynq.Config{
		Concurrency:              share * max(1, s.organizations),
		Queues:                   queues,
		StrictPriority:           strict,
		TaskCheckInterval:        taskCheckInterval,
		DelayedTaskCheckInterval: delayedTaskInterval,
		ShutdownTimeout:          shutdownTimeout,
		RetryDelayFunc: func(n int, err error, t *asynq.Task) time.Duration {
			if errors.Is(err, errNoSlot) {
				return slots.nextSlotAt(tasks.Organization(t.Payload()), time.Now())
			}
			return retryDelay(n)
		},
		IsFailure: func(err error) bool { return !errors.Is(err, asynq.ErrLeaseExpired) && !errors.Is(err, errNoSlot) },
		Logger:    queueLog{log},
		LogLevel:  asynq.WarnLevel,
	}))
}

// Start begins to run tasks. It returns at once, and without an error also while Redis is away: readiness is found by
// asking Redis, not by the result of this.
func (s *Servers) Start() error {
	for i, server := range s.running {
		if err := server.Start(s.muxes[i]); err != nil {
			return fmt.Errorf("starting task server: %w", err)
		}
	}
	return nil
}

// Stop lets running tasks end, for shutdownTimeout, and gives the rest back to the queue. While Redis is away it may
// not return, so the caller has to bound its wait.
func (s *Servers) Stop() {
	var wg sync.WaitGroup
	for _, server := range s.running {
		wg.Go(server.Shutdown)
	}
	wg.Wait()
}

// retryDelay doubles from 2 s to 2 min, with a quarter of jitter.
func retryDelay(n int) time.Duration {
	delay := firstRetryDelay << min(n, 10)
	delay = min(delay, maxRetryDelay)
	return delay + time.Duration(rand.Int64N(int64(delay/4)))
}

// queueLog writes asynq's own messages to the worker's log.
type queueLog struct{ log *slog.Logger }

func (l queueLog) Debug(args ...any) { l.log.Debug("asynq", "said", fmt.Sprint(args...)) }
func (l queueLog) Info(args ...any)  { l.log.Info("asynq", "said", fmt.Sprint(args...)) }
func (l queueLog) Error(args ...any) { l.log.Error("asynq", "said", fmt.Sprint(args...)) }
func (l queueLog) Fatal(args ...any) { l.log.Error("asynq", "said", fmt.Sprint(args...)) }

// Warn drops asynq's message about each archived task. Both cases are reported elsewhere: that an order needs an
// operator by the change of its state, that the retries of a task are used up by the log line of queueError.
func (l queueLog) Warn(args ...any) {
	if said := fmt.Sprint(args...); !strings.HasPrefix(said, "Retry exhausted") {
		l.log.Warn("asynq", "said", said)
	}
}
