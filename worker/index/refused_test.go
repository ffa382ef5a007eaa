package index_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"happycolis-reassigner/worker/index"
	"happycolis-reassigner/worker/redistest"
)

// TestWhatRedisRefusesIsAnError refuses each request of each question and of each change.
func TestWhatRedisRefusesIsAnError(t *testing.T) {
	t.Parallel()
	const org = "org_1"
	thin := index.Entry{ID: "do_1", Location: "loc_paris", Status: "PENDING", Date: noon.Add(time.Minute)}
	for name, ask := range map[string]func(context.Context, *index.Index) error{
		"Put": func(ctx context.Context, x *index.Index) error {
			return second(x.Put(ctx, org, order("do_2", 1), "msg_2"))
		},
		"Put thin": func(ctx context.Context, x *index.Index) error { return second(x.Put(ctx, org, thin, "msg_2")) },
		"Get":      func(ctx context.Context, x *index.Index) error { return third(x.Get(ctx, org, "do_1")) },
		"Seen":     func(ctx context.Context, x *index.Index) error { return second(x.IsSeen(ctx, org, "msg_1")) },
		"See":      func(ctx context.Context, x *index.Index) error { return x.MarkSeen(ctx, org, "msg_2", noon) },
		"Age":      func(ctx context.Context, x *index.Index) error { return second(x.Coverage(ctx, org)) },
		"InFlight": func(ctx context.Context, x *index.Index) error {
			return third(x.InFlight(ctx, org, "loc_paris", "", 9))
		},
		"InFlight, a further page": func(ctx context.Context, x *index.Index) error {
			return third(x.InFlight(ctx, org, "loc_paris", "0|000000000000000|do_0", 9))
		},
		"Cancelled": func(ctx context.Context, x *index.Index) error {
			return second(x.Cancelled(ctx, org, "loc_paris", noon, 9))
		},
		"CountInFlight":    func(ctx context.Context, x *index.Index) error { return second(x.CountInFlight(ctx, org, "loc_paris")) },
		"CountAllInFlight": func(ctx context.Context, x *index.Index) error { return second(x.CountAllInFlight(ctx, org)) },
		"Imported":         func(ctx context.Context, x *index.Index) error { return second(x.ImportProgress(ctx, org, "list")) },
		"Advance":          func(ctx context.Context, x *index.Index) error { return x.RecordProgress(ctx, org, "list", 3) },
		"FinishImport":     func(ctx context.Context, x *index.Index) error { return x.FinishImport(ctx, org, noon) },
		"NoteAsked": func(ctx context.Context, x *index.Index) error {
			return third(x.RecordResult(ctx, org, "list", index.ImportResult{FromStart: true, Lines: []int{1, 2}, Failed: []int{2}}))
		},
		"FailedLines": func(ctx context.Context, x *index.Index) error { return second(x.FailedLines(ctx, org, "list")) },
		"PutPlace": func(ctx context.Context, x *index.Index) error {
			return x.PutLocation(ctx, org, index.Location{ID: "loc_lyon", Slug: "lyon", Date: noon})
		},
		"Place":   func(ctx context.Context, x *index.Index) error { return third(x.Location(ctx, org, "loc_paris")) },
		"PlaceID": func(ctx context.Context, x *index.Index) error { return second(x.LocationID(ctx, org, "paris")) },
		"Places":  func(ctx context.Context, x *index.Index) error { return second(x.Locations(ctx, org)) },
		"PutShipment": func(ctx context.Context, x *index.Index) error {
			return x.PutShipment(ctx, org, "loc_paris", "sh_1", "do_1")
		},
		"Shipments": func(ctx context.Context, x *index.Index) error { return second(x.Shipments(ctx, org, "loc_paris")) },
		"Expire": func(ctx context.Context, x *index.Index) error {
			return second(x.Expire(ctx, org, []string{index.EntryKey(org, "do_1")}, noon.Add(time.Hour)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := int64(1); ; n++ {
				rdb := redistest.NewClient(t, redistest.StartEmbedded(t).Addr())
				x := index.New(rdb)
				_, err := x.Put(t.Context(), org, order("do_1", 0), "msg_1")
				must(t, errors.Join(err, x.PutLocation(t.Context(), org, index.Location{ID: "loc_paris", Slug: "paris", Date: noon}),
					x.PutShipment(t.Context(), org, "loc_paris", "sh_1", "do_1")))
				gone := &redistest.RefusingHook{From: n, To: math.MaxInt64}
				rdb.AddHook(gone)
				err = ask(t.Context(), x)
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

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }
