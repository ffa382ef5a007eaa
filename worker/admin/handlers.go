package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/ops/query"
	"happycolis-reassigner/worker/ops/refusal"
)

// endpoints are those of the API. Each decodes the request, has package query or package ops answer, and encodes the answer.
func (d *Server) endpoints() map[string]handler {
	q, a := d.Query, d.Actions
	return map[string]handler{
		"GET /api/status": answer(func(r *http.Request) (api.Status, error) {
			s, err := q.ReadStatus(r.Context())
			s.User, s.Role = UserOf(r).Name, string(UserOf(r).Role)
			return s, err
		}),
		"GET /api/locations": answer(func(r *http.Request) ([]api.LocationRow, error) {
			return q.ListLocations(r.Context(), organizationOf(r))
		}),
		"GET /api/incidents": stream(func(r *http.Request) iter.Seq2[api.IncidentRow, error] {
			since, err := sinceOf(r)
			if err != nil {
				return failed[api.IncidentRow](err)
			}
			state := api.IncidentState(r.URL.Query().Get("state"))
			return q.ListIncidents(r.Context(), api.IncidentFilter{Organization: organizationOf(r), State: state, Since: since, Open: isAsked(r, "open")})
		}),
		"GET /api/incidents/{id}": answer(func(r *http.Request) (api.IncidentDetail, error) {
			return q.ReadIncident(r.Context(), r.PathValue("id"))
		}),
		"POST /api/incidents/{id}/approve": actOn(a.ApproveIncident),
		"GET /api/incidents/{id}/plan": stream(func(r *http.Request) iter.Seq2[api.PlanRow, error] {
			return q.ListPlanRows(r.Context(), r.PathValue("id"))
		}),
		"POST /api/incidents":              act(a.OpenIncident),
		"POST /api/incidents/{id}/close":   actOn(a.CloseIncident),
		"POST /api/incidents/{id}/stop":    actOn(a.StopIncident),
		"POST /api/incidents/{id}/unblock": actOn(a.UnblockIncident),
		"GET /api/orders":                  stream(d.listOrders),
		"GET /api/orders/{name}": answer(func(r *http.Request) ([]api.OrderDetail, error) {
			return q.DescribeOrders(r.Context(), organizationOf(r), r.PathValue("name"))
		}),
		"GET /api/find": answer(func(r *http.Request) (api.FoundOrders, error) {
			return q.SearchOrders(r.Context(), organizationOf(r), r.URL.Query().Get("name"))
		}),
		"POST /api/orders/retry":   act(a.RetryOrders),
		"POST /api/orders/leave":   act(a.LeaveOrders),
		"POST /api/orders/proceed": act(a.ProceedOrders),
		"GET /api/plan":            d.streamForecast,
		"GET /api/plan/last":       answer(func(r *http.Request) ([]api.Forecast, error) { return q.ListForecasts(r.Context(), organizationOf(r)) }),
		"POST /api/pause":          act(a.Pause),
		"POST /api/resume":         act(a.Resume),
		"GET /api/import": answer(func(r *http.Request) (api.ImportResult, error) {
			return q.ReadImportProgress(r.Context(), organizationOf(r), r.URL.Query().Get("list"))
		}),
		"POST /api/import":      act(a.ImportChunk),
		"POST /api/alerts/test": act(a.TestAlerts),
		"GET /api/audit":        newest(q.ListAudit),
		"GET /api/parked":       newest(q.ListParked),
		"GET /api/policies":     answer(func(r *http.Request) ([]api.PolicyRow, error) { return q.ListPolicies(organizationOf(r)) }),
	}
}

func organizationOf(r *http.Request) string { return r.URL.Query().Get("organization") }

// isAsked reports whether the query asks for something with 1.
func isAsked(r *http.Request, what string) bool { return r.URL.Query().Get(what) == "1" }

// sinceOf returns the time in the query since which rows are wanted; zero: all.
func sinceOf(r *http.Request) (time.Time, error) {
	text := r.URL.Query().Get("since")
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, refusal.New(refusal.Invalid, "since is a time like 2026-05-18T06:00:00Z")
	}
	return at, nil
}

// failed yields an error in place of rows.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}

// answer is an endpoint that reads one value.
func answer[T any](read func(r *http.Request) (T, error)) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := read(r)
		if err == nil {
			writeJSON(w, http.StatusOK, v)
		}
		return err
	}
}

// act is an endpoint that does what its body asks for, as the user who asks.
func act[W, T any](do func(ctx context.Context, user string, want W) (T, error)) handler {
	return answer(func(r *http.Request) (done T, err error) {
		var want W
		if err := readBody(r, &want); err != nil {
			return done, err
		}
		return do(r.Context(), UserOf(r).Name, want)
	})
}

// actOn is act on what the path names.
func actOn[W, T any](do func(ctx context.Context, user, id string, want W) (T, error)) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return act(func(ctx context.Context, user string, want W) (T, error) {
			return do(ctx, user, r.PathValue("id"), want)
		})(w, r)
	}
}

// stream is an endpoint that answers with a JSON array, row by row.
func stream[T any](list func(r *http.Request) iter.Seq2[T, error]) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		rows := jsonArray{w: w}
		for row, err := range list(r) {
			if err != nil {
				return rows.fail(err)
			}
			if err := rows.add(row); err != nil {
				return err
			}
		}
		return rows.close()
	}
}

// How many rows a list of the newest shows unless asked for more, and at the most.
const (
	defaultRows = 100
	maxRows     = 10_000
)

// newest is an endpoint that answers with the newest rows of a list, as many as the query asks for.
func newest[T any](list func(ctx context.Context, organization string, most int) ([]T, error)) handler {
	return answer(func(r *http.Request) (rows []T, err error) {
		most := defaultRows
		if text := r.URL.Query().Get("most"); text != "" {
			if most, err = strconv.Atoi(text); err != nil || most < 1 || most > maxRows {
				return nil, refusal.New(refusal.Invalid, "most is a number from 1 to %d", maxRows)
			}
		}
		return list(r.Context(), organizationOf(r), most)
	})
}

// listOrders yields the reassignments that the query selects.
func (d *Server) listOrders(r *http.Request) iter.Seq2[api.OrderRow, error] {
	q := r.URL.Query()
	since, err := sinceOf(r)
	if err != nil {
		return failed[api.OrderRow](err)
	}
	filter := api.Filter{
		Organization: q.Get("organization"), Incident: q.Get("incident"), Location: q.Get("location"),
		ReasonCode: q.Get("reason_code"), NeedsPerson: isAsked(r, "needs_person"), State: api.State(q.Get("state")), Since: since, Open: isAsked(r, "open"),
	}
	return d.Query.ListOrders(r.Context(), filter, isAsked(r, "lines"))
}

// streamForecast streams what would happen now to the delivery orders in flight at a location, or at each location in turn;
// with outlook=1 it adds the counts after the rows.
func (d *Server) streamForecast(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	rows := jsonArray{w: w}
	if q.Get("outlook") == "1" {
		rows.head = `{"rows":`
	}
	want := query.ForecastRequest{Organization: q.Get("organization"), Location: q.Get("location"), All: q.Get("all") == "1", Lines: isAsked(r, "lines")}
	forecasts, err := d.Query.Forecast(r.Context(), want, func(row api.PlanRow) error { return rows.add(row) })
	if err != nil {
		return rows.breakOff(err)
	}
	if rows.head == "" {
		return rows.close()
	}
	body, err := json.Marshal(forecasts)
	if err != nil {
		return rows.fail(fmt.Errorf("encoding the outlook: %w", err))
	}
	return rows.closeWith(`,"outlook":` + string(body) + "}")
}
