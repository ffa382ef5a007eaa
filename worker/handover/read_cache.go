package handover

import (
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/cache"
	"happycolis-reassigner/worker/handover/decision"
)

// readCache keeps what was read of originals for as long as it is fresh. A run that has to wait for its next
// request gives its slot back; without this the next one would spend the request that it waited for on
// reading the same again, and under a low rate limit never get further.
type readCache struct {
	read cache.Cache[[2]string, *happycolis.DeliveryOrder] // by organization and id
}

// get returns a view, nil if there is none; whoever acts by it asks first whether it is fresh.
func (v *readCache) get(organization, id string, now time.Time) *happycolis.DeliveryOrder {
	d, _ := v.read.Get(now, [2]string{organization, id})
	return d
}

func (v *readCache) put(organization string, d *happycolis.DeliveryOrder, now time.Time) {
	v.read.Put(now, [2]string{organization, d.ID}, d, decision.Fresh-now.Sub(d.SentAt))
}

func (v *readCache) remove(organization, id string) { v.read.Drop([2]string{organization, id}) }

// invalidateCache forgets the original as read: something was changed, or it has to be read in any case.
func (x *attempt) invalidateCache() {
	x.view, x.summed = nil, nil
	x.h.originals.remove(x.org.ID, x.r.Identity.DeliveryOrder)
}
