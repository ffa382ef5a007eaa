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
	if r.Decision != nil {
		var err error
		if decision, err = json.Marshal(r.Decision); err != nil {
			return nil, fmt.Errorf("showing the decision about %s: %w", r.DeliveryOrder, err)
		}
	}
	var lines []api.Line
	for _, l := range r.Lines {
		lines = append(lines, api.Line(l))
	}
	return &api.Reassignment{
		SchemaVersion: r.SchemaVersion, ID: r.ID, Organization: r.Organization, Incident: r.Incident, DeliveryOrder: r.DeliveryOrder,
		Root: r.Root, OrderNumber: r.OrderNumber, Orders: r.Orders, FromID: r.FromID, From: r.From, Integration: r.Integration,
		Status: r.Status, OpenedAt: r.OpenedAt, UpdatedAt: r.UpdatedAt,

		State: r.State, Leased: r.Leased, Reason: r.Reason, Admitted: r.Admitted, ReservedRequests: r.ReservedRequests,
		PlanDeviation: r.PlanDeviation, ManualRetry: r.ManualRetry, Step: r.Step, StepAt: r.StepAt, Undo: (*api.Undo)(r.Undo),

		Decision: decision, Priority: r.Priority, Dispatch: r.Dispatch, FulfilmentRequested: r.FulfilmentRequested, To: r.To,
		ToID: r.ToID, ToType: r.ToType, Adopted: r.Adopted, Country: r.Country, Pickup: r.Pickup, OrderType: r.OrderType,
		TriedLocations: r.TriedLocations, LastRejection: r.LastRejection, Hops: r.Hops,

		Lines: lines, Units: r.Units, SiblingsBefore: r.SiblingsBefore,
		Replacement: r.Replacement, UnprovenDraftID: r.UnprovenDraftID, LateDrafts: r.LateDrafts, LateCancel: flattenCancellation(r.LateCancel),
		PastReplacements: r.PastReplacements,

		Intent: (*api.Intent)(r.Intent), UnclearAnswer: r.UnclearAnswer, CancelSentAt: r.CancelSentAt, CancelReadAt: r.CancelReadAt,
		CanceledBefore: (*api.CanceledEvents)(r.CanceledBefore), RejectedBefore: r.RejectedBefore, DisputedAt: r.DisputedAt,
		ReleaseToldAt: r.ReleaseToldAt, ReleaseIntendedAt: r.ReleaseIntendedAt, ReleasedAt: r.ReleasedAt, Proceeded: r.Proceeded,
		SentAt: r.SentAt, ReplacementCancel: flattenCancellation(r.ReplacementCancel), ReplacementGoneAt: r.ReplacementGoneAt,
		ReplacementMissingSince: r.ReplacementMissingSince,

		WaitStartedAt: r.WaitStartedAt, Polls: r.Polls, PollAt: r.PollAt, GoneSince: r.GoneSince, SeenAt: r.SeenAt, AwaitedAt: r.AwaitedAt,
		Returns: r.Returns, Requests: r.Requests, Failures: r.Failures, Repeats: r.Repeats, ArchivedVersion: r.ArchivedVersion,

		History: r.History,
	}, nil
}

func flattenCancellation(c *journal.Cancellation) *api.Cancellation {
	if c == nil {
		return nil
	}
	return &api.Cancellation{SentAt: c.SentAt, ReasonIfKept: c.ReasonIfKept, Before: api.CanceledEvents(c.Before), RepliesLost: c.RepliesLost}
}
