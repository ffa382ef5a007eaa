package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/app"
)

// reachable is the check that all other checks of Redis need.
const reachable = "reachable"

// Shares of Redis's memory limit.
const (
	memoryWarn = 0.75
	memoryFull = 0.9
)

// redisNode is what one Redis says about itself; a cluster has several.
type redisNode struct {
	info map[string]string // the fields of INFO
	save string            // the setting "save"; unread: "?"
	sync string            // the setting "appendfsync"; unread: ""
}

func (d *Doctor) checkRedis(ctx context.Context) []Result {
	if d.redis == nil {
		return []Result{{Check: reachable, Severity: Warning, Saw: "embedded: it lives in the service, and all it knows dies with it",
			Do: "for more than a trial, run a Redis of your own, 6.2 or later, and write its URL under redis"}}
	}
	if err := d.redis.Ping(ctx).Err(); err != nil {
		return []Result{{Check: reachable, Severity: Failed, Saw: "it does not answer: " + app.ConnectionFailure(err),
			Do: "start it, or mend redis in " + d.file}}
	}
	found := append([]Result{{Check: reachable, Severity: Passed, Saw: "it answers"}, d.checkOwner(ctx)}, d.checkUnserved(ctx)...)
	nodes, err := readNodes(ctx, d.redis)
	if err != nil {
		return append(found, Result{Check: "INFO", Severity: Unknown, Saw: "it does not tell of itself: " + err.Error(),
			Do: "look at version, persistence, eviction and memory yourself"})
	}
	if _, one := d.redis.(*redis.Client); one && nodes[0].info["redis_mode"] == "cluster" {
		found = append(found, Result{Check: "kind", Severity: Failed, Saw: "a node of a Cluster, reached as if it were all of it",
			Do: "write redis-cluster:// or, with TLS, rediss-cluster:// in " + d.file})
	}
	for _, look := range []func(redisNode) Result{checkVersion, checkRole, checkPersistence, checkEviction, checkMemory} {
		found = append(found, worstNode(nodes, look))
	}
	return found
}

// checkOwner checks to which platform the records in Redis belong. It does not claim Redis.
func (d *Doctor) checkOwner(ctx context.Context) Result {
	f := Result{Check: "platform", Severity: Passed}
	former, _ := d.redis.Exists(ctx, app.FormerPlatformKey).Result() // an error is that of the next request, too
	owner, err := d.redis.Get(ctx, app.PlatformKey).Result()
	switch {
	case former > 0:
		f.Severity, f.Saw = Failed, "an older build wrote its records, and this one does not read them"
		f.Do = "finish what is under way with that build, then use another Redis, another database of it, or an emptied one"
	case errors.Is(err, redis.Nil):
		f.Saw = "it belongs to nobody yet; the first start claims it"
	case err != nil:
		f.Severity, f.Saw = Unknown, "cannot be read: "+err.Error()
	case strings.TrimSpace(owner) != d.cfg.Platform.GraphQLURL:
		f.Severity, f.Saw = Failed, "its records are about "+owner
		f.Do = "use another Redis, or another database of it: ids of two platforms must not meet"
	default:
		f.Saw = "its records are about " + owner
	}
	return f
}

// readNodes reads INFO and settings of every Redis that takes writes.
func readNodes(ctx context.Context, rdb redis.UniversalClient) ([]redisNode, error) {
	var mu sync.Mutex
	var nodes []redisNode
	one := func(ctx context.Context, c *redis.Client) error {
		text, err := c.Info(ctx).Result()
		if err != nil {
			return err
		}
		n := redisNode{info: map[string]string{}, save: "?"}
		for line := range strings.Lines(text) {
			if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				n.info[key] = value
			}
		}
		// Managed Redis services often forbid CONFIG: then less is known.
		if got, err := c.ConfigGet(ctx, "save").Result(); err == nil && len(got) > 0 {
			n.save = got["save"]
		}
		if got, err := c.ConfigGet(ctx, "appendfsync").Result(); err == nil {
			n.sync = got["appendfsync"]
		}
		mu.Lock()
		defer mu.Unlock()
		nodes = append(nodes, n)
		return nil
	}
	var err error
	switch c := rdb.(type) {
	case *redis.ClusterClient:
		err = c.ForEachMaster(ctx, one)
	case *redis.Client:
		err = one(ctx, c)
	}
	if err == nil && len(nodes) == 0 {
		err = fmt.Errorf("no node answers")
	}
	return nodes, err
}

// worstNode returns the most severe result of all nodes.
func worstNode(nodes []redisNode, look func(redisNode) Result) Result {
	rank := []Severity{Passed, Unknown, Warning, Failed}
	var found Result
	for i, n := range nodes {
		if f := look(n); i == 0 || slices.Index(rank, f.Severity) > slices.Index(rank, found.Severity) {
			found = f
		}
	}
	if len(nodes) > 1 {
		found.Saw += fmt.Sprintf(" (the worst of %d nodes)", len(nodes))
	}
	return found
}

func checkVersion(n redisNode) Result {
	f := Result{Check: "version", Severity: Passed, Saw: n.info["redis_version"]}
	major, rest, _ := strings.Cut(f.Saw, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, wrongA := strconv.Atoi(major)
	b, wrongB := strconv.Atoi(minor)
	switch {
	case wrongA != nil || wrongB != nil:
		f.Severity, f.Saw, f.Do = Unknown, "it does not tell", "make sure that it is 6.2 or later"
	case a < 6 || a == 6 && b < 2:
		f.Severity, f.Do = Failed, "run 6.2 or later"
	}
	return f
}

func checkRole(n redisNode) Result {
	f := Result{Check: "role", Severity: Passed, Saw: n.info["role"]}
	switch f.Saw {
	case "":
		f.Severity, f.Saw = Unknown, "it does not tell"
	case "master":
	default:
		f.Severity, f.Saw, f.Do = Failed, "a replica: it takes no writes", "name the primary, or its sentinels with redis-sentinel://"
	}
	return f
}

func checkPersistence(n redisNode) Result {
	f := Result{Check: "persistence", Severity: Passed}
	aof, told := n.info["aof_enabled"]
	switch {
	case !told:
		f.Severity, f.Saw, f.Do = Unknown, "it does not tell", "make sure that appendonly is yes"
	case aof == "1" && n.info["aof_last_write_status"] == "err", n.info["rdb_last_bgsave_status"] == "err":
		f.Severity, f.Saw, f.Do = Failed, "it could not write to its disk last", "look at its log and its disk: it may refuse to be written to"
	case aof == "1" && n.sync == "no":
		f.Severity, f.Saw, f.Do = Warning, "append-only file, written when the system likes", "set appendfsync everysec, or always"
	case aof == "1" && n.sync == "":
		f.Saw = "append-only file"
	case aof == "1":
		f.Saw = "append-only file, appendfsync " + n.sync
	case n.save == "":
		f.Severity, f.Saw = Failed, "none: a restart loses the journal, and with it what is under way"
		f.Do = "set appendonly yes"
	case n.save == "?":
		f.Severity, f.Saw, f.Do = Warning, "no append-only file; whether snapshots are made cannot be seen", "set appendonly yes"
	default:
		f.Severity, f.Saw, f.Do = Warning, "snapshots only: what was written since the last one is lost with the host", "set appendonly yes"
	}
	return f
}

func checkEviction(n redisNode) Result {
	f := Result{Check: "eviction", Severity: Passed, Saw: "maxmemory-policy " + n.info["maxmemory_policy"]}
	switch n.info["maxmemory_policy"] {
	case "noeviction":
	case "":
		f.Severity, f.Saw, f.Do = Unknown, "it does not tell", "make sure that maxmemory-policy is noeviction"
	default:
		f.Severity, f.Do = Failed, "set maxmemory-policy noeviction: an evicted lease lets two work at one order"
	}
	return f
}

func checkMemory(n redisNode) Result {
	f := Result{Check: "memory", Severity: Passed}
	used, err := strconv.ParseInt(n.info["used_memory"], 10, 64)
	if err != nil {
		f.Severity, f.Saw = Unknown, "it does not tell"
		return f
	}
	limit, _ := strconv.ParseInt(n.info["maxmemory"], 10, 64)
	if limit == 0 {
		f.Saw = fmt.Sprintf("%s used, no limit set", mebibytes(used))
		return f
	}
	share := float64(used) / float64(limit)
	f.Saw = fmt.Sprintf("%s of %s used (%.0f %%)", mebibytes(used), mebibytes(limit), 100*share)
	const more = "give it more memory: when it is full, webhooks cannot be kept, are refused, and the platform's queue blocks"
	switch {
	case share >= memoryFull:
		f.Severity, f.Do = Failed, more
	case share >= memoryWarn:
		f.Severity, f.Do = Warning, more
	}
	return f
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
