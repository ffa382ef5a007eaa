package handover

import (
	"sync"
	"time"

	"happycolis-reassigner/happycolis"
)

// views keeps what was read of originals for as long as it is fresh. A run that has to wait for its next
// request gives its slot back; without this the next one would spend the request that it waited for on
// reading the same again, and under a low rate limit never get further.
type views struct {
	mu   sync.Mutex
	read map[string]*happycolis.DeliveryOrder
}

func (v *views) get(organization, id string) *happycolis.DeliveryOrder {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.read[organization+"\x00"+id]
}

// put keeps a view and drops those that are not fresh any more, so that no more are kept than are read
// within Fresh.
func (v *views) put(organization string, d *happycolis.DeliveryOrder, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.read == nil {
		v.read = map[string]*happycolis.DeliveryOrder{}
	}
	for key, old := range v.read {
		if now.Sub(old.Asked) > Fresh {
			delete(v.read, key)
		}
	}
	v.read[organization+"\x00"+d.ID] = d
}

func (v *views) drop(organization, id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.read, organization+"\x00"+id)
}

// drop forgets the original as read: something was changed, or it has to be read in any case.
func (x *run) drop() {
	x.view, x.summed = nil, nil
	if x.rehearsal == nil {
		x.h.views.drop(x.org.ID, x.r.DeliveryOrder)
	}
}
