package cli

import "happycolis-reassigner/worker/api"

// meaningOf returns a few words for why a delivery order needs an operator, or was left.
func meaningOf(reason *string) string {
	if reason == nil {
		return ""
	}
	return api.Reason(*reason).Meaning()
}
