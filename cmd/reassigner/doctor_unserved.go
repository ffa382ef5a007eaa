package main

import (
	"context"
	"fmt"

	"happycolis-reassigner/cmd/internal/terminal"
)

// unserved looks for organizations that were taken out of the configuration and have released delivery orders.
func (d *doctor) unserved(ctx context.Context) []finding {
	var configured []string
	for _, o := range d.cfg.Organizations {
		configured = append(configured, o.Credentials.Organization)
	}
	const check = "organizations"
	unserved, err := d.journal().Unserved(ctx, configured, true)
	if err != nil {
		return []finding{{Check: check, Verdict: unknown, Saw: "whether others left something unfinished cannot be read"}}
	}
	var found []finding
	for _, u := range unserved {
		found = append(found, finding{Check: check, Verdict: failing,
			Saw: fmt.Sprintf("%s is not configured any more; %s released there and not finished, %d of them without a replacement that was sent", u.Organization,
				terminal.Plural(u.Released, "delivery order"), u.Unsent),
			Do: "put it back into the configuration until they are finished"})
	}
	return found
}
