package console

import (
	"context"
	"slices"
	"strings"

	"happycolis-reassigner/worker/admin"
)

// ofUser returns the console of a user: this one, or one to which there are only the user's organizations, so that no page,
// count or search has to think of it.
func (c *Console) ofUser(u admin.User) *Console {
	if !u.IsLimited() {
		return c
	}
	key := strings.Join(slices.Sorted(slices.Values(u.Organizations)), " ") // no id holds a space
	c.mu.Lock()
	defer c.mu.Unlock()
	if own := c.limited[key]; own != nil {
		return own
	}
	actions := c.actions.LimitTo(u.Organizations)
	own := New(actions.Query, actions, c.open, c.prefix)
	own.planJobs = c.planJobs
	context.AfterFunc(c.live.ctx, own.Close)
	if c.limited == nil {
		c.limited = map[string]*Console{}
	}
	c.limited[key] = own
	return own
}
