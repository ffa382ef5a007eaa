package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// command is what the body of every POST may hold; each path reads its part.
type command struct {
	Location      string `json:"location"`
	State         string `json:"state"`
	IntegrationID string `json:"integration_id"`
	Announce      bool   `json:"announce"`
	Type          string `json:"type"`
	ID            string `json:"id"`
	Organization  string `json:"organization"`
	URL           string `json:"url"`
	Resend        bool   `json:"resend"`
	Slug          string `json:"slug"`
	To            string `json:"to"`
	Lasts         string `json:"lasts"`
	Action        string `json:"action"`
	DeliveryOrder string `json:"delivery_order"`
	Order         string `json:"order"`
	Orders        int    `json:"orders"`
	Seed          int64  `json:"seed"`
	Active        bool   `json:"active"`
	After         string `json:"after"`
	ShowCanceled  bool   `json:"show_canceled"`
	EventAtOnce   bool   `json:"event_at_once"`
	Rejected      bool   `json:"rejected"`
	Hangs         bool   `json:"hangs"`

	At        time.Time  `json:"at"`
	Rows      []Row      `json:"rows"`
	Incidents []Incident `json:"incidents"`
}

// serveControl serves /sandbox/...; the package comment lists it.
func (p *Platform) serveControl(r *http.Request, body []byte) reply {
	v, err := p.recoverPanic(r, body)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		return p.answerJSON(nil, http.StatusBadRequest, map[string]string{"error": err.Error()})
	}
	return p.answerJSON(nil, http.StatusOK, v)
}

// recoverPanic turns what the store refuses with a panic, a mistake of the caller, into an error.
func (p *Platform) recoverPanic(r *http.Request, body []byte) (v any, err error) {
	defer func() {
		if refused := recover(); refused != nil {
			err = fmt.Errorf("%v", refused)
		}
	}()
	return p.runCommand(r, body)
}

func (p *Platform) runCommand(r *http.Request, body []byte) (any, error) {
	done := map[string]bool{"ok": true}
	switch r.Method + " " + r.URL.Path {
	case "GET /sandbox/":
		return Commands(), nil
	case "GET /sandbox/books":
		return p.Books(), nil
	case "GET /sandbox/organizations":
		return p.Organizations(), nil
	case "GET /sandbox/queues":
		return p.queueStates(), nil
	case "POST /sandbox/moods":
		return done, p.readFault(body)
	case "DELETE /sandbox/moods":
		p.ClearFaults()
		return done, nil
	case "POST /sandbox/organizations":
		return done, decodeInto(body, p.AddOrganization)
	case "POST /sandbox/locations":
		return done, decodeInto(body, p.AddLocation)
	case "POST /sandbox/orders":
		return done, decodeInto(body, p.AddOrder)
	case "POST /sandbox/delivery-orders":
		return done, decodeInto(body, p.AddDeliveryOrder)
	case "POST /sandbox/stocks":
		return done, decodeInto(body, p.AddStock)
	}
	var c command
	if r.Method != http.MethodPost {
		return nil, fmt.Errorf("no such command: %s %s; GET /sandbox/ lists them", r.Method, r.URL.Path)
	}
	if err := decodeStrict(body, &c); err != nil {
		return nil, err
	}
	switch r.URL.Path {
	case "/sandbox/break", "/sandbox/recover", "/sandbox/integration", "/sandbox/active", "/sandbox/blip",
		"/sandbox/rename", "/sandbox/move-slug", "/sandbox/accepts-from":
		return done, p.locationCommand(r.URL.Path, c)
	case "/sandbox/announce":
		p.Announce(c.Type, c.ID)
	case "/sandbox/subscribe":
		p.SubscribeURL(c.Organization, c.URL)
	case "/sandbox/unblock":
		p.Unblock(c.Organization, c.Resend)
	case "/sandbox/revoke-tokens":
		p.RevokeTokens(c.Organization)
	case "/sandbox/act":
		return done, p.actFrom(c)
	case "/sandbox/seed":
		return Seed(p, SeedOptions{Organization: c.Organization, Orders: c.Orders, Seed: c.Seed}), nil
	case "/sandbox/judge":
		return JudgeAtRest(p.Books(), c.Rows, c.Incidents), nil
	default:
		return nil, fmt.Errorf("no such command: %s; GET /sandbox/ lists them", r.URL.Path)
	}
	return done, nil
}

func (p *Platform) locationCommand(path string, c command) error {
	switch path {
	case "/sandbox/break":
		p.Break(c.Location)
	case "/sandbox/recover":
		p.Recover(c.Location, c.Announce)
	case "/sandbox/active":
		p.SetActive(c.Location, c.Active)
	case "/sandbox/rename":
		p.Rename(c.Location, c.Slug)
	case "/sandbox/move-slug":
		p.MoveSlug(c.Location, c.To, c.Slug)
	case "/sandbox/accepts-from":
		p.SetAcceptsFrom(c.Location, c.At)
	case "/sandbox/blip":
		lasts, err := durationFrom(c.Lasts)
		if err != nil {
			return err
		}
		p.RecoverBriefly(c.Location, lasts, c.Announce)
	default:
		p.SetIntegration(c.Location, c.State, c.IntegrationID, c.Announce)
	}
	return nil
}

// readFault reads a fault whose "after" is written like "30s".
func (p *Platform) readFault(body []byte) error {
	var m struct {
		Fault
		After string `json:"after"`
	}
	if err := decodeStrict(body, &m); err != nil {
		return err
	}
	after, err := durationFrom(m.After)
	if err != nil {
		return err
	}
	m.Fault.After = after
	p.AddFault(m.Fault)
	return nil
}

// durationFrom reads a duration that is written like "30s"; none is 0.
func durationFrom(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("reading a duration: %w", err)
	}
	return d, nil
}

// queueState is a webhook queue as /sandbox/queues shows it.
type queueState struct {
	Organization string `json:"organization"`
	Waiting      int    `json:"waiting"`
	Blocked      bool   `json:"blocked"`
	LastError    string `json:"last_error"`
}

func (p *Platform) queueStates() []queueState {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := []queueState{}
	for _, id := range p.organizationIDs() {
		q := p.organizations[id].queue
		all = append(all, queueState{id, len(q.waiting), q.blocked, q.lastError})
	}
	return all
}

// decodeInto reads one thing and adds it.
func decodeInto[T any](body []byte, add func(T)) error {
	var v T
	if err := decodeStrict(body, &v); err != nil {
		return err
	}
	add(v)
	return nil
}

func decodeStrict(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("reading the command: %w", err)
	}
	return nil
}
