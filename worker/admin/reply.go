package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/ops/refusal"
)

// maxBody is the largest request body that is read, in bytes.
const maxBody = 1 << 20

// handler is an endpoint. An error that it returns is sent as the answer, so it must not have written anything before.
type handler func(w http.ResponseWriter, r *http.Request) error

// refused is an error of the listener itself, with the status of its answer.
type refused struct {
	status int
	text   string
}

func (e *refused) Error() string { return e.text }

func newRefusal(status int, format string, args ...any) error {
	return &refused{status, fmt.Sprintf(format, args...)}
}

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

// HTTPStatus returns status and text of the answer for an error.
func HTTPStatus(err error) (int, string) {
	var own *refused
	var wait *tooManyError
	switch {
	case errors.As(err, &own):
		return own.status, own.text
	case errors.As(err, &wait):
		return http.StatusTooManyRequests, err.Error()
	}
	kind, text := refusal.Explain(err)
	return map[refusal.Kind]int{
		refusal.Invalid: http.StatusBadRequest, refusal.NotFound: http.StatusNotFound, refusal.Conflict: http.StatusConflict,
		refusal.Upstream: http.StatusBadGateway, refusal.Unavailable: http.StatusServiceUnavailable, refusal.Forbidden: http.StatusForbidden,
	}[kind], text
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
	body, err := json.Marshal(api.BrokenAnswer{Status: status, Error: text})
	if err != nil {
		return a.fail(err)
	}
	return a.closeWith(`,"broken":` + string(body) + "}")
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
