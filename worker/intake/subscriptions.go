package intake

// Subscription is a group of webhook types and what they are needed for.
type Subscription struct {
	Why   string
	Types []string
}

// Subscriptions returns the webhooks that have to be registered with the platform, one subscription for each type
// (documented). Further types do no harm.
func Subscriptions() []Subscription {
	return []Subscription{
		{"the failure itself", []string{
			typeErrored, prefixIntegration + "accepted", prefixIntegration + "rejected", prefixIntegration + "created",
		}},
		{"the index", []string{
			familyDeliveryOrder + "created", familyDeliveryOrder + "updated", familyDeliveryOrder + "pending",
			familyDeliveryOrder + "opened", familyDeliveryOrder + "fulfillment_accepted", familyDeliveryOrder + "rejected",
			familyDeliveryOrder + "completed", familyDeliveryOrder + "cancelled", typeCancelRejected,
		}},
		{"places", []string{
			familyLocation + "created", familyLocation + "updated", familyLocation + "deactivated", familyLocation + "type_changed",
		}},
		{"what has left the house", []string{familyShipment + "created"}},
		{"stock, where the policy asks for it", []string{
			familyStock + "updated", familyStock + "status_updated", familyStock + "movement_updated",
		}},
	}
}
