package happycolis

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that is printed, logged and encoded as a placeholder, whatever the verb. An empty one is printed as
// nothing, so that "not set" can be distinguished from "hidden".
type Secret string

const redacted = "[redacted]"

// Reveal returns the text itself. Call it only where the secret is sent.
func (s Secret) Reveal() string { return string(s) }

// String returns the placeholder, or "" if the secret is empty.
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
