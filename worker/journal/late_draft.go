package journal

import (
	"context"
	"fmt"
)

// NoteLateDraft stores the id of a DRAFT whose create was answered only after another worker had taken over the
// record. The note stands beside the record, since the caller has no valid version of it. Noting twice is harmless.
func (j *Journal) NoteLateDraft(ctx context.Context, organization, record, draft string) error {
	if err := j.rdb.HSet(ctx, keys(organization).late(), draft, record).Err(); err != nil {
		return fmt.Errorf("noting late DRAFT %s of %s: %w", draft, record, err)
	}
	return nil
}

// LateDrafts returns the noted DRAFTs of an organization, each with the id of its record. There are hardly ever any.
func (j *Journal) LateDrafts(ctx context.Context, organization string) (map[string]string, error) {
	noted, err := j.rdb.HGetAll(ctx, keys(organization).late()).Result()
	if err != nil {
		return nil, fmt.Errorf("listing late DRAFTs: %w", err)
	}
	return noted, nil
}

// DeleteLateDraft deletes the note of a DRAFT, once the record itself names it.
func (j *Journal) DeleteLateDraft(ctx context.Context, organization, draft string) error {
	if err := j.rdb.HDel(ctx, keys(organization).late(), draft).Err(); err != nil {
		return fmt.Errorf("forgetting late DRAFT %s: %w", draft, err)
	}
	return nil
}
