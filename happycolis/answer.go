package happycolis

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
)

// answer is a GraphQL response. It may have data and errors at once (documented: partial data).
type answer struct {
	data   map[string]json.RawMessage // by root field; nil if null or absent
	errs   []platformError
	notice string // message of a body that is no GraphQL, as HTTP 429 has (documented)
}

type platformError struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct {
		Code any `json:"code"`
	} `json:"extensions"`
}

// parse decodes a body; ok reports whether it is a GraphQL response at all.
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

// vendorTexts returns the texts that the platform wrote, for Options.VendorText alone.
func (g answer) vendorTexts() []string {
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

// isUnread reports whether the errors say that the document was not run at all.
func (g answer) isUnread() bool {
	return g.data == nil && len(g.errs) > 0 && allCodes(g.errs, func(code string) bool { return slices.Contains(unread, code) })
}

// allCodes reports whether so holds for the codes of all errors.
func allCodes(errs []platformError, so func(code string) bool) bool {
	return !slices.ContainsFunc(errs, func(e platformError) bool { return !so(e.code()) })
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

// splitErrors splits the errors into those of the root field itself, those below it, and those of no field.
func (g answer) splitErrors(root string) (own, below, global []platformError) {
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

// plainCode returns a code if it is one short word, so that no free text gets into errors.
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
