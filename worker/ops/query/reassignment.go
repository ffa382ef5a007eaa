package query

import (
	"encoding/json"
	"fmt"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/journal"
)

// flatten returns a record as the API shows it. This is the one place that knows both how a record is stored and how it
// is shown.
func flatten(r *journal.Reassignment) (*api.Reassignment, error) {
	var decision json.RawMessage
	if r.Decision.Policy != nil {
		var err error
		if decision, err = json.Marshal(r.Decision.Policy); err != nil {
			return nil, fmt.Errorf("showing the decision about %s: %w", r.Identity.DeliveryOrder, err)
		}
	}
	return &api.Reassignment{
		SchemaVersion: r.SchemaVersion, ID: r.Identity.ID, Organization: r.Identity.Organization, Incident: r.Identity.Incident, DeliveryOrder: r.Identity.DeliveryOrder,
		Root: r.Identity.Root, OrderNumber: r.Identity.OrderNumber, Orders: r.Identity.Orders, FromID: r.Identity.FromID, From: r.Identity.From, Integration: r.Identity.Integration,
		Status: r.Original.Status, OpenedAt: r.Identity.OpenedAt, UpdatedAt: r.UpdatedAt,

		State: r.State, Leased: r.Leased, Reason: r.Reason, Admitted: r.Admission.Admitted, ReservedRequests: r.Admission.ReservedRequests,
		PlanDeviation: r.Plan.Deviation, ManualRetry: r.Plan.ManualRetry, Step: r.Step, StepAt: r.StepAt, Undo: (*api.Undo)(r.Undo),

		Decision: decision, Priority: r.Original.Priority, Dispatch: r.Original.Dispatch, FulfilmentRequested: r.Original.FulfilmentRequested, To: r.Decision.To,
		ToID: r.Decision.ToID, ToType: r.Decision.ToType, Adopted: r.Replacement.Adopted, Country: r.Original.Country, Pickup: r.Original.Pickup, OrderType: r.Original.OrderType,
		TriedLocations: r.Decision.TriedLocations, LastRejection: r.Decision.LastRejection, Hops: r.Decision.Hops,

		Lines: linesOf(r), Units: r.Original.Units, SiblingsBefore: r.Replacement.SiblingsBefore,
		Replacement: r.Replacement.ID, UnprovenDraftID: r.Replacement.UnprovenDraftID, LateDrafts: r.Replacement.LateDrafts, LateCancel: flattenCancellation(r.Replacement.LateCancel),
		PastReplacements: r.Replacement.Past,

		Intent: (*api.Intent)(r.Intent), UnclearAnswer: r.Retry.UnclearAnswer, CancelSentAt: r.Release.CancelSentAt, CancelReadAt: r.Release.CancelReadAt,
		CanceledBefore: (*api.CanceledEvents)(r.Release.CanceledBefore), RejectedBefore: r.Release.RejectedBefore, DisputedAt: r.Release.DisputedAt,
		ReleaseToldAt: r.Release.ToldAt, ReleaseIntendedAt: r.Release.IntendedAt, ReleasedAt: r.Release.ConfirmedAt, Proceeded: r.Release.Proceeded,
		SentAt: r.Replacement.SentAt, ReplacementCancel: flattenCancellation(r.Replacement.Cancel), ReplacementGoneAt: r.Replacement.GoneAt,
		ReplacementMissingSince: r.Replacement.MissingSince,

		WaitStartedAt: r.Wait.StartedAt, Polls: r.Wait.Polls, PollAt: r.Wait.PollAt, GoneSince: r.Original.GoneSince, SeenAt: r.Original.SeenAt, AwaitedAt: r.Wait.CandidateSince,
		Returns: r.Retry.Returns, Requests: r.Admission.Requests, Failures: r.Retry.Failures, Repeats: r.Retry.Repeats, ArchivedVersion: r.Retry.ArchivedVersion,

		History: r.History,
	}, nil
}

func flattenCancellation(c *journal.Cancellation) *api.Cancellation {
	if c == nil {
		return nil
	}
	return &api.Cancellation{SentAt: c.SentAt, ReasonIfKept: c.ReasonIfKept, Before: api.CanceledEvents(c.Before), RepliesLost: c.RepliesLost}
}
