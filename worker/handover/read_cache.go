package handover

import (
	"sync"
	"time"

	"happycolis-reassigner/happycolis"
)

// readCache keeps what was read of originals for as long as it is fresh. A run that has to wait for its next
// request gives its slot back; without this the next one would spend the request that it waited for on
// reading the same again, and under a low rate limit never get further.
type readCache struct {
	mu   sync.Mutex
	read map[string]*happycolis.DeliveryOrder
}

func (v *readCache) get(organization, id string) *happycolis.DeliveryOrder {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.read[organization+"\x00"+id]
}

// put keeps a view and drops those that are not fresh any more, so that no more are kept than are read
// within Fresh.
func (v *readCache) put(organization string, d *happycolis.DeliveryOrder, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.read == nil {
		v.read = map[string]*happycolis.DeliveryOrder{}
	}
	for key, old := range v.read {
		if now.Sub(old.SentAt) > Fresh {
			delete(v.read, key)
		}
	}
	v.read[organization+"\x00"+d.ID] = d
}

func (v *readCache) remove(organization, id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.read, organization+"\x00"+id)
}

// invalidateCache forgets the original as read: something was changed, or it has to be read in any case.
func (x *attempt) invalidateCache() {
	x.view, x.summed = nil, nil
	if x.forecast == nil {
		x.h.originals.remove(x.org.ID, x.r.DeliveryOrder)
	}
}
