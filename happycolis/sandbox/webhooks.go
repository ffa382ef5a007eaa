package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// deliveryTimeout is how long the platform waits for a receiver (assumed).
const deliveryTimeout = 5 * time.Second

// heldBack is how long a webhook waits for one to overtake it.
const heldBack = 5 * time.Second

// message is one webhook in an organization's queue.
type message struct {
	kind    string
	body    []byte // the envelope
	payload []byte // the body in it
	// told is the data of a delivery order in a webhook.
	told *WebhookRead
}

// queue is an organization's webhook queue: strict first-in first-out, one message in flight, and
// blocked by the first failure until somebody resolves it (documented).
type queue struct {
	deliver   func(m message, h http.Header) (int, error)
	waiting   []message
	sending   bool
	blocked   bool
	lastError string
	held      []message
}

// SubscribeURL sends the organization's webhooks, all types, to a URL. An unknown organization
// panics, here and below.
func (p *Platform) SubscribeURL(organization, url string) {
	client := &http.Client{Timeout: deliveryTimeout, Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	p.subscribe(organization, func(m message, h http.Header) (int, error) {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, bytes.NewReader(m.body))
		if err != nil {
			return 0, err
		}
		req.Header = h
		resp, err := client.Do(req)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
		return resp.StatusCode, err
	})
}

// SubscribeFunc sends the organization's webhooks to a function that answers an HTTP status; 0
// stands for a connection that failed.
func (p *Platform) SubscribeFunc(organization string, deliver func(body []byte, h http.Header) (status int)) {
	p.subscribe(organization, func(m message, h http.Header) (int, error) {
		status := deliver(m.body, h)
		if status == 0 {
			return 0, fmt.Errorf("connection failed")
		}
		return status, nil
	})
}

// Publisher writes a record to a topic of a Kafka cluster.
type Publisher interface {
	Publish(topic string, value []byte) error
}

// SubscribeTopics has the organization's events, all types, published to Kafka topics: the payload alone (documented: it
// is the body of a webhook). What is published counts as taken.
func (p *Platform) SubscribeTopics(organization string, to Publisher) {
	p.subscribe(organization, func(m message, _ http.Header) (int, error) {
		return http.StatusOK, to.Publish(topicOf(m.kind), m.payload)
	})
}

// topicOf is the topic of a type (documented for most; assumed for the others).
func topicOf(kind string) string {
	topic := strings.ReplaceAll(kind, "/", ".")
	if topic == "location.type_changed" {
		return topic
	}
	return strings.ReplaceAll(topic, "_", "-")
}

func (p *Platform) subscribe(organization string, deliver func(message, http.Header) (int, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.organizations[organization]
	if o == nil {
		panic("sandbox: unknown organization " + organization)
	}
	o.queue.deliver = deliver
}

// Blocked reports whether the organization's queue has stopped, and which failure stopped it.
func (p *Platform) Blocked(organization string) (bool, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := p.organizations[organization]; o != nil {
		return o.queue.blocked, o.queue.lastError
	}
	return false, ""
}

// Waiting is the number of webhooks in the organization's queue, the one in flight included.
func (p *Platform) Waiting(organization string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := p.organizations[organization]; o != nil {
		return len(o.queue.waiting)
	}
	return 0
}

// Unblock lets a stopped queue run again. Whether the platform sends the failed message once more
// is not documented: resend chooses.
func (p *Platform) Unblock(organization string, resend bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.organizations[organization]
	if o == nil || !o.queue.blocked {
		return
	}
	o.queue.blocked = false
	if !resend && len(o.queue.waiting) > 0 {
		o.queue.waiting = o.queue.waiting[1:]
	}
	p.scheduleDelivery(o)
}

// queueWebhook puts a webhook into the queue of its organization, bent by the faults of the day.
func (p *Platform) queueWebhook(org, kind string, body map[string]any, s subject) {
	o := p.organizations[org]
	if o == nil || o.queue.deliver == nil {
		return
	}
	s.webhook = kind
	date := p.currentTime()
	if mood := p.useFault(WebhookDated, s); mood != nil {
		date = date.Add(mood.After)
	}
	m := p.envelope(o, kind, body, date)
	m.told = p.deliveries[s.delivery].webhookView(kind, date)
	if p.useFault(WebhookDrop, s) != nil {
		return
	}
	copies := []message{m}
	if mood := p.useFault(WebhookDuplicate, s); mood != nil {
		twin := m
		if mood.NewID {
			twin = p.envelope(o, kind, body, date)
			twin.told = m.told
		}
		copies = append(copies, twin)
	}
	if mood := p.useFault(WebhookSwap, s); mood != nil {
		o.queue.held = append(o.queue.held, copies...)
		p.schedule(heldBack, func() { p.appendMessages(o) })
		return
	}
	if mood := p.useFault(WebhookDelay, s); mood != nil {
		p.schedule(mood.After, func() { p.appendMessages(o, copies...) })
		return
	}
	p.appendMessages(o, copies...)
}

// appendMessages appends to the queue, and after them whatever was held back to be overtaken.
func (p *Platform) appendMessages(o *organization, messages ...message) {
	o.queue.waiting = append(o.queue.waiting, messages...)
	o.queue.waiting = append(o.queue.waiting, o.queue.held...)
	o.queue.held = nil
	p.scheduleDelivery(o)
}

// scheduleDelivery schedules the delivery of the first message for now.
func (p *Platform) scheduleDelivery(o *organization) {
	p.scheduleUnlocked(0, func() func() {
		q := &o.queue
		if q.sending || q.blocked || len(q.waiting) == 0 {
			return nil
		}
		q.sending = true
		m, deliver, secret := q.waiting[0], q.deliver, o.ClientSecret
		return func() { p.deliverMessage(o, m, deliver, secret) }
	})
}

// deliverMessage sends one message, without the lock, and settles the queue by the answer.
func (p *Platform) deliverMessage(o *organization, m message, deliver func(message, http.Header) (int, error), secret string) {
	status, err := deliver(m, http.Header{
		"Content-Type":                   {"application/json"},
		"X-Happycolis-Webhook-Signature": {sign(m.body, secret)},
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	q := &o.queue
	q.sending = false
	switch {
	case err != nil:
		q.blocked, q.lastError = true, fmt.Sprintf("%s: %v", m.kind, err)
	case status < 200 || status > 299:
		q.blocked, q.lastError = true, fmt.Sprintf("%s: HTTP %d", m.kind, status)
	default:
		p.recordTold(m)
		q.waiting = q.waiting[1:]
		if len(q.waiting) > 0 {
			p.scheduleDelivery(o)
		}
	}
}

// sign is standard Base64 of HMAC-SHA256 over the body as sent (documented).
func sign(body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// envelope wraps a body as sent: compact JSON, dated at the time of queueing (documented), which date is.
func (p *Platform) envelope(o *organization, kind string, body map[string]any, date time.Time) message {
	type header struct {
		OrganizationID string `json:"organizationId"`
		MessageID      string `json:"messageId"`
		WebhookID      string `json:"webhookId"`
		Type           string `json:"type"`
		Date           string `json:"date"`
	}
	payload, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("sandbox: encoding a webhook: %v", err))
	}
	raw, err := json.Marshal(struct {
		Header header          `json:"header"`
		Body   json.RawMessage `json:"body"`
	}{header{o.ID, p.newID(), "webhook-" + o.ID, kind, stamp(date)}, payload})
	if err != nil {
		panic(fmt.Sprintf("sandbox: encoding a webhook: %v", err))
	}
	return message{kind: kind, body: raw, payload: payload}
}

// webhookView notes what a webhook of a delivery order shows.
func (d *delivery) webhookView(kind string, date time.Time) *WebhookRead {
	if d == nil || !strings.HasPrefix(kind, "delivery_order/") {
		return nil
	}
	return &WebhookRead{At: date, ID: d.ID, Location: d.Location, Status: d.Status, Live: d.isLive()}
}

// recordTold records in the books the data in a webhook that the receiver accepted.
func (p *Platform) recordTold(m message) {
	if m.told == nil {
		return
	}
	t := *m.told
	if now := p.currentTime(); t.At.After(now.Add(time.Minute)) {
		t.At = now
	}
	t.Seq = p.nextSequence()
	p.told = append(p.told, t)
}

// stamp writes a time as the platform does: ISO 8601 with milliseconds, UTC (documented).
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
