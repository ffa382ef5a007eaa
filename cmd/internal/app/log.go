package app

import (
	"io"
	"log/slog"
	"time"

	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/plaintext"
)

// harmlessLog writes log lines as they are, but for what would steer the terminal of whoever reads them: that stands as an
// escape, which says the same in JSON.
type harmlessLog struct{ io.Writer }

// Write implements io.Writer; it is handed whole lines.
func (l harmlessLog) Write(line []byte) (int, error) {
	if _, err := l.Writer.Write(plaintext.EscapeHidden(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// NewLog returns the log of a service. Times are UTC.
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
