package journal

import (
	"context"
	"fmt"
)

// NoteLateDraft records a DRAFT that a create made whose answer came only after somebody else had taken over the record. It
// stands beside the record and needs no version of it. Noting twice is harmless.
func (j *Journal) NoteLateDraft(ctx context.Context, organization, record, draft string) error {
	if err := j.rdb.HSet(ctx, keys(organization).late(), draft, record).Err(); err != nil {
		return fmt.Errorf("noting late DRAFT %s of %s: %w", draft, record, err)
	}
	return nil
}

// LateDrafts returns the DRAFTs that were noted, with the ids of their records. There are hardly ever any.
func (j *Journal) LateDrafts(ctx context.Context, organization string) (map[string]string, error) {
	noted, err := j.rdb.HGetAll(ctx, keys(organization).late()).Result()
	if err != nil {
		return nil, fmt.Errorf("listing late DRAFTs: %w", err)
	}
	return noted, nil
}

// DeleteLateDraft deletes a note: its record names the DRAFT now.
func (j *Journal) DeleteLateDraft(ctx context.Context, organization, draft string) error {
	if err := j.rdb.HDel(ctx, keys(organization).late(), draft).Err(); err != nil {
		return fmt.Errorf("forgetting late DRAFT %s: %w", draft, err)
	}
	return nil
}
