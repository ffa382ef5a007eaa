package quantity_test

import (
	"errors"
	"testing"

	"happycolis-reassigner/happycolis/quantity"
)

func TestWholeNumbersAreRead(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]int{
		`3`: 3, `3.0`: 3, `"3"`: 3, `"3.0"`: 3, `3e2`: 300, `0`: 0, `-0.0`: 0, `-2`: -2, `1000000000`: quantity.Most,
	} {
		if got, err := quantity.Parse([]byte(raw)); err != nil || got != want {
			t.Errorf("%s: got %d, %v; want %d", raw, got, err, want)
		}
	}
}

func TestWhatIsNoNumberOfUnitsIsRefused(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`0.5`, `"many"`, `""`, `null`, `true`, `{}`, `1e300`, `-1e300`, `"NaN"`, `"Inf"`, `1000000001`, `9223372036854775808`} {
		if got, err := quantity.Parse([]byte(raw)); !errors.Is(err, quantity.ErrNone) || got != 0 {
			t.Errorf("%s: got %d, %v; want ErrNone", raw, got, err)
		}
	}
}
