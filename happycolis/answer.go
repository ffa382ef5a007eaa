package happycolis

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
)

// answer is a GraphQL response. Both parts can be there at once (documented: partial data).
type answer struct {
	data   map[string]json.RawMessage // by root field; nil if null or absent
	errs   []platformError
	notice string // of the envelope that is no GraphQL, as HTTP 429 has (documented)
}

type platformError struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct {
		Code any `json:"code"`
	} `json:"extensions"`
}

// parse reads a body; ok says whether it is a GraphQL response at all.
func parse(body []byte) (got answer, ok bool) {
	var envelope struct {
		Data    *map[string]json.RawMessage `json:"data"`
		Errors  []platformError             `json:"errors"`
		Message string                      `json:"message"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return answer{}, false
	}
	got = answer{errs: envelope.Errors, notice: envelope.Message}
	if envelope.Data != nil {
		got.data = *envelope.Data
	}
	return got, got.data != nil || len(got.errs) > 0
}

// texts are the platform's own words, for the debug hook alone.
func (g answer) texts() []string {
	var texts []string
	if g.notice != "" {
		texts = append(texts, g.notice)
	}
	for _, e := range g.errs {
		if e.Message != "" {
			texts = append(texts, e.Message)
		}
	}
	return texts
}

// ran reports whether any root field has a result.
func (g answer) ran() bool {
	for root := range g.data {
		if g.has(root) {
			return true
		}
	}
	return false
}

func (g answer) has(root string) bool {
	raw := g.data[root]
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null"))
}

func (g answer) firstCode() string {
	if len(g.errs) == 0 {
		return ""
	}
	return g.errs[0].code()
}

// about splits the errors: those of the root field itself, those below it, those of no field.
func (g answer) about(root string) (own, below, global []platformError) {
	for _, e := range g.errs {
		switch {
		case len(e.Path) == 0:
			global = append(global, e)
		case e.Path[0] != root:
		case len(e.Path) == 1:
			own = append(own, e)
		default:
			below = append(below, e)
		}
	}
	return own, below, global
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// plainCode keeps free text out of errors: a code is one short word.
func plainCode(code string) string {
	if plainWord.MatchString(code) {
		return code
	}
	return ""
}

func (e platformError) code() string {
	code, _ := e.Extensions.Code.(string)
	return plainCode(code)
}

// kindOfCode knows UNAUTHORIZED, FORBIDDEN, INSUFFICIENT_SCOPE and NOT_FOUND (documented), and what
// the same kind of gateway says elsewhere (assumed). Any other word is a refusal.
func kindOfCode(code string) Kind {
	switch code {
	case "UNAUTHORIZED", "UNAUTHENTICATED":
		return KindUnauthorized
	case "FORBIDDEN", "INSUFFICIENT_SCOPE":
		return KindForbidden
	case "NOT_FOUND":
		return KindNotFound
	case "TOO_MANY_REQUESTS", "RATE_LIMITED":
		return KindThrottled
	case "INTERNAL_SERVER_ERROR", "DOWNSTREAM_SERVICE_ERROR", "SUBREQUEST_HTTP_ERROR":
		return KindServer
	case "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED":
		return KindInvalid
	}
	return KindRefused
}

// kindOfStatus is "" for a status whose body decides.
func kindOfStatus(status int) Kind {
	switch {
	case status >= 200 && status < 300:
		return ""
	case status == http.StatusUnauthorized:
		return KindUnauthorized
	case status == http.StatusForbidden:
		return KindForbidden
	case status == http.StatusTooManyRequests:
		return KindThrottled
	case status == http.StatusRequestTimeout || status >= 500:
		return KindServer
	case status >= 400:
		return KindInvalid
	}
	return KindResponse
}

// heaviest is the order in which one of several errors speaks for all.
var heaviest = []Kind{KindUnauthorized, KindForbidden, KindThrottled, KindServer, KindRefused, KindInvalid, KindNotFound}

func speaker(errs []platformError) *Error {
	for _, kind := range heaviest {
		for _, e := range errs {
			if code := e.code(); kindOfCode(code) == kind {
				return &Error{Kind: kind, Code: code}
			}
		}
	}
	return &Error{Kind: KindResponse}
}
