package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/hibiken/asynqmon"
	"github.com/redis/go-redis/v9"
)

// monitoringRoot is the path of the task queue's web UI.
const monitoringRoot = "/monitoring"

// contentPolicy is the Content-Security-Policy of the web UI. It blocks the fonts that every page of it requests from
// other hosts; everything that it needs is embedded.
const contentPolicy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"

// queueUI is the web UI, once for operators and once, without its buttons, for viewers.
type queueUI struct{ operators, viewers *asynqmon.HTTPHandler }

// connectionFunc lets asynqmon make its own clients, which it also closes.
type connectionFunc func() redis.UniversalClient

// MakeRedisClient implements asynq.RedisConnOpt.
func (c connectionFunc) MakeRedisClient() any { return c() }

func newQueueUI(connect func() redis.UniversalClient, prefix string) *queueUI {
	ui := func(readOnly bool) *asynqmon.HTTPHandler {
		return asynqmon.New(asynqmon.Options{
			RootPath:         prefix + monitoringRoot,
			RedisConnOpt:     connectionFunc(connect),
			PayloadFormatter: asynqmon.PayloadFormatterFunc(indentJSON),
			ResultFormatter:  asynqmon.ResultFormatterFunc(indentJSON),
			ReadOnly:         readOnly,
		})
	}
	return &queueUI{operators: ui(false), viewers: ui(true)}
}

func (m *queueUI) close() error { return errors.Join(m.operators.Close(), m.viewers.Close()) }

// queueUIHandler serves the web UI. What an operator does there goes to the audit log like any other action.
func (d *Server) queueUIHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", contentPolicy)
		if UserOf(r).Role != Operator {
			d.web.viewers.ServeHTTP(w, d.public.addPrefix(r))
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			if err := d.recordUI(r); err != nil {
				status, text := HTTPStatus(err)
				writeJSON(w, status, map[string]string{"error": text})
				return
			}
		}
		d.web.operators.ServeHTTP(w, d.public.addPrefix(r))
	})
}

// recordUI writes an action of the web UI to the audit log before it is done. If it cannot be written, the action is
// refused.
func (d *Server) recordUI(r *http.Request) error {
	listed, err := listedTasks(r)
	if err != nil {
		return err
	}
	return d.Actions.RecordQueueAction(r.Context(), UserOf(r).Name, r.Method, strings.TrimPrefix(r.URL.Path, monitoringRoot+"/api/"), listed)
}

// listedTasks returns the ids in the body of a request about several tasks, and restores the body.
func listedTasks(r *http.Request) ([]string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, newRefusal(http.StatusBadRequest, "reading the request: %v", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var about struct {
		TaskIDs []string `json:"task_ids"`
	}
	_ = json.Unmarshal(body, &about) // a body that is not JSON names no task
	return about.TaskIDs, nil
}

// indentJSON formats a payload or a result for the web UI, indented where it is JSON.
func indentJSON(_ string, data []byte) string {
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
