package happycolis

import (
	"context"
	"encoding/json"
)

// Webhook is a subscription to one type of event.
type Webhook struct {
	ID     string
	Type   string
	Health string // as the platform tells it; its values are not documented
	URL    string
}

// WebhookHealthy is the health of a subscription that works (assumed: the values are those of the queue).
const WebhookHealthy = "HEALTHY"

// CreateWebhook subscribes a URL to a type of event (documented for the token of an Integration App, with the scope
// edit_integrations). The platform documents neither a list of subscriptions nor a key that makes a second one for the
// same type impossible: after an error that is neither IsNotExecuted nor IsRefused it may exist.
func (a *Account) CreateWebhook(ctx context.Context, kind, url string) (*Webhook, error) {
	var created struct {
		ID       string `json:"id"`
		Type     string `json:"type"`
		Health   string `json:"health"`
		EndPoint string `json:"endPoint"`
	}
	read := func(raw json.RawMessage) *Error {
		if json.Unmarshal(raw, &created) != nil {
			return undecodableError()
		}
		if created.ID == "" {
			return incompleteError()
		}
		return nil
	}
	input := map[string]string{"type": kind, "endPoint": url}
	if _, err := a.callAPI(ctx, "integrationWebhookCreate", map[string]any{"input": input}, checkMutation(read, "integrationWebhookCreate")); err != nil {
		return nil, err
	}
	return &Webhook{ID: created.ID, Type: created.Type, Health: created.Health, URL: created.EndPoint}, nil
}

// WebhookOperations names the queries and the mutations of the live schema that are about webhooks; "" for none.
func (s *LiveSchema) WebhookOperations() (queries, mutations string) {
	return s.fieldsLike(s.query, "webhook"), s.fieldsLike(s.mutation, "webhook")
}
