package doctor

import (
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/intake"
)

func TestDoctorTellsWhatTheReceiverRefused(t *testing.T) {
	t.Parallel()
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	d := &Doctor{redis: rdb, cfg: &config.Config{Organizations: []config.Organization{
		{Credentials: happycolis.Credentials{Organization: "org_1"}}, {Credentials: happycolis.Credentials{Organization: "org_2"}}}}}
	if got := d.checkReceiver(t.Context()); got != nil {
		t.Errorf("nothing was refused: got %v", got)
	}
	if err := intake.NoteWrongSignatures(t.Context(), rdb, 1, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := intake.NoteOversized(t.Context(), rdb, "org_2", intake.Parked{At: time.Now(), Size: 700 << 10}); err != nil {
		t.Fatal(err)
	}
	got := d.checkReceiver(t.Context())
	if len(got) != 2 || got[0].Check != "signatures" || got[1].Check != "size" || got[1].Organization != "org_2" ||
		!strings.HasPrefix(got[1].Saw, "a webhook of 700 KiB was parked unread") {
		t.Errorf("got %+v", got)
	}
	for _, f := range got {
		if f.Severity != Warning || f.Do == "" {
			t.Errorf("%s: %s, do %q", f.Check, f.Severity, f.Do)
		}
	}
}
