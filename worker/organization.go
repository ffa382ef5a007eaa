package worker

import (
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
)

// Organization is one configured organization, with what the handlers of its tasks need. It is made once at the start;
// only Policy may return something else later, after the operator reloaded the policy.
type Organization struct {
	ID            string
	ForHandover   *happycolis.Account   // for the requests of handovers
	ForBackground *happycolis.Account   // for polls, sweep, plan and import: a lower priority in the rate limit
	Policy        func() *policy.Policy // the policy in force now; safe to call from several goroutines
	Rate          happycolis.Rate       // the rate limit that both accounts share; zero: none
}
