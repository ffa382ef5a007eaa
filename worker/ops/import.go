package ops

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/ops/query"
	"happycolis-reassigner/worker/ops/refusal"
	"happycolis-reassigner/worker/plaintext"
)

const (
	maxChunk      = 200 // lines of one request
	chunkAtOnce   = 4   // orders read at once; the rate limit allows some 16 a second
	locationChunk = 50  // delivery orders of one page of a location
)

// ImportChunk imports one chunk of a list, or one page of a location. It wants no reason: without one the audit log has what
// was imported.
func (a *Actions) ImportChunk(ctx context.Context, user string, chunk api.ImportRequest) (result api.ImportResult, err error) {
	at, err := a.checkChunk(ctx, &chunk)
	if err != nil {
		return result, err
	}
	going := positionOf(chunk, at.Organization, user)
	if err := a.recordImport(ctx, chunk, going); err != nil {
		return result, err
	}
	if chunk.Location != "" {
		result, err = a.importLocation(ctx, chunk, at)
	} else {
		result, err = a.importLines(ctx, chunk, a.Organizations[at.Organization])
	}
	if err == nil {
		a.awaitNextChunk(going, chunk, result)
	}
	return result, err
}

// checkChunk returns what a chunk is about, and trims its ids of invisible characters; it refuses what cannot be one.
func (a *Actions) checkChunk(ctx context.Context, chunk *api.ImportRequest) (at query.Scope, err error) {
	switch {
	case len(chunk.IDs) > maxChunk:
		err = refusal.New(refusal.Invalid, "%d lines in one request; send %d at the most", len(chunk.IDs), maxChunk)
	case chunk.From < 0:
		err = refusal.New(refusal.Invalid, "from is a line of the list, from 0")
	case len(chunk.Again) > 0 && (len(chunk.Again) != len(chunk.IDs) || chunk.From > 0 || slices.Min(chunk.Again) < 0):
		err = refusal.New(refusal.Invalid, "again names the line of each id, from 0, and goes without from")
	case chunk.Location != "":
		at, err = a.Query.ResolveLocation(ctx, chunk.Organization, chunk.Location)
	case chunk.List != "":
		var org *worker.Organization
		if org, err = a.Query.OneOrganization(chunk.Organization); err == nil {
			at.Organization = org.ID
		}
	default:
		err = refusal.New(refusal.Invalid, "name a list (list and ids), or a location")
	}
	if err != nil {
		return at, err
	}
	for n, raw := range chunk.IDs {
		if chunk.IDs[n], err = plaintext.CleanValue(raw); err != nil {
			return at, refusal.New(refusal.Invalid, "id %d of the request: %v; nothing was imported", n+1, err)
		}
	}
	return at, nil
}

// recordImport writes to the audit log that somebody begins an import, or resumes one. The next chunk of a recorded
// import is not recorded again.
func (a *Actions) recordImport(ctx context.Context, chunk api.ImportRequest, going importPosition) error {
	if _, recorded := a.pending.Get(a.Now(), going); recorded {
		return nil
	}
	target := chunk.Location
	if target == "" {
		target = "list " + chunk.List[:min(len(chunk.List), listNamed)]
	}
	result := "begun"
	switch {
	case len(chunk.Again) > 0:
		result = "begun again, what failed"
	case chunk.From > 0 || chunk.Cursor != "":
		result = "begun in the middle"
	}
	by := handover.Actor{User: going.user, Reason: cmp.Or(strings.TrimSpace(chunk.Reason), defaultReason(chunk))}
	return a.writeAudit(ctx, going.organization, by, "import", target, result)
}

// defaultReason is the reason in the audit log of an import for which none was given: what is imported.
func defaultReason(i api.ImportRequest) string {
	switch {
	case i.Location != "":
		return "what is known to be in flight there, read again"
	case i.ThirdPartyApp != "":
		return "the orders of a list of references of " + i.ThirdPartyApp
	}
	return "the orders of a list of ids"
}

// listNamed is how many characters of a list's digest stand in the audit log.
const listNamed = 12

func (a *Actions) importLines(ctx context.Context, chunk api.ImportRequest, org *worker.Organization) (api.ImportResult, error) {
	result, outage, err := a.fetchOrders(ctx, org, chunk.IDs, chunk.ThirdPartyApp)
	if err = cmp.Or(err, outage); err != nil {
		return result, err
	}
	asked := index.ImportResult{FromStart: chunk.From == 0 && len(chunk.Again) == 0, Lines: lineNumbers(chunk), Skipped: len(result.Skipped)}
	for _, f := range result.Failed {
		asked.Failed = append(asked.Failed, asked.Lines[slices.Index(chunk.IDs, f.ID)])
	}
	failed, skipped, err := a.Index.RecordResult(ctx, org.ID, chunk.List, asked)
	if err != nil {
		return result, err
	}
	if len(chunk.Again) > 0 {
		result.Done, err = a.Index.ImportProgress(ctx, org.ID, chunk.List)
	} else {
		result.Done = chunk.From + len(chunk.IDs)
		err = a.Index.RecordProgress(ctx, org.ID, chunk.List, result.Done)
	}
	if err != nil {
		return result, err
	}
	if result.Whole = chunk.Finish && skipped == 0 && failed == 0; result.Whole {
		return result, a.Index.FinishImport(ctx, org.ID, a.Now())
	}
	return result, nil
}

// lineNumbers returns the line number of each of IDs.
func lineNumbers(i api.ImportRequest) []int {
	if len(i.Again) > 0 {
		return i.Again
	}
	lines := make([]int, len(i.IDs))
	for n := range lines {
		lines[n] = i.From + n
	}
	return lines
}

// importLocation reads anew one page of the delivery orders that the index has at a location, through their parent
// orders.
func (a *Actions) importLocation(ctx context.Context, chunk api.ImportRequest, at query.Scope) (api.ImportResult, error) {
	ids, next, err := a.Index.InFlight(ctx, at.Organization, at.Location, chunk.Cursor, locationChunk)
	if err != nil {
		return api.ImportResult{}, err
	}
	var orders []string
	for _, id := range ids {
		entry, _, err := a.Index.Get(ctx, at.Organization, id)
		if err != nil {
			return api.ImportResult{}, err
		}
		for _, order := range entry.Orders {
			if !slices.Contains(orders, order) {
				orders = append(orders, order)
			}
		}
	}
	total, err := a.Index.CountInFlight(ctx, at.Organization, at.Location)
	if err != nil {
		return api.ImportResult{}, err
	}
	result, outage, err := a.fetchOrders(ctx, a.Organizations[at.Organization], orders, "")
	if err == nil && len(result.Failed) >= minOutage { // fewer failures may be those orders' own
		err = outage
	}
	result.Done, result.Next, result.Total = len(orders), next, total
	return result, err
}
