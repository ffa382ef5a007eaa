package kafka_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/intake/kafka"
)

func TestARawRecordAndAnEnvelopeMeanTheSame(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	f, w := newFixture(t, cluster), newWriter(t, cluster)
	at := time.Now().Add(-time.Minute).UTC().Truncate(time.Millisecond)
	raw := record(created, order("org_1", "do_raw", "PENDING"))
	raw.Timestamp, raw.Partition = at, 2
	envelope := record(created, `{"header":{"organizationId":"org_1","messageId":"msg_1","type":"delivery_order/created","date":"`+
		at.Format(time.RFC3339Nano)+`"},"body":`+order("org_1", "do_env", "PENDING")+`}`)
	w.write(t, raw, envelope)
	f.start(t)
	f.await(t, 2)
	var got [2]index.Entry
	for i, id := range []string{"do_raw", "do_env"} {
		e, known, err := f.index.Get(t.Context(), "org_1", id)
		if err != nil || !known {
			t.Fatalf("%s is known: %t, %v", id, known, err)
		}
		e.ID = ""
		got[i] = e
	}
	if diff := cmp.Diff(got[0], got[1]); diff != "" {
		t.Errorf("they differ:\n%s", diff)
	}
	if !got[0].Date.Equal(at) {
		t.Errorf("it is dated %s, want the record's %s", got[0].Date, at)
	}
	for _, id := range []string{"msg_1", fmt.Sprintf("%s/2/0/%d", created, at.UnixMilli())} {
		if seen, err := f.index.IsSeen(t.Context(), "org_1", id); err != nil || !seen {
			t.Errorf("%s is seen: %t, %v", id, seen, err)
		}
	}
}

func TestATimestampThatWasNeverSetIsNoDate(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	f, w := newFixture(t, cluster), newWriter(t, cluster)
	r := record(created, order("org_1", "do_1", "PENDING"))
	r.Timestamp = time.Date(1970, 1, 1, 0, 0, 1, 0, time.UTC)
	w.write(t, r)
	f.start(t)
	f.await(t, 1)
	if e, _, err := f.index.Get(t.Context(), "org_1", "do_1"); err != nil || time.Since(e.Date).Abs() > time.Minute {
		t.Errorf("it is dated %s, %v, want now", e.Date, err)
	}
}

// TestWhoseARecordIs has two organizations, of which the second alone knows loc_lyon, and both loc_paris.
func TestWhoseARecordIs(t *testing.T) {
	t.Parallel()
	header := func(organization string) string {
		return `{"header":{"organizationId":"` + organization + `","type":"delivery_order/created","messageId":"m"},"body":` + order("org_2", "do_1", "PENDING") + `}`
	}
	at := func(location string) string { return `{"id":"fsi_1","locationId":"` + location + `"}` }
	tests := []struct {
		name   string
		record *kgo.Record
		only   string // the key organization, which needs a single one
		want   intake.Result
		owner  string
	}{
		{"the envelope's header comes first", record(created, header("org_1")), "", intake.Taken, "org_1"},
		{"then the payload", record(created, order("org_2", "do_1", "PENDING")), "", intake.Taken, "org_2"},
		{"then the record's header", record(errored, at("loc_paris"), "organizationId", "org_2"), "", intake.Taken, "org_2"},
		{"which may be spelled otherwise", record(errored, at("loc_paris"), "X", "y", "Organization-ID", "org_2"), "", intake.Taken, "org_2"},
		{"then the configuration", record(errored, at("loc_unknown")), "org_1", intake.Taken, "org_1"},
		{"then the only one that knows the location", record(errored, at("loc_lyon")), "", intake.Taken, "org_2"},
		{"but not one of two", record(errored, at("loc_paris")), "", kafka.NoOwner, ""},
		{"nor of none", record(errored, at("loc_nice")), "", kafka.NoOwner, ""},
		{"nor where there is no location", record("location.updated", `{"name":"paris"}`), "", kafka.NoOwner, ""},
		{"one that is not configured is foreign", record(created, order("org_9", "do_1", "PENDING")), "", kafka.Foreign, ""},
		{"also in the envelope's header", record(created, header("org_9")), "", kafka.Foreign, ""},
		{"also in the record's header", record(errored, at("loc_lyon"), "organization_id", "org_9"), "", kafka.Foreign, ""},
		{"also where its value cannot be parsed", record(errored, "<xml/>", "organization_id", "org_9"), "", kafka.Foreign, ""},
		{"also where one is configured", record(created, order("org_9", "do_1", "PENDING")), "org_1", kafka.Foreign, ""},
		{"a header and a payload that differ are nobody's", record(created, order("org_2", "do_1", "PENDING"), "organizationId", "org_1"), "", kafka.Different, ""},
		{"nor a header and an envelope", record(created, header("org_1"), "organizationId", "org_2"), "", kafka.Different, ""},
		{"what cannot be parsed is parked", record(errored, "<xml/>"), "", intake.Kept, "org_1"},
		{"for whom the record's header names", record(errored, "<xml/>", "organizationId", "org_2"), "", intake.Kept, "org_2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cluster := startCluster(t)
			f, w := newFixture(t, cluster), newWriter(t, cluster)
			f.owners = []string{"org_1", "org_2"}
			if tt.only != "" {
				f.owners, f.settings.Organization = []string{tt.only}, tt.only
			}
			for organization, locations := range map[string][]string{"org_1": {"loc_paris"}, "org_2": {"loc_paris", "loc_lyon"}} {
				for _, l := range locations {
					if err := f.index.PutLocation(t.Context(), organization, index.Location{ID: l}); err != nil {
						t.Fatal(err)
					}
				}
			}
			before := len(f.redis.Keys())
			w.write(t, tt.record)
			f.start(t)
			f.await(t, 1)
			if f.count(tt.want) != 1 {
				t.Fatalf("results are %v, want %q", f.results, tt.want)
			}
			if keys := f.redis.Keys(); tt.owner == "" && len(keys) != before {
				t.Errorf("a record that is passed over left %q in Redis", keys)
			}
			if tt.owner != "" && !strings.Contains(fmt.Sprint(f.redis.Keys()), "{"+tt.owner+"}") {
				t.Errorf("nothing is stored for %s", tt.owner)
			}
			for _, owner := range f.owners {
				if owner != tt.owner && len(f.parked(t, owner)) > 0 {
					t.Errorf("something is parked for %s", owner)
				}
			}
			eventually(t, "its offset is committed", func() bool { return committed(t, cluster, "reassigner") == 1 })
		})
	}
}

// TestWhatIsNoEventHoldsNothingUp writes what is no event between two events of one partition.
func TestWhatIsNoEventHoldsNothingUp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		record *kgo.Record
		want   intake.Result
		log    string
	}{
		{"a null value", &kgo.Record{Topic: created}, kafka.Empty, "reason=empty"},
		{"a tombstone", &kgo.Record{Topic: created, Key: []byte("do_1")}, kafka.Empty, "reason=empty"},
		{"JSON null", record(created, `null`), intake.Kept, "reason=undecodable"},
		{"no JSON", record(created, "\x00\x01\xff"), intake.Kept, "reason=undecodable"},
		{"another shape", record(created, `[{"id":1}]`), intake.Kept, "reason=undecodable"},
		{"an id that cannot be shown", record(created, `{"id":"do\u0007","organizationId":"org_1"}`), intake.Kept, "reason=undecodable"},
		{"no id", record(created, `{"organizationId":"org_1"}`), intake.Kept, `reason="a required field is missing"`},
		{"an envelope of an unknown type", record(created, `{"header":{"organizationId":"org_1","type":"transfer_order/created"},"body":{}}`), intake.Kept, `reason="unknown type"`},
		{"5 MiB", record(created, `{"id":"`+strings.Repeat("x", 5<<20)+`","organizationId":"org_1"}`), intake.Kept, `reason="larger than max_body"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cluster := startCluster(t)
			f, w := newFixture(t, cluster), newWriter(t, cluster)
			w.write(t, record(created, order("org_1", "do_1", "PENDING")))
			w.write(t, tt.record)
			w.write(t, record(created, order("org_1", "do_2", "PENDING")))
			f.start(t)
			f.await(t, 3)
			if f.count(tt.want) != 1 || f.count(intake.Taken) != 2 {
				t.Errorf("results are %v, want %q between two that are taken", f.results, tt.want)
			}
			if !strings.Contains(f.logs.String(), tt.log) || !strings.Contains(f.logs.String(), "offset=1") {
				t.Errorf("the log does not say %s, and where:\n%s", tt.log, f.logs)
			}
			parked := f.parked(t, "org_1")
			if (len(parked) == 1) != (tt.want == intake.Kept) {
				t.Errorf("parked are %+v", parked)
			}
			if len(parked) == 1 && parked[0].Size != len(tt.record.Value) {
				t.Errorf("%d bytes are parked, want %d", parked[0].Size, len(tt.record.Value))
			}
		})
	}
}

func TestThePrefixOfTopicsIsNoPartOfTheType(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	f, w := newFixture(t, cluster), newWriter(t, cluster, kgo.AllowAutoTopicCreation())
	f.settings.TopicPrefix = "prod.eu."
	f.settings.Topics = []string{"prod.eu.delivery-order.created"}
	createTopics(t, cluster, 1, f.settings.Topics...)
	w.write(t, record("prod.eu.delivery-order.created", order("org_1", "do_1", "PENDING")), record(created, order("org_1", "do_2", "PENDING")))
	f.start(t)
	f.await(t, 1)
	if _, known, err := f.index.Get(t.Context(), "org_1", "do_1"); err != nil || !known {
		t.Errorf("it is known: %t, %v", known, err)
	}
	if _, known, err := f.index.Get(t.Context(), "org_1", "do_2"); err != nil || known {
		t.Errorf("a topic without the prefix is read: %t, %v", known, err)
	}
}

// TestARecordKeepsTheBoundsOfAnEvent has the longest name that a topic can have: what is kept elsewhere meanwhile is asked for
// its bounds again.
func TestARecordKeepsTheBoundsOfAnEvent(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t)
	f, w := newFixture(t, cluster), newWriter(t, cluster)
	topic := strings.Repeat("x", 249-len(created)) + created
	createTopics(t, cluster, 1, topic)
	f.settings.TopicPrefix, f.settings.Topics = topic[:249-len(created)], []string{topic}
	out := make(chan error, 1)
	f.applied = func(a intake.Arrival) error { out <- a.Event.CheckBounds(); return nil }
	w.write(t, record(topic, order("org_1", "do_1", "PENDING")))
	f.start(t)
	f.await(t, 1)
	if err := <-out; err != nil {
		t.Error(err)
	}
}

// TestDefaultTopics is what the documents say.
func TestDefaultTopics(t *testing.T) {
	t.Parallel()
	want := []string{
		"a.location.fulfillment-service-integration.errored", "a.location.fulfillment-service-integration.accepted",
		"a.location.fulfillment-service-integration.rejected", "a.location.fulfillment-service-integration.created",
		"a.delivery-order.created", "a.delivery-order.updated", "a.delivery-order.pending", "a.delivery-order.opened",
		"a.delivery-order.fulfillment-accepted", "a.delivery-order.rejected", "a.delivery-order.completed",
		"a.delivery-order.cancelled", "a.delivery-order.cancellation-rejected",
		"a.location.created", "a.location.updated", "a.location.deactivated", "a.location.type_changed",
		"a.shipment.created", "a.stock-reference.updated", "a.stock-reference.status-updated", "a.stock-reference.movement-updated",
	}
	if diff := cmp.Diff(want, kafka.DefaultTopics("a.")); diff != "" {
		t.Errorf("default topics (-want +got):\n%s", diff)
	}
}
