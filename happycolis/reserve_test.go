package happycolis

import (
	"context"
	"testing"
	"time"
)

func TestReservedGrantServesOneRequest(t *testing.T) {
	t.Parallel()
	taken := 0
	p := start(t, always(ok(noOrder)))
	a := p.account(func(o *Options) {
		o.Limiter = limiterFunc(func(context.Context, string, Class) (time.Duration, error) {
			if taken++; taken == 1 {
				return 0, nil
			}
			return 40 * time.Millisecond, nil
		})
	})
	reserved, err := a.Reserve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := len(p.operations()); got != 0 {
		t.Errorf("got %d requests from reserving, want none", got)
	}
	if err := ask(t, reserved); err != nil || taken != 1 {
		t.Errorf("got %v after %d grants, want success with the reserved one", err, taken)
	}
	if e := mustError(t, ask(t, reserved)); e.Kind != KindWaiting {
		t.Errorf("a second request: got %v, want the limiter asked again", e)
	}
	_, err = a.Reserve(t.Context())
	if e := mustError(t, err); e.Kind != KindWaiting || e.RetryAfter != 40*time.Millisecond || !e.NotExecuted() {
		t.Errorf("reserving when denied: got %v, want waiting for 40ms", e)
	}
}
