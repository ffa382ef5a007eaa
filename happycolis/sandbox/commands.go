package sandbox

import "strings"

// Command is one command of the control surface, with an example of its body; "" where it has none. In examples ORGANIZATION,
// ORDER and DELIVERY_ORDER stand for ids; the locations are those of Seed.
type Command struct {
	Method  string `json:"method"`
	Path    string `json:"path"`
	Does    string `json:"does"`
	Example string `json:"example,omitempty"`
}

// Commands returns every command of the control surface; GET /sandbox/ answers with it, too.
func Commands() []Command {
	return []Command{
		{"GET", "/sandbox/", "lists these commands", ""},
		{"GET", "/sandbox/books", "tells what happened and what there is", ""},
		{"GET", "/sandbox/organizations", "tells the organizations, with credentials", ""},
		{"GET", "/sandbox/queues", "tells of the webhooks: waiting, blocked, last error", ""},
		{"POST", "/sandbox/break", "the integration of a location fails, and the webhook says so", `{"location": "paris-warehouse"}`},
		{"POST", "/sandbox/recover", "it reads ACTIVE again; announce: and a webhook says so", `{"location": "paris-warehouse", "announce": true}`},
		{"POST", "/sandbox/blip", "it reads ACTIVE for so long", `{"location": "paris-warehouse", "lasts": "30s", "announce": true}`},
		{"POST", "/sandbox/integration", "it reads any state, also under another id", `{"location": "paris-warehouse", "state": "PENDING", "announce": true}`},
		{"POST", "/sandbox/active", "a location is deactivated, or active again", `{"location": "lille-warehouse", "active": false}`},
		{"POST", "/sandbox/accepts-from", "a location takes no requests before a time", `{"location": "lille-warehouse", "at": "2026-05-18T06:00:00Z"}`},
		{"POST", "/sandbox/rename", "a location gets another slug", `{"location": "lille-warehouse", "slug": "roubaix-warehouse"}`},
		{"POST", "/sandbox/move-slug", "the slug of a location passes to another, and it is called slug", `{"location": "roubaix-warehouse", "to": "lyon-warehouse", "slug": "old-warehouse"}`},
		{"POST", "/sandbox/moods", "the platform behaves otherwise from now on; after, where it waits, is written like 30s", `{"kind": "cancel_refused", "location": "paris-warehouse"}`},
		{"DELETE", "/sandbox/moods", "it behaves as by default again", ""},
		{"POST", "/sandbox/act", "a person at the platform or a warehouse does something; action is " + strings.Join(actionNames(), ", "),
			`{"action": "open", "delivery_order": "DELIVERY_ORDER"}`},
		{"POST", "/sandbox/announce", "sends a webhook about a thing as it is now", `{"type": "delivery_order/updated", "id": "DELIVERY_ORDER"}`},
		{"POST", "/sandbox/subscribe", "webhooks of the organization go there", `{"organization": "ORGANIZATION", "url": "http://127.0.0.1:8080/webhooks/happycolis"}`},
		{"POST", "/sandbox/unblock", "unblocks the queue of webhooks; resend: what was refused goes out again", `{"organization": "ORGANIZATION", "resend": true}`},
		{"POST", "/sandbox/revoke-tokens", "the organization's access tokens are refused", `{"organization": "ORGANIZATION"}`},
		{"POST", "/sandbox/seed", "adds a merchant with three locations and orders, alike for the same seed", `{"organization": "ORGANIZATION", "orders": 40, "seed": 7}`},
		{"POST", "/sandbox/organizations", "adds an organization", `{"id": "org_2", "client_id": "client", "client_secret": "secret", "integration_token": "token"}`},
		{"POST", "/sandbox/locations", "adds a location", `{"id": "loc-nice", "organization": "ORGANIZATION", "slug": "nice-warehouse", "active": true, "country": "FR", "allowed": ["FR"]}`},
		{"POST", "/sandbox/orders", "adds an order", `{"id": "order-1", "organization": "ORGANIZATION", "number": "SO-1", "lines": [{"id": "line-1", "sku": "MUG", "quantity": 2}]}`},
		{"POST", "/sandbox/delivery-orders", "adds a delivery order", `{"id": "do-1", "location": "loc-nice", "orders": ["order-1"], "status": "PENDING", "lines": [{"sku": "MUG", "quantity": 2}]}`},
		{"POST", "/sandbox/stocks", "adds stock, in units", `{"id": "stock-1", "location": "nice-warehouse", "sku": "MUG", "physical": 10, "usable": 10}`},
		{"POST", "/sandbox/judge", "says whether the promises held, by rows of orders list --json and incidents list --json", `{"rows": [], "incidents": []}`},
	}
}
