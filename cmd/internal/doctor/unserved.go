package doctor

import (
	"context"
	"fmt"

	"happycolis-reassigner/cmd/internal/terminal"
)

// checkUnserved checks whether an organization was removed from the configuration while it has released delivery
// orders.
func (d *Doctor) checkUnserved(ctx context.Context) []Result {
	var configured []string
	for _, o := range d.cfg.Organizations {
		configured = append(configured, o.Credentials.Organization)
	}
	const check = "organizations"
	unserved, err := d.journal().UnservedOrganizations(ctx, configured, true)
	if err != nil {
		return []Result{{Check: check, Severity: Unknown, Saw: "whether others left something unfinished cannot be read"}}
	}
	var found []Result
	for _, u := range unserved {
		found = append(found, Result{Check: check, Severity: Failed,
			Saw: fmt.Sprintf("%s is not configured any more; %s released there and not finished, %d of them without a replacement that was sent", u.Organization,
				terminal.Plural(u.Released, "delivery order"), u.Unsent),
			Do: "put it back into the configuration until they are finished"})
	}
	return found
}
