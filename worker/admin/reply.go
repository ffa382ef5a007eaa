package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/journal"
)

// maxBody is the largest request body that is read, in bytes.
const maxBody = 1 << 20

// handler is an endpoint. An error that it returns is sent as the answer, so it must not have written anything before.
type handler func(w http.ResponseWriter, r *http.Request) error

// refusal is an error with the status of its answer.
type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return e.text }

func newRefusal(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// noReason is the error of an action without a reason.
const noReason = "a reason is missing: say why, for the audit log"

// partialError is the error of an action on several rows that failed in the middle: it says what was done and stays
// done.
type partialError struct {
	done, of int
	err      error
}

func (e *partialError) Error() string { return fmt.Sprintf("after %d of %d: %v", e.done, e.of, e.err) }

func (e *partialError) Unwrap() error { return e.err }

func errNotFound(http.ResponseWriter, *http.Request) error {
	return newRefusal(http.StatusNotFound, "no such endpoint, or not with this method")
}

// serveEndpoint turns an endpoint's error into its answer.
func (d *Server) serveEndpoint(handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		err := handle(w, r)
		if err == nil {
			return
		}
		status, text := HTTPStatus(err)
		if status >= http.StatusInternalServerError {
			d.Log.WarnContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		}
		writeJSON(w, status, map[string]string{"error": text})
	})
}

// HTTPStatus returns status and text of the answer for an error. An error of no known kind comes from the journal, the
// index or the queue, and so from Redis: 503.
func HTTPStatus(err error) (int, string) {
	var told *refusal
	var wait *tooManyError
	var platform *happycolis.Error
	var part *partialError
	switch {
	case errors.As(err, &part):
		status, text := HTTPStatus(part.err)
		if part.of == 1 {
			return status, text
		}
		return status, fmt.Sprintf("%d of %d were done, then: %s", part.done, part.of, text)
	case errors.As(err, &told):
		return told.status, told.text
	case errors.As(err, &wait):
		return http.StatusTooManyRequests, err.Error()
	case errors.Is(err, journal.ErrNewer):
		return http.StatusConflict, "a newer release wrote its record, and alone may change it: act there, or upgrade this one"
	case errors.Is(err, journal.ErrObsolete):
		return http.StatusConflict, "it was changed by somebody else, or by the worker, at the same moment; look at it, then repeat"
	case errors.Is(err, handover.ErrNotApplicable), errors.Is(err, handover.ErrMovedOn), errors.Is(err, incident.ErrOtherPlan),
		errors.Is(err, journal.ErrPlanGone), errors.Is(err, journal.ErrCorrupt):
		return http.StatusConflict, err.Error()
	case errors.Is(err, journal.ErrNotFound):
		return http.StatusNotFound, err.Error()
	case errors.As(err, &platform) && platform.Kind != happycolis.KindLimiter:
		return http.StatusBadGateway, "the platform did not do its part (" + platform.Error() + "); repeat it, and if it stays so: reassigner doctor"
	default:
		return http.StatusServiceUnavailable, "Redis does not answer; see whether it runs (reassigner doctor), then repeat"
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may have closed the connection
}

// readBody decodes a JSON body strictly: an unknown key may be a misspelt restriction, and ignoring it would make an
// action apply to more than was meant.
func readBody(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return newRefusal(http.StatusBadRequest, "the request cannot be read (%v); nothing was done", err)
	}
	return nil
}

// jsonArray streams a JSON array, so that memory stays small however long it is. It begins with the first row: an
// error before that is sent as an answer of its own. Later the connection is aborted, so that nobody takes half an
// array for the whole.
type jsonArray struct {
	w    http.ResponseWriter
	head string // before the array; "": nothing
	open bool
}

func (a *jsonArray) add(row any) error {
	body, err := json.Marshal(row)
	if err != nil {
		return a.fail(fmt.Errorf("encoding a row: %w", err))
	}
	lead := ",\n"
	if !a.open {
		a.open = true
		a.w.Header().Set("Content-Type", "application/json")
		lead = a.head + "["
	}
	if _, err := a.w.Write(append([]byte(lead), body...)); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (a *jsonArray) fail(err error) error {
	if a.open {
		panic(http.ErrAbortHandler)
	}
	return err
}

// breakOff ends an incomplete array: inside an object with the error beside it, otherwise by aborting the connection.
func (a *jsonArray) breakOff(err error) error {
	if !a.open || a.head == "" {
		return a.fail(err)
	}
	status, text := HTTPStatus(err)
	body, err := json.Marshal(BrokenAnswer{Status: status, Error: text})
	if err != nil {
		return a.fail(err)
	}
	return a.closeWith(`,"broken":` + string(body) + "}")
}

// BrokenAnswer says why an answer that has begun is incomplete: the status and error that it would have had instead.
type BrokenAnswer struct {
	Status int    `json:"status"`
	Error  string `json:"error"`
}

func (a *jsonArray) close() error { return a.closeWith("") }

// closeWith ends the array and the object around it.
func (a *jsonArray) closeWith(tail string) error {
	end := "]" + tail + "\n"
	if !a.open {
		a.w.Header().Set("Content-Type", "application/json")
		end = a.head + "[" + end
	}
	_, _ = a.w.Write([]byte(end)) // the client may have closed the connection
	return nil
}
