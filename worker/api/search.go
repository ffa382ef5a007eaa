package api

// FoundOrders are the delivery orders that a search found, those with the whole name first.
type FoundOrders struct {
	Orders []FoundOrder `json:"orders"`
	More   bool         `json:"more"` // there are more, or the search took too long
}

// FoundOrder is a delivery order that an incident has, or that the index knows alone.
type FoundOrder struct {
	OrganizationID  string   `json:"organization_id"`
	DeliveryOrderID string   `json:"delivery_order_id"`
	OrderNumber     *string  `json:"order_number"`
	OrderIDs        []string `json:"order_ids"`
	Location        *string  `json:"location"` // where it is, as the index was told last: slug, or id
	Status          *string  `json:"status"`   // as the index was told last
	IncidentID      *string  `json:"incident_id"`
	State           *State   `json:"state"` // under the newest incident that has it, or made it; null: no incident has it
}
