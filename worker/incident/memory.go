package incident

import (
	"context"
	"sync"
)

// memory is what this process knows of the journal's age, by organization. It serves to notice that Redis lost it.
type memory struct {
	mu   sync.Mutex
	born map[string]string
}

// remember notices that Redis lost the journal while this process ran: restored empty, flushed, or evicted. What was
// in progress then is unknown, so nothing moves automatically until the index was imported again and an operator
// approved. A restored backup is not noticed here: its records are compared with the platform one by one.
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
