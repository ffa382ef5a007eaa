package doctor

import (
	"context"
	"fmt"
	"time"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/intake"
)

// checkReceiver tells of the webhooks that the receivers refused because of their signature, or could not read.
func (d *Doctor) checkReceiver(ctx context.Context) []Result {
	if d.redis == nil {
		return nil // the service knows, and its metrics
	}
	return append(d.checkSignatures(ctx),
		d.forEachOrganization(func(o config.Organization) []Result { return d.checkOversized(ctx, o.Credentials.Organization) })...)
}

func (d *Doctor) checkSignatures(ctx context.Context) []Result {
	wrong, err := intake.ListWrongSignatures(ctx, d.redis, time.Now())
	switch {
	case err != nil:
		return []Result{{Check: "signatures", Severity: Unknown, Saw: "they cannot be read"}}
	case len(wrong) == 0:
		return nil
	}
	return []Result{{Check: "signatures", Severity: Warning,
		Saw: fmt.Sprintf("webhooks are refused, the last %s: the signature is missing, or fits no secret of the configuration", formatAgo(time.Now(), wrong[0])),
		Do:  "compare client_secret with the secret of the application in HappyColis, and unblock the queue there; a stranger's need nothing"}}
}

func (d *Doctor) checkOversized(ctx context.Context, organization string) []Result {
	large, err := intake.LastOversized(ctx, d.redis, organization)
	if err != nil || large == nil {
		return nil
	}
	return []Result{{Check: "size", Severity: Warning, Saw: fmt.Sprintf("a webhook of %d KiB was parked unread, %s: it is larger than max_body", large.Size>>10, formatAgo(time.Now(), large.At)),
		Do: "set max_body higher, up to 8MiB, and restart the worker"}}
}
