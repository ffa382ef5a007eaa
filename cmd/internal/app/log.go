package app

import (
	"io"
	"log/slog"
	"time"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/plaintext"
)

// harmlessLog writes log lines unchanged, except for characters that control a terminal: those become an escape that
// means the same in JSON.
type harmlessLog struct{ io.Writer }

// Write implements io.Writer; it needs whole lines.
func (l harmlessLog) Write(line []byte) (int, error) {
	if _, err := l.Writer.Write(plaintext.EscapeHidden(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// NewLog returns the log of a service, with times in UTC.
func NewLog(w io.Writer, cfg config.Log) *slog.Logger {
	w = harmlessLog{w}
	options := &slog.HandlerOptions{Level: cfg.Level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindTime {
			a.Value = slog.StringValue(a.Value.Time().UTC().Format(time.RFC3339Nano))
		}
		return a
	}}
	if cfg.JSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
