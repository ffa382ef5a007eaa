// Package incident decides whether a location has really failed, and what is done about it as a whole:
// a settle window and a second observation, the gates, the walk through the index that enrols its
// delivery orders, the watch until the location recovers, and the sweep that heals what was missed.
//
// The errored event only opens the question. What the platform reads, now, is the answer; every
// transition is made by judge, whoever asked for it: the second observation, the sweep or an operator.
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
	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/journal"
)

// Settings are the operator's choices, from the incident section of the configuration.
type Settings struct {
	Mode         string        // automatic | approve
	Settle       time.Duration // the second observation comes after this
	ApproveAbove int           // delivery orders that would move; more wait for an operator
	Canary       int           // as journal.Journal has it
	MaxShare     float64       // of the known locations that may be under incident
	Cooldown     time.Duration // after a closed incident, until its location is drained again
	Sweep        time.Duration
	Statuses     []string // of handover: what counts for ApproveAbove
	Retention    Retention
}

// The modes.
const (
	AutomaticMode = "automatic"
	ApproveMode   = "approve"
)

// Incidents runs the incidents of every organization.
type Incidents struct {
	Journal       *journal.Journal
	Index         *index.Index
	Queue         tasks.Queue
	Organizations map[string]*worker.Organization
	Handover      *handover.Handover
	Settings      Settings
	Now           func() time.Time
	// OnSweep, Found and Urgent tell of a sweep over one organization, of what was found and set right, and of
	// what somebody must look at at once; nil: nobody wants to know.
	OnSweep func(organization string, err error)
	Found   func(organization, finding string, n int)
	Urgent  func(organization, reason string)
	Log     *slog.Logger

	memory   memory
	sweeping sync.Map             // organizations whose sweep runs now
	warned   map[string]time.Time // when the log warned of an organization that nobody serves; Attend alone looks at it
}

// maxTries bounds how often a lost compare-and-set of an incident is repeated in one run.
const maxTries = 5

// Observe runs location:observe. The first hint opens the incident, or joins the one that is open; the
// second observation judges it.
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

// recheck looks at a location of which something else than errored was told. An open incident is judged now;
// without one, it is opened only if the location reads ERROR.
func (s *Incidents) recheck(ctx context.Context, org *worker.Organization, m tasks.Observe) worker.Outcome {
	open, err := s.Journal.OpenIncidents(ctx, m.Organization)
	if err != nil {
		return worker.Retry(err)
	}
	if id := open[m.Location]; id != "" {
		return worker.RequeueAt(s.nextObservation(&journal.Incident{Organization: m.Organization, LocationID: m.Location, ID: id}), s.Now())
	}
	loc, err := org.ForBackground.Location(ctx, m.Location)
	if err != nil || loc.Integration == nil || loc.Integration.State != handover.IntegrationError {
		return worker.Completed() // what could not be read, the sweep reads
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
	fresh.Note(now, "opened; the location is observed again after the settle window", "")
	inc, err := s.Journal.Open(ctx, fresh)
	if err != nil {
		return worker.Retry(err)
	}
	inc.Events++
	if err := s.Journal.SaveIncident(ctx, inc, now); err != nil && !errors.Is(err, journal.ErrObsolete) {
		return worker.Retry(err)
	}
	if inc.ID == fresh.ID && inc.Events == 1 {
		s.logChange(ctx, inc, "incident opened")
	}
	if inc.State != journal.Settling {
		return worker.Completed()
	}
	return worker.RequeueAt(tasks.Observe{V: tasks.Version, Organization: m.Organization, Location: m.Location, Incident: inc.ID, Round: 1},
		inc.OpenedAt.Add(s.Settings.Settle))
}

// updateIncident applies what do says to the newest version of the incident; do is repeated where somebody else
// was faster.
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
