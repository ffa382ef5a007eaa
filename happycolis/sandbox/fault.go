package sandbox

import (
	"maps"
	"slices"
	"time"
)

// Kinds of faults. Each changes one default behaviour, as its comment says.
const (
	// CancelAsync answers success and confirms After later, also while the integration is in ERROR. With
	// ShowCanceled the lines show CANCELED at once, and only the event comes later; with EventAtOnce it is the
	// other way round (so for CancelByLocation and CancelSilent too). Rejected rejects it instead.
	CancelAsync = "cancel_async"
	// CancelByLocation answers success; the location confirms After later, but only while its
	// integration is ACTIVE; after a recovery it does so After later.
	CancelByLocation = "cancel_by_location"
	// CancelSilent answers success and never confirms.
	CancelSilent = "cancel_silent"
	// CancelRefused answers state "error" and changes nothing.
	CancelRefused = "cancel_refused"
	// CancelTakenBack answers success, and After later the cancellation is rejected. With ShowCanceled it is confirmed
	// in between; with EventAtOnce alone its event exists, while the lines are live.
	CancelTakenBack = "cancel_taken_back"
	// EventsKept keeps the events of a delivery order append-only: a rejected cancellation does not take its
	// CANCELED event back.
	EventsKept = "events_kept"
	// CancelKeepsStatus leaves the status of a cancelled delivery order as it was.
	CancelKeepsStatus = "cancel_keeps_status"
	// ResultError answers state "error" (a create: an error) for an Operation and changes nothing.
	ResultError = "result_error"
	// ResultErrorApplied answers the same, but the change has been applied.
	ResultErrorApplied = "result_error_applied"
	// RefuseOverAllocation refuses a create that covers more units than were ordered.
	RefuseOverAllocation = "refuse_over_allocation"
	// RefuseAutomatic refuses a create on an AUTOMATIC order.
	RefuseAutomatic = "refuse_automatic"
	// CreateSends makes a create return a delivery order that is PENDING and requested already. That a new one is a
	// DRAFT is known from a sample only.
	CreateSends = "create_sends"
	// Redispatch makes the platform send the units of a cancelled delivery order of an AUTOMATIC order to the location
	// To by itself, After later; with AsDraft as a DRAFT only.
	Redispatch = "redispatch"
	// CompleteOrder completes a parent order when its last live delivery order is cancelled; DRAFTs do not count as
	// live.
	CompleteOrder = "complete_order"
	// Accept makes a location take After to accept.
	Accept = "accept"
	// Reject, RejectPart and Silent make a location reject, reject its first line, or never answer.
	Reject     = "reject"
	RejectPart = "reject_part"
	Silent     = "silent"
	// AcceptThenError makes a location accept and its own integration fail After later.
	AcceptThenError = "accept_then_error"
	// RefuseNested refuses orders{fulfillmentData{deliveryOrders}} below deliveryOrder: an error and
	// null there, or with Whole no answer at all. Code is the error's, INTERNAL_SERVER_ERROR if empty.
	RefuseNested = "refuse_nested"
	// RequestOnDraft allows to request fulfilment of a DRAFT; RefuseRequestOnDraft refuses it even for one that was
	// opened earlier in the same document.
	RequestOnDraft       = "request_on_draft"
	RefuseRequestOnDraft = "refuse_request_on_draft"
	// RefuseSecondMutation refuses every mutation of a document but the first.
	RefuseSecondMutation = "refuse_second_mutation"
	// RefuseIntrospection refuses introspection of the schema, as a gateway in production usually does (assumed).
	RefuseIntrospection = "refuse_introspection"
	// StaleRead answers the next read of a thing with its state before the last change; it selects a
	// delivery order, an order or a location, by itself.
	StaleRead = "stale_read"
	// Vanished answers for a delivery order, or for an Order with all of its own, as if it did not exist, and leaves
	// it out of lists. In the books it stays.
	Vanished = "vanished"
	// AnswerCode answers an Operation with the error Code at its field, whose data is null, without doing what was
	// asked, or with Applied after doing it. With Whole the error stands alone, as a gateway puts it: no path, no
	// data at all. With Status the answer has that HTTP status, with the Code or, without one, no GraphQL; After is
	// then Retry-After.
	AnswerCode = "answer_code"
	// TokensRevoked finds every access token of the organization revoked when an Operation arrives: HTTP 401, not
	// executed. Its integration token stays.
	TokensRevoked = "tokens_revoked"
	// Latency adds After before an Operation is executed; on a virtual clock it is ignored.
	Latency = "latency"
	// Fault500, Fault429 (After is Retry-After; 0: without), FaultHTML (HTTP 200 and a page, not applied), DropBefore
	// (not applied), DropAfter (applied, reply lost) and DropLate (reply lost, applied After later) are faults of
	// transport.
	Fault500   = "500"
	Fault429   = "429"
	FaultHTML  = "html200"
	DropBefore = "drop-before"
	DropAfter  = "drop-after"
	DropLate   = "drop-late"
	// EventClock dates fulfilment events After later than now, or earlier where After is negative; EventSameDate dates
	// one like the first of its delivery order; EventUndated gives it no date.
	EventClock    = "event_clock"
	EventSameDate = "event_same_date"
	EventUndated  = "event_undated"
	// QuantityNull leaves out the quantity of a line, also of an order; QuantityFloat writes quantities as 2.0, also
	// of stock, and in the answer to a request all that it has. Both change reads and webhooks.
	QuantityNull  = "quantity_null"
	QuantityFloat = "quantity_float"
	// WebhookDuplicate sends a webhook twice, the second time with a NewID if wanted; WebhookDelay queues it After
	// later; WebhookDrop loses it; WebhookSwap sends the next one first; WebhookOrderLine adds orderLineId to the
	// lines; WebhookDated dates it After later than now, or earlier where After is negative.
	WebhookDuplicate = "webhook_duplicate"
	WebhookDelay     = "webhook_delay"
	WebhookDrop      = "webhook_drop"
	WebhookSwap      = "webhook_swap"
	WebhookOrderLine = "webhook_order_line"
	WebhookDated     = "webhook_dated"
)

// Kinds returns every kind of fault.
func Kinds() []string {
	return []string{
		CancelAsync, CancelByLocation, CancelSilent, CancelRefused, CancelTakenBack, EventsKept, CancelKeepsStatus,
		ResultError, ResultErrorApplied, RefuseOverAllocation, RefuseAutomatic, CreateSends, Redispatch, CompleteOrder,
		Accept, Reject, RejectPart, Silent, AcceptThenError, RefuseNested, RequestOnDraft, RefuseRequestOnDraft,
		RefuseSecondMutation, RefuseIntrospection, StaleRead, Vanished,
		AnswerCode, TokensRevoked, Latency, Fault500, Fault429, FaultHTML, DropBefore, DropAfter, DropLate,
		EventClock, EventSameDate, EventUndated, QuantityNull, QuantityFloat,
		WebhookDuplicate, WebhookDelay, WebhookDrop, WebhookSwap, WebhookOrderLine, WebhookDated,
	}
}

// Fault changes a behaviour wherever its selectors match; an empty selector matches everything. Of several faults that
// match, the one added last counts.
type Fault struct {
	Kind string `json:"kind"`

	Location      string `json:"location,omitempty"`
	DeliveryOrder string `json:"delivery_order,omitempty"`
	Order         string `json:"order,omitempty"`
	Operation     string `json:"operation,omitempty"`
	Webhook       string `json:"webhook,omitempty"`

	// Skip leaves that many matches unchanged; Count is how many it then changes, 0 meaning all.
	Skip  int           `json:"skip,omitempty"`
	Count int           `json:"count,omitempty"`
	After time.Duration `json:"after,omitempty"`

	// Code, Status and Applied belong to AnswerCode.
	Code    string `json:"code,omitempty"`
	Status  int    `json:"status,omitempty"`
	Applied bool   `json:"applied,omitempty"`

	To           string `json:"to,omitempty"`
	ShowCanceled bool   `json:"show_canceled,omitempty"`
	EventAtOnce  bool   `json:"event_at_once,omitempty"`
	Rejected     bool   `json:"rejected,omitempty"`
	AsDraft      bool   `json:"as_draft,omitempty"`
	Whole        bool   `json:"whole,omitempty"`
	NewID        bool   `json:"new_id,omitempty"`
}

// AddFault adds a fault. Locations may be named by slug. It panics on an unknown kind, and on an impossible
// combination of fields.
func (p *Platform) AddFault(m Fault) {
	if !slices.Contains(Kinds(), m.Kind) {
		panic("sandbox: unknown mood " + m.Kind)
	}
	if m.Kind == AnswerCode {
		m.mustAnswer()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range []*string{&m.Location, &m.To} {
		if l := p.findLocation(*name); l != nil {
			*name = l.ID
		}
	}
	p.faults = append(p.faults, &m)
}

// ClearFaults removes all faults. What they have delayed still happens.
func (p *Platform) ClearFaults() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// FaultsUsed returns how often faults of each kind changed something.
func (p *Platform) FaultsUsed() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.used)
}

// subject is what a fault may select by.
type subject struct {
	location, delivery string
	orders             []string
	operation, webhook string
	// named: only a fault that names the operation matches.
	named bool
}

func subjectOf(d *delivery) subject {
	return subject{location: d.Location, delivery: d.ID, orders: d.Orders}
}

// useFault returns the latest fault of a kind that matches a subject, and counts that it was used.
func (p *Platform) useFault(kind string, s subject) *Fault { return p.useFaultWhere(kind, s, nil) }

// useFaultWhere is useFault for those faults that which selects; nil selects all.
func (p *Platform) useFaultWhere(kind string, s subject, which func(*Fault) bool) *Fault {
	for _, m := range slices.Backward(p.faults) {
		if m.Kind != kind || !m.matches(s) || which != nil && !which(m) {
			continue
		}
		if m.Skip > 0 {
			m.Skip--
			continue
		}
		p.used[kind]++
		if m.Count > 0 {
			m.Count--
			if m.Count == 0 {
				p.faults = slices.DeleteFunc(p.faults, func(x *Fault) bool { return x == m })
			}
		}
		return m
	}
	return nil
}

func (m *Fault) matches(s subject) bool {
	return (m.Location == "" || m.Location == s.location) &&
		(m.DeliveryOrder == "" || m.DeliveryOrder == s.delivery) &&
		(m.Order == "" || slices.Contains(s.orders, m.Order)) &&
		(m.Operation == "" && !s.named || m.Operation == s.operation) &&
		(m.Webhook == "" || m.Webhook == s.webhook)
}
