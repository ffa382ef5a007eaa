package api

// AlertTestRequest asks for a message to the targets of alerts, which says that nothing has happened.
type AlertTestRequest struct {
	Target string `json:"target"` // by its place in the configuration, as alerts.targets[0]; "": each
	Reason string `json:"reason"` // for the audit log; may be left out
}

// AlertTestRow is what became of the message to one target.
type AlertTestRow struct {
	Name    string  `json:"name"` // its place in the configuration
	Service string  `json:"service"`
	Error   *string `json:"error"` // null: it was taken
}
