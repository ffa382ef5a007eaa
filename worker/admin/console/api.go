package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

func (c *Console) organizations() []string { return slices.Sorted(maps.Keys(c.desk.Organizations)) }

func (c *Console) hasSeveral() bool { return len(c.desk.Organizations) > 1 }

// getAPI calls an endpoint of the API, in this process, as the user who reads the page.
func (c *Console) getAPI(r *http.Request, path string, query url.Values, into any) error {
	return c.callAPI(r, http.MethodGet, path+"?"+query.Encode(), nil, into)
}

// postAPI has the API do something, as the user who reads the page.
func (c *Console) postAPI(r *http.Request, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("asking the API: %w", err)
	}
	return c.callAPI(r, http.MethodPost, path, text, into)
}

func (c *Console) callAPI(r *http.Request, method, path string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(r.Context(), method, path, bytes.NewReader(body)) // the context holds the user
	if err != nil {
		return fmt.Errorf("asking the API: %w", err)
	}
	a := answer{header: http.Header{}, status: http.StatusOK}
	c.api.ServeHTTP(&a, request)
	if a.status != http.StatusOK {
		var told struct{ Error string }
		if err := json.Unmarshal(a.body.Bytes(), &told); err != nil {
			return fmt.Errorf("reading the API's answer: %w", err)
		}
		return &problem{a.status, told.Error}
	}
	if err := json.Unmarshal(a.body.Bytes(), into); err != nil {
		return fmt.Errorf("reading the API's answer: %w", err)
	}
	return nil
}

// answer is an http.ResponseWriter that keeps what the API writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }
