package query

import (
	"context"
	"slices"
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/intake"
	"happycolis-reassigner/worker/journal"
)

// ListAudit returns the newest entries of the audit log, at most most of all organizations together.
func (q *Reader) ListAudit(ctx context.Context, organization string, most int) ([]api.AuditRow, error) {
	rows, err := newest(q, organization, most, func(id string) ([]api.AuditRow, error) {
		entries, err := q.Journal.AuditEntries(ctx, id, int64(most))
		return convertEach(entries, func(e journal.AuditEntry) api.AuditRow {
			return api.AuditRow{OrganizationID: id, At: e.At, User: e.User, Verb: e.Verb, Target: e.Target, Reason: e.Reason, Result: e.Result}
		}), err
	}, func(row api.AuditRow) time.Time { return row.At })
	type target struct{ organization, id string }
	names := map[target]*string{}
	for i, row := range rows {
		of := target{row.OrganizationID, row.Target}
		if _, known := names[of]; !known && err == nil {
			var name string
			name, err = q.NameOf(ctx, row.OrganizationID, row.Target)
			names[of] = orNull(name)
		}
		rows[i].Name = names[of]
	}
	return rows, err
}

// ListParked returns the newest parked webhooks, at most most of all organizations together.
func (q *Reader) ListParked(ctx context.Context, organization string, most int) ([]api.ParkedRow, error) {
	return newest(q, organization, most, func(id string) ([]api.ParkedRow, error) {
		parked, err := intake.ListParked(ctx, q.Redis, id, int64(most))
		return convertEach(parked, func(p intake.Parked) api.ParkedRow {
			return api.ParkedRow{OrganizationID: id, At: p.At, Type: p.Type, Size: p.Size, SHA256: p.SHA256, Reason: p.Reason}
		}), err
	}, func(row api.ParkedRow) time.Time { return row.At })
}

// newest returns the newest rows of the organizations meant.
func newest[T any](q *Reader, organization string, most int, list func(organization string) ([]T, error), at func(T) time.Time) ([]T, error) {
	organizations, err := q.OrganizationIDs(organization)
	if err != nil {
		return nil, err
	}
	rows := []T{}
	for _, id := range organizations {
		found, err := list(id)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	slices.SortStableFunc(rows, func(a, b T) int { return at(b).Compare(at(a)) })
	return rows[:min(len(rows), most)], nil
}

// ListPolicies returns the policy of each organization.
func (q *Reader) ListPolicies(organization string) ([]api.PolicyRow, error) {
	organizations, err := q.OrganizationIDs(organization)
	if err != nil {
		return nil, err
	}
	rows := []api.PolicyRow{}
	for _, id := range organizations {
		p := q.Organizations[id].Policy()
		row := api.PolicyRow{OrganizationID: id, Revision: p.Revision(), Locations: p.Names(), Words: p.Words(), Text: p.Text()}
		if q.PolicyFile != nil {
			row.PolicyFile = q.PolicyFile(id)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// ReadImportProgress returns how many lines of a list were imported, and which failed.
func (q *Reader) ReadImportProgress(ctx context.Context, organization, list string) (api.ImportResult, error) {
	result := api.ImportResult{Skipped: []api.SkippedOrder{}}
	org, err := q.OneOrganization(organization)
	if err != nil {
		return result, err
	}
	if result.Done, err = q.Index.ImportProgress(ctx, org.ID, list); err != nil {
		return result, err
	}
	result.Again, err = q.Index.FailedLines(ctx, org.ID, list)
	return result, err
}
