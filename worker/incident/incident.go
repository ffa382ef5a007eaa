// Package incident decides whether a location has really failed, and moves its delivery orders as a whole. An errored
// event opens an incident in the state settling; after the settle window the location is read again (the second
// observation). Then the gates are judged; when none holds the incident back, a walk through the index enrolls the
// delivery orders in flight there, and package handover moves each of them. The incident is watched until the location
// recovers. The sweep does all this on a timer, too, for what no event told.
//
// What it promises: an event is a hint, and only what the platform reads now changes the state. Every transition is
// made by reconcile, whoever asked for it: an observation, the sweep or an operator. Pause, stop and approve are
// honoured before the next mutation (P4); no incident drains unless its location reads ERROR or an operator opened it and
// approved the plan (P5). The states are drawn in package journal.
//
// Its tasks are location:observe, incident:fanout and sweep (package tasks). Package ops calls the methods of which
// operator actions consist: FreezePlan, ContinueApproved, Stop, Unblock, OpenByHand, CloseByHand, Pause, Resume.
package incident

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/plan"
)

// Settings are the section incident of the configuration.
type Settings struct {
	Mode         string        // automatic | approve
	Settle       time.Duration // from the first hint to the second observation
	ApproveAbove int           // how many delivery orders may move without an approval
	Canary       int           // as journal.New takes it
	MaxShare     float64       // largest share of the known locations that may have failed, 0 to 1
	Cooldown     time.Duration // from the end of an incident until its location may be drained again
	Sweep        time.Duration
	Statuses     []string // of the section handover: which statuses count for ApproveAbove
	Retention    Retention
}

// The values of Settings.Mode.
const (
	AutomaticMode = "automatic"
	ApproveMode   = "approve"
)

// Incidents runs the incidents of every configured organization. Its methods may be called by several goroutines.
type Incidents struct {
	Journal       *journal.Journal
	Index         *index.Index
	Queue         tasks.Queue
	Organizations map[string]*worker.Organization
	Handover      *handover.Handover
	Planner       *plan.Planner
	Settings      Settings
	Now           func() time.Time
	// OnSweep, Found and Urgent are called after a sweep of one organization, for what a sweep found and corrected,
	// and for what an operator has to look at at once. Each may be nil.
	OnSweep func(organization string, err error)
	Found   func(organization, finding string, n int)
	Urgent  func(organization, reason string)
	Log     *slog.Logger

	memory   memory
	sweeping sync.Map             // organizations whose sweep runs now
	warned   map[string]time.Time // when the log last warned of an unserved organization; only NoteAttendance uses it
}

// maxTries is how often one run repeats a compare-and-set of an incident that somebody else changed.
const maxTries = 5

// Observe runs location:observe. The first hint opens the incident, or joins the one that is open; the second
// observation judges it. An errored event within a settle window of another one of the same integration tells of the same
// failure: it joins that incident, and if that is over, it opens no other unless the location reads ERROR now. Running it
// twice is harmless.
func (s *Incidents) Observe(ctx context.Context, payload []byte) worker.Outcome {
	m, err := tasks.Decode[tasks.Observe](payload)
	if err != nil {
		return worker.Retry(err)
	}
	org := s.Organizations[m.Organization]
	if org == nil {
		return worker.Superseded("organization is not configured any more")
	}
	if m.Recheck {
		return s.recheck(ctx, org, m)
	}
	if m.Incident == "" {
		over, err := s.isOfEndedIncident(ctx, m)
		switch {
		case err != nil:
			return worker.Retry(err)
		case over:
			return s.recheck(ctx, org, m)
		}
		return s.openOrJoin(ctx, m)
	}
	inc, err := s.Journal.Incident(ctx, m.Organization, m.Incident)
	if errors.Is(err, journal.ErrNotFound) || errors.Is(err, journal.ErrNewer) || errors.Is(err, journal.ErrCorrupt) {
		return worker.Superseded(err.Error())
	}
	if err != nil {
		return worker.Retry(err)
	}
	if !inc.State.IsOpen() {
		return worker.Superseded("the incident is over")
	}
	wait, err := s.reconcile(ctx, org, inc)
	if err != nil {
		return worker.Retry(err)
	}
	if wait > 0 {
		m.Round++
		return worker.RequeueAt(m, s.Now().Add(wait))
	}
	return worker.Completed()
}

// isOfEndedIncident reports whether an errored event tells of a failure whose incident is over: it is dated within a
// settle window of another event of the same integration, as where one failure is told on two roads.
func (s *Incidents) isOfEndedIncident(ctx context.Context, m tasks.Observe) (bool, error) {
	if m.Dated.IsZero() {
		return false, nil
	}
	told, err := s.Journal.WasErroredAround(ctx, m.Organization, m.Integration, m.Dated, s.Settings.Settle)
	if err != nil || !told {
		return false, err
	}
	open, err := s.Journal.OpenIncidents(ctx, m.Organization)
	return open[m.Location] == "", err
}

// recheck reads a location of which an event came that proves no new failure. An open incident is judged now; without one, an
// incident is opened only if the location reads ERROR.
func (s *Incidents) recheck(ctx context.Context, org *worker.Organization, m tasks.Observe) worker.Outcome {
	open, err := s.Journal.OpenIncidents(ctx, m.Organization)
	if err != nil {
		return worker.Retry(err)
	}
	if id := open[m.Location]; id != "" {
		return worker.RequeueAt(s.nextObservation(&journal.Incident{Organization: m.Organization, LocationID: m.Location, ID: id}), s.Now())
	}
	loc, err := org.ForBackground.Location(ctx, m.Location)
	if err != nil || loc.Integration == nil || loc.Integration.State != orders.IntegrationError {
		return worker.Completed() // the next sweep reads what could not be read now
	}
	m.Recheck, m.Integration = false, loc.Integration.ID
	return s.openOrJoin(ctx, m)
}

// openOrJoin opens the incident of a location, or counts the event for the one that is open.
func (s *Incidents) openOrJoin(ctx context.Context, m tasks.Observe) worker.Outcome {
	now := s.Now().UTC().Truncate(time.Millisecond)
	place, _, err := s.Index.Location(ctx, m.Organization, m.Location)
	if err != nil {
		return worker.Retry(err)
	}
	fresh := &journal.Incident{
		ID: journal.IncidentID(m.Organization, m.Location, now), Organization: m.Organization,
		LocationID: m.Location, Location: place.Slug, Integration: m.Integration,
		State: journal.Settling, OpenedAt: now,
	}
	if err := s.snapshotIndex(ctx, fresh); err != nil {
		return worker.Retry(err)
	}
	fresh.Note(now, "opened; the location is read again at "+formatTime(now.Add(s.Settings.Settle)), "")
	inc, err := s.Journal.Open(ctx, fresh)
	if err != nil {
		return worker.Retry(err)
	}
	inc.Events++
	if err := s.Journal.SaveIncident(ctx, inc, now); err != nil && !errors.Is(err, journal.ErrObsolete) {
		return worker.Retry(err)
	}
	if !m.Dated.IsZero() {
		if err := s.Journal.NoteErrored(ctx, m.Organization, m.Integration, m.Dated); err != nil {
			return worker.Retry(err)
		}
	}
	if inc.ID == fresh.ID && inc.Events == 1 {
		s.logChange(ctx, inc, "incident opened")
	}
	if inc.State != journal.Settling {
		return worker.Completed()
	}
	return worker.RequeueAt(tasks.Observe{V: tasks.Version, Organization: m.Organization, Location: m.Location, Incident: inc.ID, Round: 1},
		inc.SettlingSince().Add(s.Settings.Settle))
}

// updateIncident applies do to the newest version of the incident and saves it; where somebody else changed the
// incident meanwhile, it is read and do applied again.
func (s *Incidents) updateIncident(ctx context.Context, organization, id string, do func(*journal.Incident) error) (*journal.Incident, error) {
	for range maxTries {
		inc, err := s.Journal.Incident(ctx, organization, id)
		if err != nil {
			return nil, err
		}
		if err := do(inc); err != nil {
			return nil, err
		}
		err = s.Journal.SaveIncident(ctx, inc, s.Now())
		if err == nil {
			return inc, nil
		}
		if !errors.Is(err, journal.ErrObsolete) {
			return nil, err
		}
	}
	return nil, journal.ErrObsolete
}

func (s *Incidents) logChange(ctx context.Context, inc *journal.Incident, what string) {
	s.Log.InfoContext(ctx, what, "organization", inc.Organization, "incident", inc.ID, "location", inc.LocationID,
		"state", string(inc.State), "index_incomplete", inc.IndexIncomplete)
}
