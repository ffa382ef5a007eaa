package admin

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
		known func(b *fixture) string // what the index takes for Lyon
		asked string                  // as the operator writes it; "": the slug
		away  bool
		want  func(b *fixture) string
	}{
		"the index is right":        {known: lyonOf, want: lyonOf},
		"it passed on":              {known: lilleOf, want: lyonOf},
		"the one before is no more": {known: func(*fixture) string { return gone }, want: lyonOf},
		"the platform is away":      {known: lilleOf, away: true, want: lilleOf},
		"an id is an id":            {known: lyonOf, asked: gone, away: true, want: func(*fixture) string { return gone }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixture(t)
			for id, slug := range map[string]string{gone: "", tt.known(b): sandbox.Lyon} {
				if err := b.desk.Index.PutLocation(t.Context(), organization, index.Location{ID: id, Slug: slug, Date: time.Now().Add(-time.Minute)}); err != nil {
					t.Fatal(err)
				}
			}
			if tt.away {
				b.platform.AddFault(sandbox.Fault{Kind: sandbox.Fault500, Operation: "location"})
			}
			asked := tt.asked
			if asked == "" {
				asked = sandbox.Lyon
			}
			got, err := b.desk.resolveLocation(t.Context(), "", asked)
			if err != nil || got.id != tt.want(b) {
				t.Errorf("%q is %+v, %v, want %s", asked, got, err, tt.want(b))
			}
			if id, err := b.desk.Index.LocationID(t.Context(), organization, sandbox.Lyon); err != nil || id != tt.want(b) && asked == sandbox.Lyon {
				t.Errorf("the index takes %s for Lyon, %v, want %s", id, err, tt.want(b))
			}
		})
	}
}

func lyonOf(b *fixture) string  { return b.merchant.Locations[sandbox.Lyon] }
func lilleOf(b *fixture) string { return b.merchant.Locations[sandbox.Lille] }
