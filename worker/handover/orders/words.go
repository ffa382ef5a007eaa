package orders

// The platform's words that decide (documented).
const (
	StatusDraft     = "DRAFT"
	StatusPending   = "PENDING"
	StatusOpened    = "OPENED"
	StatusCompleted = "COMPLETED"

	LineCanceled = "CANCELED"
	lineRejected = "REJECTED"
	lineAccepted = "ACCEPTED"

	EventRequested = "FULFILLMENT_REQUESTED"
	eventAccepted  = "FULFILLMENT_ACCEPTED"
	eventRejected  = "FULFILLMENT_REJECTED"

	integrationActive = "ACTIVE"

	orderOpened       = "OPENED"
	DispatchAutomatic = "AUTOMATIC"
	typeWarehouse     = "WAREHOUSE"
)

// IntegrationError is the state of an integration that does not work (documented).
const IntegrationError = "ERROR"
