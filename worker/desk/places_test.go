package desk

import (
	"testing"
	"time"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/index"
)

// TestAnOperatorsSlugIsWhatThePlatformSaysNow has the index know a slug as another location's than the platform does.
func TestAnOperatorsSlugIsWhatThePlatformSaysNow(t *testing.T) {
	t.Parallel()
	const gone = "loc_gone"
	tests := map[string]struct {
		known func(b *bench) string // what the index takes for Lyon
		asked string                // as the operator writes it; "": the slug
		away  bool
		want  func(b *bench) string
	}{
		"the index is right":        {known: lyonOf, want: lyonOf},
		"it passed on":              {known: lilleOf, want: lyonOf},
		"the one before is no more": {known: func(*bench) string { return gone }, want: lyonOf},
		"the platform is away":      {known: lilleOf, away: true, want: lilleOf},
		"an id is an id":            {known: lyonOf, asked: gone, away: true, want: func(*bench) string { return gone }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			for id, slug := range map[string]string{gone: "", tt.known(b): sandbox.Lyon} {
				if err := b.desk.Index.PutPlace(t.Context(), organization, index.Place{ID: id, Slug: slug, Date: time.Now().Add(-time.Minute)}); err != nil {
					t.Fatal(err)
				}
			}
			if tt.away {
				b.platform.Mood(sandbox.Mood{Kind: sandbox.Fault500, Operation: "location"})
			}
			asked := tt.asked
			if asked == "" {
				asked = sandbox.Lyon
			}
			got, err := b.desk.place(t.Context(), "", asked)
			if err != nil || got.id != tt.want(b) {
				t.Errorf("%q is %+v, %v, want %s", asked, got, err, tt.want(b))
			}
			if id, err := b.desk.Index.PlaceID(t.Context(), organization, sandbox.Lyon); err != nil || id != tt.want(b) && asked == sandbox.Lyon {
				t.Errorf("the index takes %s for Lyon, %v, want %s", id, err, tt.want(b))
			}
		})
	}
}

func lyonOf(b *bench) string  { return b.merchant.Locations[sandbox.Lyon] }
func lilleOf(b *bench) string { return b.merchant.Locations[sandbox.Lille] }
