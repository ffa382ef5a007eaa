// Package quantity parses a number of units in JSON. Many services write the answers of the API and the webhooks, so
// both accept the same spellings (assumed).
package quantity

import (
	"bytes"
	"errors"
	"strconv"
)

// Most keeps sums of quantities within an int: a larger number, or one below its negative, counts as a mistake.
const Most = 1_000_000_000

// ErrNone reports that a value is no whole number of units within the bounds.
var ErrNone = errors.New("not a number of units")

// Parse parses a whole number, also written as 3.0 or "3". A negative number is returned as it is: whether it makes
// sense depends on what is counted.
func Parse(raw []byte) (int, error) {
	n, err := strconv.ParseFloat(string(bytes.Trim(raw, `"`)), 64)
	if err != nil || n != float64(int64(n)) || n > Most || n < -Most {
		return 0, ErrNone
	}
	return int(n), nil
}
