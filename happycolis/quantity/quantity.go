// Package quantity reads how many units a number in JSON means. Answers of the API and webhooks are written by many
// services, so both take the same spellings.
package quantity

import (
	"bytes"
	"errors"
	"strconv"
)

// Most keeps quantities summable: a number above it, or below its negative, is a mistake.
const Most = 1_000_000_000

// ErrNone says that a value is not a whole number of units within the bounds.
var ErrNone = errors.New("not a number of units")

// Parse reads a whole number, also where it is written 3.0 or "3". A negative one is read as it stands: whether it
// makes sense depends on what is counted.
func Parse(raw []byte) (int, error) {
	n, err := strconv.ParseFloat(string(bytes.Trim(raw, `"`)), 64)
	if err != nil || n != float64(int64(n)) || n > Most || n < -Most {
		return 0, ErrNone
	}
	return int(n), nil
}
