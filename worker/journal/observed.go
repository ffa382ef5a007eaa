package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// observed is what changes with every observation of an incident, whether anything happened or not. It stands beside
// the record, so that the record, its version and the pages that show it change only where something happened.
type observed struct {
	Round    int       `json:"round"`
	Requests int       `json:"requests"`
	ErrorAt  time.Time `json:"error_at,omitzero"`
	Last     time.Time `json:"last,omitzero"` // of IndexSnapshot
	Known    int       `json:"known"`         // of IndexSnapshot
}

// observedOf decodes the stored value; one that cannot be read counts as none.
func observedOf(field any) observed {
	var o observed
	text, _ := field.(string)
	if json.Unmarshal([]byte(text), &o) != nil {
		return observed{}
	}
	return o
}

// into sets the fields of an incident that were stored beside it, if it was observed since it was saved.
func (o observed) into(inc *Incident) {
	if o.Round > inc.Round {
		inc.Round, inc.Requests, inc.ErrorAt, inc.Index.Last, inc.Index.Known = o.Round, o.Requests, o.ErrorAt, o.Last, o.Known
	}
}

// NoteObserved saves an incident of which an observation found nothing new, without a new version of the record.
// False: something did change, so SaveIncident has to save it, or refuses where somebody else was faster.
func (j *Journal) NoteObserved(ctx context.Context, inc *Incident) (bool, error) {
	stored, err := j.Incident(ctx, inc.Organization, inc.ID)
	if err != nil {
		return false, err
	}
	was, err := stored.lasting()
	if err != nil {
		return false, err
	}
	is, err := inc.lasting()
	if err != nil || stored.Version != inc.Version || was != is {
		return false, err
	}
	body, err := json.Marshal(observed{Round: inc.Round, Requests: inc.Requests, ErrorAt: inc.ErrorAt, Last: inc.Index.Last, Known: inc.Index.Known})
	if err != nil {
		return false, fmt.Errorf("noting the observation of incident %s: %w", inc.ID, err)
	}
	noted, err := noteObserved.Run(ctx, j.rdb, redisscript.Keys{"incident": keys(inc.Organization).incident(inc.ID)},
		redisscript.Args{"expected_version": inc.Version, "observed": body}).Bool()
	if err != nil {
		return false, fmt.Errorf("noting the observation of incident %s: %w", inc.ID, err)
	}
	return noted, nil
}

// lasting encodes the incident without what changes with every observation. That ERROR was read for the first time
// does count as a change, and so does what a gate saw, but not when it was seen.
func (i *Incident) lasting() (string, error) {
	rest := *i
	rest.Round, rest.Requests, rest.UpdatedAt, rest.Index.Last, rest.Index.Known = 0, 0, time.Time{}, time.Time{}, 0
	if !rest.ErrorAt.IsZero() {
		rest.ErrorAt = rest.OpenedAt
	}
	rest.Gates = slices.Clone(i.Gates)
	for n := range rest.Gates {
		rest.Gates[n].At = time.Time{}
	}
	body, err := json.Marshal(rest)
	if err != nil {
		return "", fmt.Errorf("comparing incident %s: %w", i.ID, err)
	}
	return string(body), nil
}
