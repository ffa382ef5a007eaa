package admin

import (
	"context"
	"net/http"

	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/journal"
)

// audited does what an operator asks for, between two lines of the audit log: that it is asked, and what came of
// it. What cannot be recorded is not done. Where the second line is missing, it may have been done.
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
	// Whoever hangs up meanwhile does not keep the outcome out of the log.
	if missed := d.writeAudit(context.WithoutCancel(ctx), organization, by, verb, target, result); err == nil {
		err = missed
	}
	return err
}

// writeAudit writes the audit log.
func (d *Server) writeAudit(ctx context.Context, organization string, by handover.Actor, verb, target, result string) error {
	return d.Journal.RecordAudit(ctx, organization, journal.AuditEntry{
		At: d.Now().UTC(), User: by.User, Verb: verb, Target: target, Reason: by.Reason, Result: result,
	})
}
