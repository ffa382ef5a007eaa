package incident

import (
	"context"
	"sync"
)

// memory is what this process knows of the age of each organization's journal.
type memory struct {
	mu   sync.Mutex
	born map[string]string
}

// remember notices that Redis lost everything while we worked: restored empty, flushed, evicted. What was
// under way then is unknown, so nothing moves by itself until the index was imported anew and an operator
// approved. A backup that was put back is not seen here: its records are read against the platform.
func (s *Incidents) remember(ctx context.Context, organization string) error {
	now := s.Now()
	born, err := s.Journal.Generation(ctx, organization, now)
	if err != nil {
		return err
	}
	s.memory.mu.Lock()
	before := s.memory.born[organization]
	if s.memory.born == nil {
		s.memory.born = map[string]string{}
	}
	s.memory.born[organization] = born
	s.memory.mu.Unlock()
	if before == "" || before == born {
		return nil
	}
	s.Log.ErrorContext(ctx, "Redis lost the journal; import the orders again, then approve what is to move", "alert", "urgent",
		"organization", organization)
	if s.Urgent != nil {
		s.Urgent(organization, "journal_lost")
	}
	return s.Journal.MarkDataLoss(ctx, organization, now)
}
