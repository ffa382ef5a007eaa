package kafka

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
)

// The results of a record that is counted and passed over, beside those of package intake.
const (
	Empty     intake.Result = "empty"                // no value: a tombstone, for example
	NoOwner   intake.Result = "no organization"      // nothing says whose it is
	Foreign   intake.Result = "foreign organization" // of one that is not configured: topics carry all tenants (assumed)
	Different intake.Result = "organizations differ" // the record's header names another than its value
)

// Results returns every result that a record can have.
func Results() []intake.Result {
	return []intake.Result{intake.Taken, intake.Repeated, intake.Kept, intake.Ignored, Empty, NoOwner, Foreign, Different}
}

// firstDate is the earliest timestamp that is believed; an earlier one was never set.
var firstDate = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// decodeRecord returns what a record asks for, or the result with which it is passed over. The error is of Redis.
//
// Its organization is the one that its envelope names, or its payload, or a header of the record, or the configuration;
// else the only one whose index knows its location. What cannot be parsed and names none is parked for the first.
func (c *Consumer) decodeRecord(ctx context.Context, r *kgo.Record) (a intake.Arrival, over intake.Result, err error) {
	if len(r.Value) == 0 {
		return a, c.passOver(ctx, r, Empty), nil
	}
	topic, named := strings.TrimPrefix(r.Topic, c.TopicPrefix), organizationHeader(r)
	e, payload, wrong := c.parse(topic, r)
	if named != "" && (e.Organization != "" && e.Organization != named || payload != "" && payload != named) {
		return a, c.passOver(ctx, r, Different), nil
	}
	e.Organization = cmp.Or(e.Organization, payload, named, c.Organization)
	if e.Organization == "" {
		if e.Organization, err = c.knowerOf(ctx, e.LocationID()); err != nil {
			return a, "", err
		}
	}
	switch {
	case e.Organization == "" && wrong == nil:
		return a, c.passOver(ctx, r, NoOwner), nil
	case e.Organization == "":
		e.Organization = c.Organizations[0]
	case !slices.Contains(c.Organizations, e.Organization):
		return a, Foreign, nil
	}
	a = c.Intake.DecodeParsed(e, wrong, r.Value, []string{e.Organization}, intake.Kafka)
	if a.Parked != nil {
		c.complain(ctx, r, "a Kafka record is not understood: it was parked", a.Parked.Reason)
	}
	return a, "", nil
}

// parse parses the value of a record, unless it is too large; then, and where it cannot be parsed, the event has a type
// only.
func (c *Consumer) parse(topic string, r *kgo.Record) (e *webhook.Event, payload string, err error) {
	if int64(len(r.Value)) > c.MaxBody {
		err = intake.ErrTooLarge
	} else {
		e, payload, err = webhook.ParseRecord(topic, r.Value, webhook.Event{MessageID: idOf(r), Date: dateOf(r)})
	}
	if e == nil {
		e = &webhook.Event{Type: webhook.TypeOfTopic(topic)}
	}
	return e, payload, err
}

// passOver logs, once in a while, that a record is passed over, and returns the result.
func (c *Consumer) passOver(ctx context.Context, r *kgo.Record, result intake.Result) intake.Result {
	c.complain(ctx, r, "a Kafka record is passed over", string(result))
	return result
}

func (c *Consumer) complain(ctx context.Context, r *kgo.Record, text, reason string) {
	if c.isDue(r.Topic + " " + reason) {
		c.Log.WarnContext(ctx, text, "topic", r.Topic, "partition", r.Partition, "offset", r.Offset, "bytes", len(r.Value), "reason", reason)
	}
}

// knowerOf returns the only organization whose index knows a location; "" if none does, or several do.
func (c *Consumer) knowerOf(ctx context.Context, location string) (string, error) {
	if location == "" {
		return "", nil
	}
	owner := ""
	for _, organization := range c.Organizations {
		_, known, err := c.Index.Location(ctx, organization, location)
		switch {
		case err != nil:
			return "", err
		case known && owner != "":
			return "", nil
		case known:
			owner = organization
		}
	}
	return owner, nil
}

// organizationHeader returns the organization that a header of the record itself names, "" if none does; however the
// header's name is written (assumed: none is documented).
func organizationHeader(r *kgo.Record) string {
	for _, h := range r.Headers {
		switch strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(h.Key)) {
		case "organizationid", "organization":
			return string(h.Value)
		}
	}
	return ""
}

// longTopic is how long a topic's name in an id may be: an id has 256 bytes at most.
const longTopic = 180

// idOf returns an id of a record that no other has: its place, and its timestamp, since a topic that is made anew
// counts its offsets from 0 again. Of a long topic it has the hash.
func idOf(r *kgo.Record) string {
	topic := r.Topic
	if len(topic) > longTopic {
		topic = fmt.Sprintf("%x", sha256.Sum256([]byte(topic)))
	}
	return fmt.Sprintf("%s/%d/%d/%d", topic, r.Partition, r.Offset, r.Timestamp.UnixMilli())
}

// dateOf returns when the record was written; zero, which counts as its arrival, where that was never set.
func dateOf(r *kgo.Record) time.Time {
	if r.Timestamp.Before(firstDate) {
		return time.Time{}
	}
	return r.Timestamp.UTC()
}
