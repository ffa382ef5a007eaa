package api

// ImportRequest is one chunk of an import: lines of a list from line From on; lines of it that failed before; or one
// page of the delivery orders that the index has at a location.
type ImportRequest struct {
	Organization  string   `json:"organization,omitempty"`
	List          string   `json:"list,omitempty"` // identifies the list: a digest of its content
	From          int      `json:"from,omitempty"` // number of the first line, from 0
	IDs           []string `json:"ids,omitempty"`
	Again         []int    `json:"again,omitempty"`           // the line numbers of IDs, where they failed before; otherwise they follow From
	ThirdPartyApp string   `json:"third_party_app,omitempty"` // IDs are its external references, not order ids
	Finish        bool     `json:"finish,omitempty"`          // this is the last chunk
	Location      string   `json:"location,omitempty"`
	Cursor        string   `json:"cursor,omitempty"`
	Reason        string   `json:"reason,omitempty"` // why, for the audit log; "": it tells what is imported
}

// ImportResult is the result of a chunk, and how far the list is.
type ImportResult struct {
	Done           int            `json:"done"` // lines of the list, or orders of the location's page
	DeliveryOrders int            `json:"delivery_orders"`
	Skipped        []SkippedOrder `json:"skipped"`
	Failed         []FailedOrder  `json:"failed,omitempty"` // not read for a reason that may be temporary
	Again          []int          `json:"again,omitempty"`  // lines of the list whose last read failed
	Whole          bool           `json:"whole,omitempty"`  // the whole list was read: the index counts as complete
	Next           string         `json:"next,omitempty"`   // cursor of the next page of a location; "" after the last
	Total          int            `json:"total,omitempty"`  // delivery orders known at the location
}

// SkippedOrder is an order that the platform does not show to us.
type SkippedOrder struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
}

// FailedOrder is an order that could not be read for a temporary reason, after several tries.
type FailedOrder struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	Why  string `json:"why"`
}
