package config

import (
	"math"
	"strconv"
	"strings"
)

// sizeUnits are the units of sizes, in bytes.
var sizeUnits = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}

// readSize returns a number of bytes between least and most.
func (s *section) readSize(key string, otherwise, least, most int64) int64 {
	text := s.readText(key, "")
	if text == "" {
		return otherwise
	}
	for _, unit := range sizeUnits {
		number, found := strings.CutSuffix(text, unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		switch {
		case err != nil || n < 0 || n > math.MaxInt64/unit.bytes:
		case n*unit.bytes < least || n*unit.bytes > most:
			s.refuse(key, "%s is out of range; write %s to %s", text, formatSize(least), formatSize(most))
			return otherwise
		default:
			return n * unit.bytes
		}
	}
	s.refuse(key, "%q is not a size; write it like 256KiB, 8MiB or 1GiB", text)
	return otherwise
}

// formatSize writes a size in the largest unit that divides it.
func formatSize(bytes int64) string {
	text := strconv.FormatInt(bytes, 10)
	for _, unit := range sizeUnits {
		if bytes%unit.bytes == 0 {
			text = strconv.FormatInt(bytes/unit.bytes, 10) + unit.name
		}
	}
	return text
}
