package sandbox

import (
	"fmt"
	"maps"
	"slices"
)

// actions are what a person or a warehouse does, by the name that POST /sandbox/act knows it by.
func (p *Platform) actions() map[string]func(command) error {
	of := func(act func(deliveryOrder string) error) func(command) error {
		return func(c command) error { return act(c.DeliveryOrder) }
	}
	return map[string]func(command) error{
		"cancel":         of(p.PersonCancel),
		"ask_cancel":     p.askCancelFrom,
		"confirm_cancel": of(p.ConfirmCancel),
		"reject_cancel":  of(p.RejectCancel),
		"open":           of(p.PersonOpen),
		"request":        of(p.PersonRequest),
		"move":           func(c command) error { return p.PersonMove(c.DeliveryOrder, c.Location) },
		"proceed":        of(p.PersonProceeds),
		"accept":         of(p.WarehouseAccept),
		"reject":         of(p.WarehouseReject),
		"start":          of(p.WarehouseStart),
		"ship":           of(p.WarehouseShip),
		"resume":         func(c command) error { return p.ResumeOrder(c.Order) },
		"cancel_order":   func(c command) error { return p.PersonCancelOrder(c.Order) },
		"hold":           func(c command) error { p.HoldOrder(c.Order); return nil },
		"order_state":    func(c command) error { p.SetOrderState(c.Order, c.State); return nil },
	}
}

// actionNames are the names of all actions, sorted.
func actionNames() []string { return slices.Sorted(maps.Keys((*Platform)(nil).actions())) }

// actFrom lets a person or a warehouse act.
func (p *Platform) actFrom(c command) error {
	do, known := p.actions()[c.Action]
	if !known {
		return fmt.Errorf("unknown action %q; GET /sandbox/ lists them", c.Action)
	}
	return do(c)
}

func (p *Platform) askCancelFrom(c command) error {
	after, err := durationFrom(c.After)
	if err != nil {
		return err
	}
	return p.PersonAsksCancel(c.DeliveryOrder, Cancellation{
		ShowCanceled: c.ShowCanceled, EventAtOnce: c.EventAtOnce, After: after, Rejected: c.Rejected, Hangs: c.Hangs,
	})
}
