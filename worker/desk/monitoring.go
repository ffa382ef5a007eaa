package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/hibiken/asynqmon"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/handover"
)

// monitoringRoot is where the task queue's web UI lives.
const monitoringRoot = "/monitoring"

// contentPolicy keeps the web UI from asking other hosts for fonts, which it does on every page, and from
// being framed. Everything that it needs is embedded in it.
const contentPolicy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"

// monitoring is the web UI, once for operators and once, without its buttons, for viewers.
type monitoring struct{ operators, viewers *asynqmon.HTTPHandler }

// connection lets asynqmon make, and own, its clients.
type connection func() redis.UniversalClient

// MakeRedisClient implements asynq.RedisConnOpt.
func (c connection) MakeRedisClient() any { return c() }

func newMonitoring(connect func() redis.UniversalClient) *monitoring {
	ui := func(readOnly bool) *asynqmon.HTTPHandler {
		return asynqmon.New(asynqmon.Options{
			RootPath:         monitoringRoot,
			RedisConnOpt:     connection(connect),
			PayloadFormatter: asynqmon.PayloadFormatterFunc(readable),
			ResultFormatter:  asynqmon.ResultFormatterFunc(readable),
			ReadOnly:         readOnly,
		})
	}
	return &monitoring{operators: ui(false), viewers: ui(true)}
}

func (m *monitoring) close() error { return errors.Join(m.operators.Close(), m.viewers.Close()) }

// monitored serves the web UI; what an operator does there is recorded like any other action.
func (d *Desk) monitored() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", contentPolicy)
		if UserOf(r).Role != Operator {
			d.web.viewers.ServeHTTP(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			if err := d.recordUI(r); err != nil {
				status, text := StatusOf(err)
				writeJSON(w, status, map[string]string{"error": text})
				return
			}
		}
		d.web.operators.ServeHTTP(w, r)
	})
}

// recordUI writes what is about to be done into the audit log: of the organization whose task it is, or of
// all where it is about many. What cannot be recorded is not done.
func (d *Desk) recordUI(r *http.Request) error {
	target := strings.TrimPrefix(r.URL.Path, monitoringRoot+"/api/")
	organizations, err := d.served("")
	if err != nil {
		return err
	}
	for _, id := range organizations {
		if strings.Contains(target, ":"+id+":") {
			organizations = []string{id}
			break
		}
	}
	names, err := namedTasks(r)
	if err != nil {
		return err
	}
	target += names
	by := handover.By{User: UserOf(r).Name, Reason: "in the web UI of the task queue"}
	for _, id := range organizations {
		if err := d.record(r.Context(), id, by, "monitoring "+strings.ToLower(r.Method), target, "asked"); err != nil {
			return err
		}
	}
	return nil
}

// namedMost is how many tasks of one request are recorded by name.
const namedMost = 20

// namedTasks are the ids that a request about several tasks carries in its body, which it can be read from
// once more; "" if it carries none.
func namedTasks(r *http.Request) (string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyMost))
	if err != nil {
		return "", refused(http.StatusBadRequest, "reading the request: %v", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var about struct {
		TaskIDs []string `json:"task_ids"`
	}
	_ = json.Unmarshal(body, &about) // what is not JSON names none
	if len(about.TaskIDs) == 0 {
		return "", nil
	}
	text := " " + strings.Join(about.TaskIDs[:min(len(about.TaskIDs), namedMost)], " ")
	if more := len(about.TaskIDs) - namedMost; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text, nil
}

// readable shows a payload or a result, indented where it is JSON.
func readable(_ string, data []byte) string {
	var out bytes.Buffer
	switch {
	case len(data) == 0:
		return ""
	case json.Indent(&out, data, "", "  ") == nil:
		return out.String()
	case utf8.Valid(data):
		return string(data)
	}
	return "not text"
}
