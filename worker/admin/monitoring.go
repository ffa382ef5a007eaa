package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hibiken/asynqmon"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/handover"
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

// recordUI writes an action of the web UI to the audit log before it is done: for the organization whose task it is
// about, or for all where it is about many. If it cannot be written, the action is refused.
func (d *Server) recordUI(r *http.Request) error {
	target := strings.TrimPrefix(r.URL.Path, monitoringRoot+"/api/")
	served, err := d.organizationIDs("")
	if err != nil {
		return err
	}
	listed, err := listedTasks(r)
	if err != nil {
		return err
	}
	ids := listed
	if id := taskOf(r.Method, target); id != "" {
		ids = append(ids, id)
	}
	target += namesOf(listed)
	by := handover.Actor{User: UserOf(r).Name, Reason: "in the web UI of the task queue"}
	for _, id := range organizationsOf(ids, served) {
		if err := d.writeAudit(r.Context(), id, by, "monitoring "+strings.ToLower(r.Method), target, "asked"); err != nil {
			return err
		}
	}
	return nil
}

// taskOf returns the id of the one task that a request of the web UI is about; "" if none or several. The path of a
// deletion ends with the id; that of a POST has the action behind it.
func taskOf(method, target string) string {
	list, id := path.Split(target)
	if !strings.HasSuffix(list, "_tasks/") {
		return ""
	}
	if method == http.MethodPost {
		id = id[:max(0, strings.LastIndexByte(id, ':'))]
	}
	return id
}

// organizationsOf returns the organizations that these tasks belong to; all that are served where no task is named, or
// one belongs to none of them.
func organizationsOf(ids, served []string) []string {
	var owners []string
	for _, id := range ids {
		owner := tasks.OrganizationOfID(id)
		if !slices.Contains(served, owner) {
			return served
		}
		if !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
	}
	if len(owners) == 0 {
		return served
	}
	return owners
}

// maxNamed is how many tasks of one request are named in the audit log.
const maxNamed = 20

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

// namesOf returns the first ids of a list for the audit log, each after a space.
func namesOf(ids []string) string {
	text := ""
	for _, id := range ids[:min(len(ids), maxNamed)] {
		text += " " + id
	}
	if more := len(ids) - maxNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
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
