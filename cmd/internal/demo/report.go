package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// Report is the result of the demo. Programs rely on its keys.
type Report struct {
	Orders           int                `json:"orders"`
	InFlight         int                `json:"in_flight"`
	Reassigned       int                `json:"reassigned"`
	Left             int                `json:"left"`
	NeedsPerson      int                `json:"needs_person"`
	Reasons          map[string]int     `json:"reasons"`
	DoubleShipped    int                `json:"double_shipped"`
	Lost             int                `json:"lost"`
	TouchedOthers    int                `json:"touched_others"`
	APIRequests      int                `json:"api_requests"`
	RequestsPerOrder map[string]float64 `json:"requests_per_order"`
	RateLimited      int                `json:"rate_limited"`
	Seconds          float64            `json:"seconds"`
	Holds            bool               `json:"holds"`

	rows    []api.OrderRow
	verdict sandbox.Verdict
	rested  bool
	broken  int // requests that were made to fail
}

// judge compares what the platform recorded with the rows of "orders list --json", and with nothing else of ours.
func (s *Stage) judge(ctx context.Context, took time.Duration, rested bool) (*Report, error) {
	var raw json.RawMessage
	if err := s.Get(ctx, "/api/orders", &raw); err != nil {
		return nil, err
	}
	r := &Report{Orders: s.options.Orders, InFlight: len(s.Merchant.InFlight), Reasons: map[string]int{}, rested: rested, broken: s.broken(),
		RequestsPerOrder: map[string]float64{"DRAFT": 0, "PENDING": 0}, Seconds: math.Round(took.Seconds()*10) / 10}
	var told []sandbox.Row
	if err := json.Unmarshal(raw, &r.rows); err != nil {
		return nil, fmt.Errorf("reading the rows: %w", err)
	}
	if err := json.Unmarshal(raw, &told); err != nil {
		return nil, fmt.Errorf("reading the rows: %w", err)
	}
	books := s.Platform.Books()
	r.verdict = sandbox.Judge(books, told)
	r.DoubleShipped, r.Lost, r.TouchedOthers = len(r.verdict.DoubleShipped), len(r.verdict.Lost), len(r.verdict.TouchedOthers)
	r.APIRequests, r.RateLimited = books.Requests["http"], books.Throttled
	r.countRows(books)
	r.Holds = rested && r.verdict.Holds() && r.Reassigned+r.Left+r.NeedsPerson == r.InFlight
	return r, nil
}

// countRows counts the rows, and the requests that named a reassigned delivery order, its replacement or its order.
func (r *Report) countRows(books sandbox.Books) {
	requests, orders, states := map[string]int{}, map[string]int{}, map[journal.State]int{}
	for _, row := range r.rows {
		states[row.State]++
		if row.Reason != nil {
			r.Reasons[*row.Reason]++
		}
		if row.State != journal.Reassigned || row.OriginalStatus == nil {
			continue
		}
		orders[*row.OriginalStatus]++
		n := books.Touched[row.DeliveryOrderID]
		if row.ReplacementID != nil {
			n += books.Touched[*row.ReplacementID]
		}
		for _, id := range row.OrderIDs {
			n += books.Touched[id]
		}
		requests[*row.OriginalStatus] += n
	}
	r.Reassigned, r.Left, r.NeedsPerson = states[journal.Reassigned], states[journal.Left], states[journal.NeedsPerson]
	for status, n := range orders {
		r.RequestsPerOrder[status] = math.Round(100*float64(requests[status])/float64(n)) / 100
	}
}
