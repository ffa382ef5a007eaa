package orders

import (
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/journal"
)

// Reading is how the integration of a location reads, against the one that failed.
type Reading int

// The readings.
const (
	Erring    Reading = iota // ERROR, of the integration that failed
	Recovered                // ACTIVE again, the same integration
	Different                // anything else: the incident has to be judged anew
)

// IntegrationReads compares an integration as read with the id of the one that failed ("" if not known).
func IntegrationReads(i *happycolis.Integration, failed string) Reading {
	switch {
	case i == nil, failed != "" && i.ID != failed:
		return Different
	case i.State == IntegrationError:
		return Erring
	case i.State == integrationActive:
		return Recovered
	}
	return Different
}

// MayRelease reports whether the delivery orders of an incident may leave their location, whose integration reads like this:
// it is asked before one is enrolled, decided, moved, released, cancelled once more or proceeded with. Where an operator
// opened the incident, the operator's word stands in the place of ERROR until the incident is closed or stopped.
func MayRelease(inc *journal.Incident, i *happycolis.Integration) bool {
	return inc.HasByHand() || IntegrationReads(i, inc.Integration) == Erring
}
