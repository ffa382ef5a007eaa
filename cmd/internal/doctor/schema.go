package doctor

import (
	"context"
	"strings"

	"happycolis-reassigner/happycolis"
)

// checkSchema compares the platform's schema with ours, with the first organization that may read it.
func (d *Doctor) checkSchema(ctx context.Context) []Result {
	var live *happycolis.LiveSchema
	var err error
	for _, o := range d.cfg.Organizations {
		account := d.accounts[o.Credentials.Organization]
		err = retryWhileRateLimited(ctx, func() (err error) {
			live, err = account.LiveSchema(ctx)
			return err
		})
		if err == nil {
			break
		}
	}
	switch kind := happycolis.KindOf(err); {
	case err == nil:
	case kind == happycolis.KindUnauthorized:
		return []Result{{Check: "schema", Severity: Unknown, Saw: "not asked for: the credentials are refused"}}
	case kind != happycolis.KindInvalid && kind != happycolis.KindForbidden && kind != happycolis.KindRefused && kind != happycolis.KindUnclear:
		return []Result{{Check: "schema", Severity: Unknown, Saw: "it could not be asked for: " + err.Error(), Do: retryAdvice(err)}}
	default:
		return []Result{{Check: "schema", Severity: Unknown, Saw: "the platform does not let its schema be read (" + string(happycolis.KindOf(err)) + ")",
			Do: "nothing: what we ask for beyond the documentation is tried when it is needed, and done otherwise where it is refused"}}
	}
	lacks, err := live.Gaps()
	if err != nil {
		return []Result{{Check: "schema", Severity: Unknown, Saw: err.Error()}}
	}
	found := judgeLacks(lacks)
	if words, err := live.NewWords(); err == nil && len(words) > 0 {
		found = append(found, Result{Check: "new words", Severity: Warning, Saw: strings.Join(words, ", "),
			Do: "delivery orders that show them are left to a person; tell the makers of this program"})
	}
	for _, q := range live.Questions() {
		f := Result{Check: "open question", Severity: Passed, Saw: q.Asked + ": " + q.Answer}
		if q.Answer == "" {
			f.Saw = q.Asked + ": the schema shows none"
		} else if q.Useful {
			f.Severity, f.Do = Warning, "tell the makers of this program: it could do better with that"
		}
		found = append(found, f)
	}
	return found
}

func judgeLacks(lacks []happycolis.SchemaGap) []Result {
	if len(lacks) == 0 {
		return []Result{{Check: "schema", Severity: Passed, Saw: "it has everything that we ask for"}}
	}
	var found []Result
	for _, lack := range lacks {
		f := Result{Check: "schema", Severity: Warning, Saw: "it lacks " + lack.What + " (asked for by " + strings.Join(lack.Operations, ", ") + ")",
			Do: "nothing: it is asked otherwise"}
		if lack.BreaksHandover() {
			f.Severity, f.Do = Failed, "this release cannot work with it: look for a newer one"
		}
		found = append(found, f)
	}
	return found
}
