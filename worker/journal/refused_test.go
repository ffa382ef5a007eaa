package journal_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/journal"
	"happycolis-reassigner/worker/redistest"
)

// asks are all questions and changes of the journal. Each finds an incident with a frozen plan, and in it do_1 at work,
// do_2 with an operator, do_3 new; inc_0 is over, with do_0.
var asks = map[string]func(context.Context, *store) error{
	"Approve": func(ctx context.Context, s *store) error {
		inc, err := s.Incident(ctx, s.org, "inc_1")
		if err != nil {
			return err
		}
		return s.Approve(ctx, inc, 0, 1, then)
	},
	"Approved": func(ctx context.Context, s *store) error {
		return third(s.Journal.Approved(ctx, s.org, "inc_1", "do_1"))
	},
	"Audited":  func(ctx context.Context, s *store) error { return second(s.AuditEntries(ctx, s.org, 9)) },
	"Born":     func(ctx context.Context, s *store) error { return second(s.Generation(ctx, s.org, then)) },
	"Canaries": func(ctx context.Context, s *store) error { return second(s.CanaryStatus(ctx, s.org, "inc_1")) },
	"Claim":    func(ctx context.Context, s *store) error { return second(s.Claim(ctx, s.org, "inc_1/do_3", 1, then)) },
	"Cooling":  func(ctx context.Context, s *store) error { return second(s.Cooldown(ctx, s.org, "loc_paris")) },
	"Defer":    func(ctx context.Context, s *store) error { return s.Defer(ctx, s.org, "inc_1/do_1", time.Minute) },
	"Drop": func(ctx context.Context, s *store) error {
		return s.DeletePlan(ctx, s.org, "inc_1", &journal.Plan{Key: "key"})
	},
	"Due": func(ctx context.Context, s *store) error { return second(s.Due(ctx, s.org, 9)) },
	"EndCooling": func(ctx context.Context, s *store) error {
		return second(s.ClearCooldown(ctx, s.org, "loc_paris", "inc_0"))
	},
	"Enroll":          func(ctx context.Context, s *store) error { return third(s.Enroll(ctx, s.draft("inc_1", "do_9"))) },
	"Enroll another":  func(ctx context.Context, s *store) error { return third(s.Enroll(ctx, s.draft("inc_1", "rep_1"))) },
	"Expire":          func(ctx context.Context, s *store) error { return third(s.Expire(ctx, s.org, later, 9)) },
	"Failing":         func(ctx context.Context, s *store) error { return second(s.OpenIncidents(ctx, s.org)) },
	"Find":            func(ctx context.Context, s *store) error { return second(s.Find(ctx, s.org, "do_1")) },
	"FinishApproval":  func(ctx context.Context, s *store) error { return s.FinishApproval(ctx, s.org, "inc_1") },
	"Forget":          func(ctx context.Context, s *store) error { return s.MarkDataLoss(ctx, s.org, then) },
	"Forgot":          func(ctx context.Context, s *store) error { return second(s.DataLossAt(ctx, s.org)) },
	"ForgetLateDraft": func(ctx context.Context, s *store) error { return s.DeleteLateDraft(ctx, s.org, "dr_1") },
	"Freeze": func(ctx context.Context, s *store) error {
		return s.NewPlan(s.org, "inc_1", "rev", then).Add(ctx, []journal.PlanRow{{DeliveryOrder: "do_1", Action: journal.Left}})
	},
	"Get": func(ctx context.Context, s *store) error { return second(s.Get(ctx, s.org, "inc_1/do_1")) },
	"Group": func(ctx context.Context, s *store) error {
		return third(s.GroupPage(ctx, s.org, "inc_1", journal.NeedsPerson, "", "", 9))
	},
	"Incident":    func(ctx context.Context, s *store) error { return second(s.Incident(ctx, s.org, "inc_1")) },
	"IncidentIDs": func(ctx context.Context, s *store) error { return second(s.IncidentIDs(ctx, s.org)) },
	"Intend": func(ctx context.Context, s *store) error {
		return changed(ctx, s, func(r *journal.Reassignment) error { return s.Intend(ctx, r, then, false) })
	},
	"KeepOutlook": func(ctx context.Context, s *store) error {
		return s.SaveForecast(ctx, &journal.Forecast{Organization: s.org})
	},
	"LastOutlook": func(ctx context.Context, s *store) error { return second(s.LastForecast(ctx, s.org)) },
	"LastSwept":   func(ctx context.Context, s *store) error { return second(s.LastSweepStatus(ctx, s.org)) },
	"LateDrafts":  func(ctx context.Context, s *store) error { return second(s.LateDrafts(ctx, s.org)) },
	"LeftOut":     func(ctx context.Context, s *store) error { return third(s.PlanDeviations(ctx, s.org, "inc_1", 9)) },
	"LockOrder": func(ctx context.Context, s *store) error {
		return second(s.LockOrder(ctx, s.org, "ord_1", "inc_1/do_1"))
	},
	"Newest":        func(ctx context.Context, s *store) error { return second(s.NewestIncidentIDs(ctx, s.org, 9)) },
	"NoteLateDraft": func(ctx context.Context, s *store) error { return s.NoteLateDraft(ctx, s.org, "inc_1/do_1", "dr_2") },
	"NoteObserved": func(ctx context.Context, s *store) error {
		inc, err := s.Incident(ctx, s.org, "inc_1")
		if err != nil {
			return err
		}
		return second(s.NoteObserved(ctx, inc))
	},
	"Nudge": func(ctx context.Context, s *store) error { return second(s.Signal(ctx, s.org, "do_1")) },
	"Open": func(ctx context.Context, s *store) error {
		return second(s.Open(ctx, &journal.Incident{ID: "inc_2", Organization: s.org, LocationID: "loc_lyon", OpenedAt: then}))
	},
	"Open again": func(ctx context.Context, s *store) error {
		return second(s.Open(ctx, &journal.Incident{ID: "inc_2", Organization: s.org, LocationID: "loc_paris", OpenedAt: then}))
	},
	"Owner": func(ctx context.Context, s *store) error { return third(s.OpenByLineage(ctx, s.org, "do_1")) },
	"Pause": func(ctx context.Context, s *store) error {
		return second(s.Pause(ctx, s.org, journal.Pause{Scope: "loc_rome", From: then}))
	},
	"Paused": func(ctx context.Context, s *store) error { return second(s.IsPaused(ctx, s.org, "loc_lyon")) },
	"Pauses": func(ctx context.Context, s *store) error { return second(s.Pauses(ctx, s.org)) },
	"Place": func(ctx context.Context, s *store) error {
		return changed(ctx, s, func(r *journal.Reassignment) error { return s.AcquireCanarySlot(ctx, r, then) })
	},
	"PlanRows": func(ctx context.Context, s *store) error {
		inc, err := s.Incident(ctx, s.org, "inc_1")
		if err != nil {
			return err
		}
		for _, err := range s.PlanRows(ctx, s.org, "inc_1", inc.Plan, 0) {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"Queue": func(ctx context.Context, s *store) error {
		return changed(ctx, s, func(r *journal.Reassignment) error { return second(s.WaitForCanary(ctx, r, then)) })
	},
	"Record": func(ctx context.Context, s *store) error {
		return s.RecordAudit(ctx, s.org, journal.AuditEntry{At: then})
	},
	"Redrive": func(ctx context.Context, s *store) error {
		return changed(ctx, s, func(r *journal.Reassignment) error { return s.Requeue(ctx, r, then) })
	},
	"Rest": func(ctx context.Context, s *store) error {
		return changed(ctx, s, func(r *journal.Reassignment) error {
			r.State = journal.Reassigned
			return second(s.Finish(ctx, r, then))
		})
	},
	"Resume": func(ctx context.Context, s *store) error { return second(s.Resume(ctx, s.org, "loc_lyon", then)) },
	"Row":    func(ctx context.Context, s *store) error { return second(s.GetOrStub(ctx, s.org, "inc_1/do_1")) },
	"Rows": func(ctx context.Context, s *store) error {
		for _, err := range s.Rows(ctx, s.org, "inc_1") {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"Save": func(ctx context.Context, s *store) error {
		return changed(ctx, s, func(r *journal.Reassignment) error { return s.Save(ctx, r, then) })
	},
	"SaveIncident": func(ctx context.Context, s *store) error {
		inc, err := s.Incident(ctx, s.org, "inc_1")
		if err != nil {
			return err
		}
		return s.SaveIncident(ctx, inc, then)
	},
	"SaveSwept": func(ctx context.Context, s *store) error {
		return s.SaveSweepStatus(ctx, s.org, journal.SweepStatus{At: then})
	},
	"Space": func(ctx context.Context, s *store) error { return second(s.RedisMemory(ctx)) },
	"Standings": func(ctx context.Context, s *store) error {
		return second(s.ApprovalStatuses(ctx, s.org, "inc_1", &journal.Plan{Key: "key"}, []string{"do_1"}))
	},
	"StoodStill": func(ctx context.Context, s *store) error {
		return second(s.PausedDuration(ctx, s.org, "loc_paris", then, later))
	},
	"Tallies": func(ctx context.Context, s *store) error {
		return second(s.Tallies(ctx, s.org, []string{"inc_0", "inc_1"}))
	},
	"Tally":       func(ctx context.Context, s *store) error { return second(s.Tally(ctx, s.org, "inc_1")) },
	"TrimAudit":   func(ctx context.Context, s *store) error { return s.TrimAudit(ctx, s.org, then) },
	"UnlockOrder": func(ctx context.Context, s *store) error { return s.UnlockOrder(ctx, s.org, "ord_1", "inc_1/do_1") },
	"Wait": func(ctx context.Context, s *store) error {
		return changed(ctx, s, func(r *journal.Reassignment) error { return second(s.Park(ctx, r, then, later)) })
	},
	"WaiveCanary": func(ctx context.Context, s *store) error { return s.WaiveCanary(ctx, s.org, "inc_1") },
	"Wake":        func(ctx context.Context, s *store) error { return second(s.ReleaseCanaryWaiters(ctx, s.org, "inc_1")) },
	"Walk": func(ctx context.Context, s *store) error {
		return s.ScanKeys(ctx, s.org, 3, func(found []string) error { return s.DeleteLeftovers(ctx, s.org, found, later) })
	},
	"ExpireRemains": func(ctx context.Context, s *store) error {
		return s.DeleteLeftovers(ctx, s.org, []string{journal.IncidentKey(s.org, "inc-20010203T040506-paris:plan")}, later)
	},
}

var later = then.Add(time.Hour)

// changed reads do_1 and does something to it.
func changed(ctx context.Context, s *store, do func(*journal.Reassignment) error) error {
	r, err := s.Get(ctx, s.org, "inc_1/do_1")
	if err != nil {
		return err
	}
	return do(r)
}

// TestWhatRedisRefusesIsAnError refuses each request of each question and of each change.
func TestWhatRedisRefusesIsAnError(t *testing.T) {
	t.Parallel()
	for name, ask := range asks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := int64(1); ; n++ {
				rdb := redistest.NewClient(t, redistest.StartEmbedded(t).Addr())
				s := furnished(t, rdb)
				gone := &redistest.RefusingHook{From: n, To: math.MaxInt64}
				rdb.AddHook(gone)
				err := ask(t.Context(), s)
				if !gone.HasRefused() {
					if n == 1 || err != nil {
						t.Errorf("with Redis there: %v after %d requests", err, n-1)
					}
					break
				}
				if !errors.Is(err, redistest.ErrRefused) {
					t.Errorf("without Redis from its request %d on: got %v, want its error", n, err)
				}
			}
		})
	}
}

// furnished is a journal with what asks need.
func furnished(t *testing.T, rdb redis.UniversalClient) *store {
	t.Helper()
	s := &store{Journal: journal.New(rdb, request, 0), rdb: rdb, org: "org_1"}
	old, err := s.Open(t.Context(), &journal.Incident{ID: "inc_0", Organization: s.org, LocationID: "loc_paris", State: journal.Draining, OpenedAt: then})
	must(t, err)
	r := s.draft("inc_0", "do_0")
	_, _, err = s.Enroll(t.Context(), r)
	must(t, err)
	s.rest(t, r, journal.Reassigned)
	old.State, old.ClosedAt, old.DrainedAt = journal.Closed, then, then
	must(t, s.SaveIncident(t.Context(), old, then))

	inc := s.frozen(t, "do_1")
	inc.State = journal.Draining
	must(t, s.SaveIncident(t.Context(), inc, then))
	working := s.enroll(t, "do_1")
	working.Replacement.ID = "rep_1"
	must(t, s.Save(t.Context(), working, then))
	s.rest(t, s.enroll(t, "do_2"), journal.NeedsPerson)
	s.enroll(t, "do_3")
	must(t, s.NoteLateDraft(t.Context(), s.org, "inc_1/do_1", "dr_1"))
	_, err = s.Pause(t.Context(), s.org, journal.Pause{Scope: "loc_lyon", From: then})
	must(t, err)
	return s
}

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }
