package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hibiken/asynq"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/redistest"
)

// Managed services refuse MEMORY USAGE, by rights or by taking the command away.
func TestQueuesAreShownWhereRedisRefusesMemoryUsage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options []string
		forbid  []any // a command
		user    string
	}{
		"by rights":       {nil, []any{"ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all", "-memory"}, "app:pw@"},
		"without command": {[]string{"--rename-command", "MEMORY", ""}, []any{"PING"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := redistest.StartServerAddr(t, tt.options...)
			if err := redistest.NewClient(t, at).Do(t.Context(), tt.forbid...).Err(); err != nil {
				t.Fatal(err)
			}
			url := "redis://" + tt.user + at + "/0"
			client, err := DialRedis(happycolis.Secret(url), nil, SteadyRedis)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = client.Close() })
			queue := tasks.Queues()[0]
			if _, err := asynq.NewClientFromRedisClient(client).Enqueue(asynq.NewTask("nobody:takes", nil), asynq.Queue(queue)); err != nil {
				t.Fatal(err)
			}
			a := startApp(t, apptest.Config(url), []string{RoleDesk, RoleReceiver}, apptest.Quiet)
			base := "http://" + a.AdminAddress().String()
			for range 2 { // by its text, and by its hash
				if status, body := apptest.Fetch(t, base+"/monitoring/api/queues"); status != http.StatusOK || !strings.Contains(body, `"size":1`) {
					t.Errorf("the web UI: got %d %.200s, want the queue with its task", status, body)
				}
				if status, body := apptest.Fetch(t, base+"/metrics"); status != http.StatusOK || strings.Contains(body, "scrape_success{source=\"queue\"} 0") ||
					!strings.Contains(body, `reassigner_queue_tasks{queue="`+queue+`",state="pending"} 1`) {
					t.Errorf("metrics: got %d, want the queue with its task", status)
				}
			}
		})
	}
}

func TestOnlyTheQuestionForMemoryIsAnsweredInRedissPlace(t *testing.T) {
	t.Parallel()
	at := redistest.StartServerAddr(t)
	client, err := DialRedis(happycolis.Secret("redis://"+at), nil, SteadyRedis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	for _, keys := range [][]string{
		{"asynq:{q}:active", "2", "3", "4", "5", "6", "7"}, {"asynq:{q}:active", "2", "3", "4", "5", "asynq:{q}:groups"},
		{"asynq:{q}:active", "2", "3", "4", "5", "6", "asynq:{p}:groups"}, {"other:{q}:active", "2", "3", "4", "5", "6", "other:{q}:groups"},
	} {
		if got, err := client.Eval(t.Context(), `return redis.call("NOSUCH")`, keys).Result(); err == nil {
			t.Errorf("%v: got %v, want the refusal", keys, got)
		}
	}
}
