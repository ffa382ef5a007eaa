// Package kafka is the road of events that come as records of Kafka topics: a thin part before package intake. It finds
// out what a record says and for which organization (record.go), has it applied, and commits its offset afterwards.
//
//	topic > record > whose is it > intake.DecodeParsed > Apply > offset committed
//
// What it promises: an offset is committed after the effect, so a crash in between repeats the record and loses nothing.
// A record has an id of its own (topic, partition, offset, timestamp) or that of its envelope, so what is read twice, as
// after a rebalance, changes nothing. While Redis is away nothing is fetched, and no record is passed over. Records keep
// their order within a partition; between topics, and between this road and webhooks, only dates say what is later.
//
// Topics are never created, and nothing is written to the cluster but the group's offsets.
package kafka

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/cache"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/intake"
)

// Intake is what has events applied; intake.Intake is one. A failed Apply pauses every partition until it succeeds.
type Intake interface {
	DecodeParsed(e *webhook.Event, err error, body []byte, organizations []string, road intake.Road) intake.Arrival
	Apply(ctx context.Context, a intake.Arrival) (intake.Result, error)
}

// Options are the parts that a Consumer uses.
type Options struct {
	Settings
	Intake        Intake
	Index         *index.Index // says which organization knows a location
	Organizations []string     // those that are configured
	MaxBody       int64        // bytes of a value that is read; 0: intake.DefaultMaxBody
	// Observe is called after each record with its result.
	Observe func(result string)
	// Report is called from time to time with how many records the group has still to read, or with why the cluster
	// cannot be asked.
	Report func(lag int64, err error)
	Log    *slog.Logger
}

// Times and sizes of the consumer.
const (
	pollMost       = 500 // records
	fetchMost      = 8 << 20
	partitionMost  = 1 << 20     // bytes; a larger record comes alone
	applyTry       = time.Second // for one try to apply a record
	firstPause     = 250 * time.Millisecond
	longestPause   = 5 * time.Second  // between tries while Redis is away
	errorPause     = time.Second      // after a poll that brought errors only
	commitMost     = 2 * time.Second  // for a commit while the consumer stops or loses a partition
	leaveMost      = 2 * time.Second  // for leaving the group
	metadataMost   = time.Minute      // until a topic that was created meanwhile is found
	sameLogEvery   = time.Minute      // how often the same complaint is logged, at most
	reportEvery    = 15 * time.Second // how often the lag is read
	reportMost     = 10 * time.Second // for reading it
	sessionTimeout = 30 * time.Second // a receiver that says nothing for so long loses its partitions
)

// Consumer reads the topics as a member of the group.
type Consumer struct {
	Options
	client *kgo.Client
	said   cache.Cache[string, struct{}]

	mu   sync.Mutex // held while a record is applied, so that a partition is not given away in the middle
	held map[partition]bool
	done map[partition]*kgo.Record // the last one applied, not committed yet
}

// partition is one partition of one topic.
type partition struct {
	topic  string
	number int32
}

// New returns a consumer that connects to nothing yet. Its error is about the settings.
func New(o Options) (*Consumer, error) {
	if o.MaxBody == 0 {
		o.MaxBody = intake.DefaultMaxBody
	}
	c := &Consumer{Options: o, held: map[partition]bool{}, done: map[partition]*kgo.Record{}}
	return c, kgo.ValidateOpts(c.clientOptions()...)
}

func (c *Consumer) clientOptions() []kgo.Opt {
	return append(c.connection(c.Log),
		kgo.WithHooks(c), kgo.ConsumerGroup(c.Group), kgo.ConsumeTopics(c.TopicNames()...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(), kgo.OnPartitionsRevoked(c.giveAway), kgo.OnPartitionsLost(c.lose),
		kgo.SessionTimeout(sessionTimeout), kgo.FetchMaxBytes(fetchMost), kgo.FetchMaxPartitionBytes(partitionMost),
		kgo.MaxConcurrentFetches(1), kgo.MetadataMaxAge(metadataMost),
	)
}

// Run takes records until the context ends, and stops within a few seconds then. A cluster that is away is waited for.
func (c *Consumer) Run(ctx context.Context) {
	life, end := context.WithCancel(context.WithoutCancel(ctx)) // of every request of the client
	defer end()
	client, err := kgo.NewClient(append(c.clientOptions(), kgo.WithContext(life))...)
	if err != nil {
		c.Log.ErrorContext(ctx, "Kafka is not read", "error", err) // New validated the options
		return
	}
	c.client = client
	var reporting sync.WaitGroup
	reporting.Go(func() { c.reportLag(ctx) })
	for ctx.Err() == nil {
		fetches := c.client.PollRecords(ctx, pollMost)
		c.hold(fetches)
		c.client.AllowRebalance()
		c.complainOfErrors(fetches)
		c.takeAll(ctx, fetches)
		if fetches.Empty() && len(fetches.Errors()) > 0 {
			sleep(ctx, errorPause)
		}
	}
	reporting.Wait()
	defer time.AfterFunc(leaveMost, end).Stop()
	c.client.CloseAllowingRebalance() // leaves the group
}

// hold notes the partitions of what was polled: as long as they are this consumer's, their records may be applied.
func (c *Consumer) hold(fetches kgo.Fetches) {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.held)
	fetches.EachPartition(func(p kgo.FetchTopicPartition) { c.held[partition{p.Topic, p.Partition}] = true })
}

// takeAll applies what was polled, partition by partition in the order of the offsets, and commits.
func (c *Consumer) takeAll(ctx context.Context, fetches kgo.Fetches) {
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		for _, r := range p.Records {
			if !c.applyRecord(ctx, r) {
				return
			}
		}
	})
	c.commit(context.WithoutCancel(ctx))
}

// applyRecord applies one record, however long Redis is away meanwhile. False: the partition is another consumer's now, or the
// consumer stops; then the record is read again, by whoever has the partition.
func (c *Consumer) applyRecord(ctx context.Context, r *kgo.Record) bool {
	defer c.resume()
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, longestPause) {
		result, ours, err := c.tryRecord(ctx, r)
		if !ours {
			return false
		}
		if err == nil {
			c.Observe(string(result))
			return true
		}
		c.client.PauseFetchTopics(c.TopicNames()...)
		if c.isDue("storage") {
			c.Log.ErrorContext(ctx, "a Kafka record cannot be kept: its partitions are paused until it can", "topic", r.Topic,
				"partition", r.Partition, "offset", r.Offset, "error", err)
		}
		sleep(ctx, pause)
	}
	return false
}

// resume fetches again after a pause.
func (c *Consumer) resume() {
	if paused := c.client.PauseFetchTopics(); len(paused) > 0 {
		c.client.ResumeFetchTopics(paused...)
		c.Log.Info("Kafka records can be kept again")
	}
}

// tryRecord applies a record once, unless its partition is another consumer's. What was begun is finished, also while the
// consumer stops.
func (c *Consumer) tryRecord(ctx context.Context, r *kgo.Record) (result intake.Result, ours bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	place := partition{r.Topic, r.Partition}
	if !c.held[place] {
		return "", false, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), applyTry)
	defer cancel()
	arrival, result, err := c.decodeRecord(ctx, r)
	if err == nil && result == "" {
		result, err = c.Intake.Apply(ctx, arrival)
	}
	if err == nil {
		c.done[place] = r
	}
	return result, true, err
}

// commit commits what was applied since the last commit.
func (c *Consumer) commit(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commitHeld(ctx)
}

func (c *Consumer) commitHeld(ctx context.Context) {
	if len(c.done) == 0 {
		return
	}
	records := make([]*kgo.Record, 0, len(c.done))
	for _, r := range c.done {
		records = append(records, r)
	}
	ctx, cancel := context.WithTimeout(ctx, commitMost)
	defer cancel()
	if err := c.client.CommitRecords(ctx, records...); err != nil {
		if c.isDue("commit") { // they stay in done for the next commit; what is read again until then is recognized
			c.Log.WarnContext(ctx, "offsets cannot be committed to Kafka; after a restart their records are read again, and recognized", "error", err)
		}
		return
	}
	clear(c.done)
}

// giveAway commits what was applied before other consumers get the partitions. A record that is being applied is
// finished first.
func (c *Consumer) giveAway(ctx context.Context, _ *kgo.Client, lost map[string][]int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commitHeld(ctx)
	c.drop(lost)
}

// lose forgets partitions that other consumers may already have.
func (c *Consumer) lose(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(lost)
}

func (c *Consumer) drop(lost map[string][]int32) {
	for topic, numbers := range lost {
		for _, n := range numbers {
			delete(c.held, partition{topic, n})
			delete(c.done, partition{topic, n})
		}
	}
}

// isDue reports whether a complaint about something may be logged again.
func (c *Consumer) isDue(about string) bool {
	return c.said.Add(time.Now(), about, struct{}{}, sameLogEvery)
}

// reportLag reads the lag from time to time.
func (c *Consumer) reportLag(ctx context.Context) {
	for ctx.Err() == nil {
		ask, cancel := context.WithTimeout(ctx, reportMost)
		group, err := groupOf(ask, kadm.NewClient(c.client), c.Group)
		cancel()
		if ctx.Err() == nil {
			c.Report(group.Lag.Total(), err)
		}
		sleep(ctx, reportEvery)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
