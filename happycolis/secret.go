package happycolis

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that prints, logs and marshals as a placeholder, whatever the verb. An empty one
// prints as nothing, so that "not set" can be told from "hidden".
type Secret string

const redacted = "[redacted]"

// Reveal returns the text itself, for the one place that sends it.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString redacts %#v.
func (s Secret) GoString() string { return s.String() }

// Format redacts the verbs that never ask String, as %d.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue redacts log attributes.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText redacts JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
