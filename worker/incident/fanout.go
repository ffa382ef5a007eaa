package incident

import (
	"context"
	"errors"
	"time"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// pageSize is how many delivery orders one task of the walk enrolls.
const pageSize = 200

// orderLister lists the delivery orders in flight at a location, page by page. The index implements it; a list query
// of the platform could replace it (none is documented).
type orderLister interface {
	InFlight(ctx context.Context, organization, location, cursor string, page int) (ids []string, next string, err error)
}

var _ orderLister = (*index.Index)(nil)

// shouldWalk reports whether the walk of an incident continues: its location did not recover, nobody closes it, and what is in flight
// there may begin or waits for another approval.
func shouldWalk(inc *journal.Incident) bool {
	return inc.RecoveredAt.IsZero() && (inc.MayBegin() || inc.ByPlan && inc.State == journal.AwaitingApproval)
}

// Fanout runs incident:fanout: it enrolls one page of the delivery orders in flight, reopens records of that page that
// are over although the order is still there, and submits the next page. Enrolling twice is harmless.
func (s *Incidents) Fanout(ctx context.Context, payload []byte) worker.Outcome {
	m, err := tasks.Decode[tasks.Fanout](payload)
	if err != nil {
		return worker.Retry(err)
	}
	inc, err := s.Journal.Incident(ctx, m.Organization, m.Incident)
	if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrNewer) || errors.Is(err, journal.ErrCorrupt) {
		return worker.Superseded(err.Error())
	}
	if err != nil {
		return worker.Retry(err)
	}
	if !shouldWalk(inc) {
		return worker.Superseded("nothing of this incident may begin any more")
	}
	next, err := s.enrollPage(ctx, s.Index, inc, m.Cursor)
	if err != nil {
		return worker.Retry(err)
	}
	if next == "" && inc.MayBegin() {
		err = s.enrollCancelled(ctx, inc)
	}
	if err != nil {
		return worker.Retry(err)
	}
	if next != "" {
		m.Cursor, m.Page = next, m.Page+1
		return worker.RequeueAt(m, s.Now())
	}
	if inc.FirstWalkDone {
		return worker.Completed()
	}
	_, err = s.updateIncident(ctx, m.Organization, m.Incident, func(i *journal.Incident) error {
		i.FirstWalkDone = true
		return nil
	})
	if err != nil {
		return worker.Retry(err)
	}
	return worker.Completed()
}

func (s *Incidents) enrollPage(ctx context.Context, from orderLister, inc *journal.Incident, cursor string) (next string, err error) {
	ids, next, err := from.InFlight(ctx, inc.Organization, inc.LocationID, cursor, pageSize)
	if err != nil {
		return "", err
	}
	standing, err := s.Journal.ApprovalStatuses(ctx, inc.Organization, inc.ID, nil, ids)
	if err != nil {
		return "", err
	}
	for i, id := range ids {
		switch {
		case standing[i].Enrolled:
			err = s.reopenRecord(ctx, inc, id, standing[i])
		case inc.MayBegin() && (!inc.ByPlan || standing[i].Approved):
			err = s.enroll(ctx, inc, id)
		}
		if err != nil {
			return "", err
		}
	}
	return next, nil
}

const (
	cancelledLookback = 15 * time.Minute // how long before the incident's opening to search
	maxCancelled      = 500
)

// enrollCancelled enrolls delivery orders that were cancelled at the location since it failed and belong to no lineage
// of ours. Usually somebody else cancelled them and there is nothing to do. But where the journal was lost, or
// restored from a backup, we may have cancelled one, and then a DRAFT elsewhere is all that is left of it.
func (s *Incidents) enrollCancelled(ctx context.Context, inc *journal.Incident) error {
	ids, err := s.Index.Cancelled(ctx, inc.Organization, inc.LocationID, inc.OpenedAt.Add(-cancelledLookback), maxCancelled)
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, root, err := s.Journal.OpenByLineage(ctx, inc.Organization, id)
		if err != nil {
			return err
		}
		if root != "" {
			continue
		}
		if err := s.enroll(ctx, inc, id); err != nil {
			return err
		}
	}
	return nil
}

// enroll stores the record of one delivery order and submits its first task. If the worker dies in between, the lease
// scan finds the record.
func (s *Incidents) enroll(ctx context.Context, inc *journal.Incident, id string) error {
	e, _, err := s.Index.Get(ctx, inc.Organization, id)
	if err != nil {
		return err
	}
	r := &journal.Reassignment{
		Identity: journal.Identity{Organization: inc.Organization, Incident: inc.ID, DeliveryOrder: id, OrderNumber: e.Number, Orders: e.Orders, FromID: inc.LocationID, From: inc.Location, Integration: inc.Integration, OpenedAt: s.Now().UTC()},
		Original: journal.Original{Status: e.Status, Priority: e.Priority},
	}
	_, fresh, err := s.Journal.Enroll(ctx, r)
	if err != nil || !fresh {
		return err
	}
	if inc.FirstWalkDone {
		s.logFound(inc.Organization, foundLate, 1)
	}
	return s.Queue.Submit(ctx, tasks.Reassign{V: tasks.Version, Organization: r.Identity.Organization, Reassignment: r.Identity.ID, At: r.Version}, s.Now())
}
