package worker

import (
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy"
)

// Organization is one configured organization as the handlers need it.
type Organization struct {
	ID            string
	ForHandover   *happycolis.Account   // for the handover itself
	ForBackground *happycolis.Account   // for polls, sweep, plan and import, which can wait
	Policy        func() *policy.Policy // the one in force now
	Rate          happycolis.Rate       // that its accounts share; zero: it is not limited
}
