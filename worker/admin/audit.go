package admin

import (
	"context"
	"net/http"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// audited runs an operator's action between two entries of the audit log: one with what is asked, one with the result.
// If the first cannot be written, the action is not run. Where the second is missing, it may have been run.
func (d *Server) audited(ctx context.Context, organization string, by handover.Actor, verb, target, done string, do func() error) error {
	if err := d.writeAudit(ctx, organization, by, verb, target, "asked"); err != nil {
		return err
	}
	err := do()
	result := done
	if status, why := HTTPStatus(err); err != nil && status < http.StatusInternalServerError {
		result = "refused: " + why
	} else if err != nil {
		result = "failed: " + why
	}
	// A client that closes the connection meanwhile does not keep the result out of the log.
	if missed := d.writeAudit(context.WithoutCancel(ctx), organization, by, verb, target, result); err == nil {
		err = missed
	}
	return err
}

// writeAudit appends one entry to the audit log.
func (d *Server) writeAudit(ctx context.Context, organization string, by handover.Actor, verb, target, result string) error {
	return d.Journal.RecordAudit(ctx, organization, journal.AuditEntry{
		At: d.Now().UTC(), User: by.User, Verb: verb, Target: target, Reason: by.Reason, Result: result,
	})
}
