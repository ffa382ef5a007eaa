package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/intake/kafka"
	"happycolis-reassigner/worker/logtest"
)

const erroredTopic = "location.fulfillment-service-integration.errored"

// roads is a worker that takes webhooks and reads Kafka, and the event of the platform's page.
type roads struct {
	app      *App
	producer *kgo.Client
	envelope []byte
	raw      []byte
	owner    string
}

// openRoads starts one, over a platform where the location of the event reads ERROR.
func openRoads(t *testing.T) *roads {
	t.Helper()
	r := &roads{}
	r.envelope, _ = webhook.Sample("errored_user_page")
	var parts struct {
		Header struct{ OrganizationID string }
		Body   json.RawMessage
	}
	if err := json.Unmarshal(r.envelope, &parts); err != nil {
		t.Fatal(err)
	}
	r.raw, r.owner = parts.Body, parts.Header.OrganizationID
	e, err := webhook.Parse(r.envelope)
	if err != nil {
		t.Fatal(err)
	}
	p := sandbox.New(sandbox.Options{})
	p.AddOrganization(sandbox.Organization{ID: r.owner, ClientID: "app", ClientSecret: "s"})
	p.AddLocation(sandbox.Location{ID: e.Integration.LocationID, Organization: r.owner, Slug: "paris", Type: "WAREHOUSE", Active: true,
		IntegrationID: e.Integration.ID, IntegrationState: sandbox.IntegrationError})
	platform := httptest.NewServer(p)
	t.Cleanup(platform.Close)

	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, erroredTopic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	if r.producer, err = kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.producer.Close)

	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.Platform.GraphQLURL, cfg.Platform.TokenURL = platform.URL+"/graphql", platform.URL+"/token"
	cfg.Organizations[0].Credentials.Organization = r.owner
	cfg.Kafka = kafka.Settings{Brokers: cluster.ListenAddrs(), Group: "reassigner", Organization: r.owner}
	r.app = startApp(t, cfg, AllRoles(), apptest.Quiet)
	return r
}

func (r *roads) post(t *testing.T) {
	request := httptest.NewRequest(http.MethodPost, "http://"+r.app.PublicAddress().String()+intake.Path, bytes.NewReader(r.envelope))
	request.RequestURI = ""
	request.Header.Set(webhook.SignatureHeader, webhook.Sign(r.envelope, "s"))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the webhook is answered %d", answer.StatusCode)
	}
}

func (r *roads) write(t *testing.T, value []byte) {
	if err := r.producer.ProduceSync(t.Context(), &kgo.Record{Topic: erroredTopic, Value: value}).FirstErr(); err != nil {
		t.Error(err)
	}
}

// TestTheEventOfThePageOpensOneIncidentOnEachRoadAndOnAll sends the payload of the platform's page byte for byte.
func TestTheEventOfThePageOpensOneIncidentOnEachRoadAndOnAll(t *testing.T) {
	t.Parallel()
	for name, ways := range map[string][]func(*roads, *testing.T){
		"a webhook":   {(*roads).post},
		"an envelope": {func(r *roads, t *testing.T) { r.write(t, r.envelope) }},
		"a payload":   {func(r *roads, t *testing.T) { r.write(t, r.raw) }},
		"all at once": {(*roads).post, func(r *roads, t *testing.T) { r.write(t, r.envelope) }, func(r *roads, t *testing.T) { r.write(t, r.raw) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := openRoads(t)
			sent := make(chan bool)
			for _, way := range ways {
				go func() { way(r, t); sent <- true }()
			}
			for range ways {
				<-sent
			}
			incidents := func() (rows []api.IncidentRow) {
				_, body := apptest.Fetch(t, "http://"+r.app.AdminAddress().String()+"/api/incidents")
				if err := json.Unmarshal([]byte(body), &rows); err != nil {
					t.Fatal(err)
				}
				return rows
			}
			apptest.Eventually(t, "an incident is opened and judged", func() bool {
				rows := incidents()
				return len(rows) > 0 && rows[0].State != "settling"
			})
			if _, body := apptest.Fetch(t, "http://"+r.app.AdminAddress().String()+"/metrics"); len(ways) > 1 {
				apptest.Eventually(t, "both records are counted", func() bool {
					_, body = apptest.Fetch(t, "http://"+r.app.AdminAddress().String()+"/metrics")
					return strings.Count(body, "reassigner_kafka_records_total{") > 1 &&
						counted(body, "taken")+counted(body, "seen_before") == 2
				})
			}
			time.Sleep(100 * time.Millisecond)
			if rows := incidents(); len(rows) != 1 || rows[0].Location == nil || *rows[0].Location != "paris" {
				t.Errorf("incidents are %+v, want one of paris", rows)
			}
		})
	}
}

// counted reads how many records had a result.
func counted(scrape, result string) (n int) {
	_, rest, _ := strings.Cut(scrape, `reassigner_kafka_records_total{result="`+result+`"} `)
	_, _ = fmt.Sscan(rest, &n)
	return n
}

// TestAReceiverIsReadyWithoutItsKafka has a broker that is not there.
func TestAReceiverIsReadyWithoutItsKafka(t *testing.T) {
	t.Parallel()
	cfg := apptest.Config(config.EmbeddedRedis)
	cfg.Kafka = kafka.Settings{Brokers: []string{"127.0.0.1:1"}, Group: "reassigner", Mechanism: "PLAIN", Username: "ops",
		Password: happycolis.Secret("pa55word-canary")}
	log := &logtest.Buffer{}
	a := startApp(t, cfg, []string{RoleReceiver}, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if status, body := apptest.Fetch(t, "http://"+a.PublicAddress().String()+"/readyz"); status != http.StatusOK {
		t.Errorf("ready: got %d %s", status, body)
	}
	apptest.Eventually(t, "the log says why nothing comes", func() bool { return strings.Contains(log.String(), "a Kafka broker cannot be reached") })
	began := time.Now()
	a.Stop()
	if took := time.Since(began); took > 6*time.Second {
		t.Errorf("it stops after %s", took)
	}
	if strings.Contains(log.String(), "canary") {
		t.Error("the log tells the password")
	}
}
