package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
)

// Limits and times of the journal.
const (
	leaseSlack   = 5 * time.Second  // how much longer than a request's deadline a lease lasts
	waitGrace    = 30 * time.Second // how late a task may be until its record is driven again
	maxOrders    = 100              // how many of a reassignment's parent orders Find knows
	requeueGrace = 20 * time.Second // how long a task that was submitted again may wait to be picked up
)

// The errors of the journal. They come wrapped; ask with errors.Is. After each of them the record itself was not changed.
var (
	ErrNotFound   = errors.New("not in the journal")
	ErrObsolete   = errors.New("somebody else changed the record")
	ErrPaused     = errors.New("paused")
	ErrHeld       = errors.New("the incident lets nothing move")
	ErrCanary     = errors.New("the canary lets no more begin")
	ErrUnapproved = errors.New("no approved plan names it")
	ErrNewer      = errors.New("the record was written by a newer release")
	ErrCorrupt    = errors.New("the record cannot be read")
	ErrOwned      = errors.New("another record has its lineage")
)

// IsUnreadable reports whether the journal has no record that this release can use: none at all, one of a newer release, which
// is left untouched, or one that cannot be read, which is an operator's.
func IsUnreadable(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrNewer) || errors.Is(err, ErrCorrupt)
}

// Journal stores the records in Redis. It may be used by several goroutines, and by several processes over one Redis.
type Journal struct {
	rdb     redis.UniversalClient
	request time.Duration
	canary  int
}

// New returns the journal over Redis. request is the deadline of one request to the platform; leases last longer than
// it. canary is how many reassignments of one incident may stand between prepare and send until one of its
// replacements was sent, and how many may end in a row refused or unconfirmed; 0: any number.
func New(rdb redis.UniversalClient, request time.Duration, canary int) *Journal {
	return &Journal{rdb: rdb, request: request, canary: canary}
}

// CanarySize returns the limit of the canary that New was given.
func (j *Journal) CanarySize() int { return j.canary }

// leaseDue is when a record that is being driven counts as abandoned: after its lease, and one more request timeout so
// that no late request is in the air.
func (j *Journal) leaseDue() time.Duration { return 2*j.request + leaseSlack }

// Enroll stores r as a new record, unless the delivery order has one in this incident or its lineage has an open one
// elsewhere. owner is the id of the record that has it; fresh reports whether that is r's own, new one. Enrolling
// twice is harmless: the second call returns the first one's id and false.
func (j *Journal) Enroll(ctx context.Context, r *Reassignment) (owner string, fresh bool, err error) {
	r.SchemaVersion = SchemaVersion
	r.Identity.ID = ReassignmentID(r.Identity.Incident, r.Identity.DeliveryOrder)
	r.State = Pending
	r.UpdatedAt = r.Identity.OpenedAt
	r.Identity.Root = r.Identity.DeliveryOrder
	k := keys(r.Identity.Organization)
	for {
		body, err := json.Marshal(r)
		if err != nil {
			return "", false, fmt.Errorf("enrolling %s: %w", r.Identity.DeliveryOrder, err)
		}
		answer, err := enrollRecord.Run(ctx, j.rdb,
			redisscript.Keys{"record": k.record(r.Identity.ID), "rows": k.rows(r.Identity.Incident), "counts": k.counts(r.Identity.Incident), "open": k.open(),
				"lineage": k.lineage(), "watch": k.watch(), "due": k.due(), "group": k.group(r.Identity.Incident, string(r.State))},
			redisscript.Args{"id": r.Identity.ID, "delivery_order": r.Identity.DeliveryOrder, "body": body, "state": r.State,
				"due_in_ms": waitGrace.Milliseconds(), "root": r.Identity.Root}).StringSlice()
		if err != nil {
			return "", false, fmt.Errorf("enrolling %s: %w", r.Identity.DeliveryOrder, err)
		}
		switch answer[0] {
		case "new":
			r.Version = 1
			return r.Identity.ID, true, j.indexNames(ctx, r)
		case "root": // the delivery order replaces one of an earlier lineage
			r.Identity.Root = answer[1]
		default:
			return answer[1], false, nil
		}
	}
}

// indexNames makes the record findable by its order ids and order numbers, too.
func (j *Journal) indexNames(ctx context.Context, r *Reassignment) error {
	k := keys(r.Identity.Organization)
	names := []string{r.Identity.DeliveryOrder, r.Identity.OrderNumber, r.Replacement.ID}
	names = append(names, r.Identity.Orders[:min(len(r.Identity.Orders), maxOrders)]...)
	_, err := j.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, name := range names {
			if name != "" {
				p.SAdd(ctx, k.name(name), r.Identity.ID)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remembering names of %s: %w", r.Identity.ID, err)
	}
	return nil
}

// Get returns one record with its version. The error wraps ErrNotFound, ErrNewer or ErrCorrupt.
func (j *Journal) Get(ctx context.Context, organization, id string) (*Reassignment, error) {
	fields, err := j.rdb.HMGet(ctx, keys(organization).record(id), "version", "body").Result()
	if err != nil {
		return nil, fmt.Errorf("reading reassignment %s: %w", id, err)
	}
	r := &Reassignment{}
	if r.Version, err = decodeRecord(fields, r); err != nil {
		if failed := j.markCorrupt(ctx, organization, id, fields); failed != nil {
			return nil, failed
		}
		return nil, fmt.Errorf("reading reassignment %s: %w", id, err)
	}
	if r.SchemaVersion > SchemaVersion {
		return nil, fmt.Errorf("reading reassignment %s: shape %d: %w", id, r.SchemaVersion, ErrNewer)
	}
	return r, nil
}

// decodeRecord decodes the version and the body of a record.
func decodeRecord(fields []any, into any) (version int64, err error) {
	v, ok := fields[0].(string)
	body, both := fields[1].(string)
	if !ok || !both {
		return 0, ErrNotFound
	}
	if version, err = strconv.ParseInt(v, 10, 64); err != nil {
		return 0, ErrCorrupt
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		return version, ErrCorrupt
	}
	if r, is := into.(*Reassignment); is && r.Identity.ID == "" && r.SchemaVersion <= SchemaVersion {
		return version, ErrCorrupt // of a layout that no release has written
	}
	return version, nil
}

// saveOptions says how a record is saved.
type saveOptions struct {
	due          time.Duration // from now, by Redis's clock, until somebody has to drive it; negative: never
	leased       bool          // the caller keeps the lease and goes on
	guarded      bool          // refuse with ErrPaused while everything, its location or its target is paused
	moving       bool          // refuse with ErrHeld unless the incident lets reassignments move
	resting      bool          // the record begins to wait or to rest: report an event that came meanwhile
	acquiresSlot bool          // refuse with ErrCanary unless the canary has a slot for it
	waitsForSlot bool          // put it into the queue for a slot
	reopens      bool          // it was over: refuse unless its incident is open for it and no other record has its lineage
}

// put saves r by compare-and-set. On success r.Version is the new version. signalled reports that an event concerning
// the record came while it was being driven.
func (j *Journal) put(ctx context.Context, r *Reassignment, at time.Time, w saveOptions) (signalled bool, err error) {
	if err := checkWritable(r); err != nil {
		return false, fmt.Errorf("writing reassignment %s: %w: %w", r.Identity.ID, err, ErrObsolete)
	}
	k := keys(r.Identity.Organization)
	r.UpdatedAt, r.Leased = at.UTC().Truncate(time.Millisecond), w.leased
	body, err := json.Marshal(r)
	if err != nil {
		return false, fmt.Errorf("writing reassignment %s: %w", r.Identity.ID, err)
	}
	dueIn, location := "", ""
	if w.due >= 0 {
		dueIn = strconv.FormatInt(w.due.Milliseconds(), 10)
	}
	if w.guarded {
		location = r.Identity.FromID
	}
	reason, target := r.groupKeys()
	approved := r.Decision.ToID
	if r.Plan.ManualRetry {
		approved = anyTarget
	}
	answer, err := saveRecord.Run(ctx, j.rdb,
		redisscript.Keys{
			"record": k.record(r.Identity.ID), "counts": k.counts(r.Identity.Incident), "open": k.open(), "lineage": k.lineage(), "watch": k.watch(),
			"due": k.due(), "nudged": k.signalled(), "pause": k.pauses(), "incident": k.incident(r.Identity.Incident), "places": k.canarySlots(r.Identity.Incident),
			"queue": k.canaryQueue(r.Identity.Incident), "approved": k.approved(r.Identity.Incident), "left_out": k.deviations(r.Identity.Incident),
		},
		redisscript.Args{
			"id": r.Identity.ID, "expected_version": r.Version, "body": body, "state": r.State, "reason": reason, "target": target,
			"group_prefix": k.group(r.Identity.Incident, ""), "severity": r.Severity(), "severity_prefix": k.severity(""), "due_in_ms": dueIn, "delivery_order": r.Identity.DeliveryOrder, "root": r.Identity.Root,
			"replacement": r.Replacement.ID, "location": location, "target_location": r.Decision.ToID, "everything": AllLocations,
			"moving": w.moving, "approved_target": approved, "any_target": anyTarget, "resting": w.resting, "reopening": w.reopens,
			"place": r.canarySlot(w.acquiresSlot), "canary": j.canary, "sent": r.Sent(), "refused": r.countsAgainstCanary(), "rank": r.queuePriority(w.waitsForSlot),
			"left_out": r.Plan.Deviation, "at_ms": r.UpdatedAt.UnixMilli(),
			"moving_states": movingStates, "reopening_states": reopeningStates, "ended_states": endedStates, "resting_states": restingStates,
		}).Int64Slice()
	if err != nil {
		return false, fmt.Errorf("writing reassignment %s: %w", r.Identity.ID, err)
	}
	switch answer[0] {
	case 1:
		r.Version = answer[1]
		return answer[2] == 1, nil
	case -1:
		return false, fmt.Errorf("writing reassignment %s: %w", r.Identity.ID, ErrPaused)
	case -2:
		return false, fmt.Errorf("writing reassignment %s: %w", r.Identity.ID, ErrHeld)
	case -3:
		return false, fmt.Errorf("writing reassignment %s: %w", r.Identity.ID, ErrCanary)
	case -4:
		return false, fmt.Errorf("writing reassignment %s: %w", r.Identity.ID, ErrUnapproved)
	case -5:
		return false, fmt.Errorf("writing reassignment %s: %w", r.Identity.ID, ErrOwned)
	default:
		return false, fmt.Errorf("writing reassignment %s: version %d is now %d: %w", r.Identity.ID, r.Version, answer[1], ErrObsolete)
	}
}

// checkWritable tells why a record that was listed must not be written: a newer release's fields would be
// lost, and what cannot be read might be half done. An operator may close the latter.
func checkWritable(r *Reassignment) error {
	switch {
	case r.SchemaVersion > SchemaVersion:
		return ErrNewer
	case r.SchemaVersion == 0 && r.Reason != ByPerson:
		return ErrCorrupt
	}
	r.SchemaVersion = SchemaVersion
	return nil
}
