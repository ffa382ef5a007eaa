package doctor

import (
	"context"
	"fmt"
	"strings"

	"happycolis-reassigner/cmd/internal/terminal"
	"happycolis-reassigner/worker/intake/kafka"
)

// manyRecords is how many records that wait to be read deserve a look.
const manyRecords = 1000

// checkKafka looks at the cluster, its topics and the consumer group; nothing where no brokers are configured.
func (d *Doctor) checkKafka(ctx context.Context) []Result {
	s := d.cfg.Kafka
	if len(s.Brokers) == 0 {
		return nil
	}
	cluster, err := s.Examine(ctx)
	if err != nil {
		return []Result{{Check: "brokers", Severity: Failed, Saw: kafka.Explain(err),
			Do: "without the cluster no record is read; webhooks are taken all the same"}}
	}
	brokers := Result{Check: "brokers", Severity: Passed, Saw: terminal.Plural(cluster.Brokers, "broker")}
	if s.Mechanism == "PLAIN" && s.TLS == nil {
		brokers.Severity, brokers.Do = Warning, "set kafka.tls.enabled: PLAIN sends the password as it is"
	}
	group := Result{Check: "group", Severity: Passed, Saw: fmt.Sprintf("%s: %s, %s", s.Group, cluster.State, terminal.Plural(cluster.Members, "member"))}
	if cluster.Members == 0 {
		group.Severity, group.Saw, group.Do = Unknown, s.Group+": nobody reads now", "start a receiver"
	}
	lag := Result{Check: "lag", Severity: Passed, Saw: terminal.Plural(int(cluster.Lag), "record") + " to be read"}
	if cluster.Lag > manyRecords {
		lag.Severity, lag.Do = Warning, "look again in a minute: it must shrink; else look at the receivers' log"
	}
	return []Result{brokers, judgeTopics(s, cluster.Missing), group, lag}
}

// judgeTopics says which topics are not there. Of the default ones some may well be missing; a configured one is a
// mistake.
func judgeTopics(s kafka.Settings, missing []string) Result {
	all := s.TopicNames()
	f := Result{Check: "topics", Severity: Passed, Saw: fmt.Sprintf("%d of %d are there", len(all)-len(missing), len(all))}
	if len(missing) == 0 {
		return f
	}
	f.Saw += "; missing: " + strings.Join(missing, ", ")
	switch {
	case len(s.Topics) > 0:
		f.Severity, f.Do = Failed, "correct kafka.topics, or have them created: the worker creates none"
	case len(missing) == len(all):
		f.Severity, f.Do = Failed, "set kafka.topic_prefix or kafka.topics: nothing would be read"
	}
	return f
}
