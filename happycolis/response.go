package happycolis

import (
	"encoding/json"
	"slices"
	"strings"
)

// validator is an answer that can report whether something required in it was null.
type validator interface{ isValid() bool }

// checkQuery judges the answer to a query of one root field, and decodes it into into. Any error fails the query, even
// beside complete data.
func checkQuery(root string, into validator) checkResponse {
	return func(got answer) *Error {
		if len(got.errs) > 0 {
			return queryError(root, got)
		}
		if _, there := got.data[root]; there && !got.has(root) {
			return &Error{Kind: KindNotFound}
		}
		if json.Unmarshal(got.data[root], into) != nil {
			return undecodableError()
		}
		if !into.isValid() {
			return incompleteError()
		}
		return nil
	}
}

// checkList is checkQuery for a list: null does not mean there that its owner was not found.
func checkList(root string, into validator) checkResponse {
	one := checkQuery(root, into)
	return func(got answer) *Error {
		if len(got.errs) == 0 && !got.has(root) {
			return incompleteError()
		}
		return one(got)
	}
}

func undecodableError() *Error { return &Error{Kind: KindResponse, detail: "undecodable data"} }

// incompleteError is the Error for data that is null where it is required, without errors.
func incompleteError() *Error { return &Error{Kind: KindResponse, detail: missing} }

const missing = "null where data was due"

// queryError reads NOT_FOUND as "it does not exist" only at the root field itself: below it some other thing does not
// exist, and the answer about this one is incomplete.
func queryError(root string, got answer) *Error {
	e := worstError(got.errs)
	if _, below, _ := got.splitErrors(root); e.Kind == KindNotFound && (len(below) > 0 || got.has(root)) {
		e.Kind = KindRefused
	}
	return e
}

// checkMutation judges a document of mutations, which run in the order written (GraphQL's specification). Each root
// field is decoded by read once it surely has a result without errors.
//
// If a later mutation succeeded although an earlier one did not, the document achieved its purpose. If several failed,
// the document's outcome is as uncertain as that of the least certain one.
func checkMutation(read func(raw json.RawMessage) *Error, roots ...string) checkResponse {
	return func(got answer) *Error {
		var failed *Error
		for done, root := range roots {
			e := rootError(root, got, roots)
			if e == nil {
				e = read(got.data[root])
			}
			switch {
			case e == nil:
				if done == len(roots)-1 {
					return nil
				}
			case failed == nil:
				failed = e
				e.Done = done
			case e.sure < failed.sure:
				e.Done = failed.Done
				failed = e
			}
		}
		return failed
	}
}

// rootError returns nil if the mutation has a result and no error. It is surely refused only by errors at its own
// field that are all refusals, without data; surely not run only where the whole document was not run, or the service
// behind the field could not parse it. Everything else leaves open what was done: an error below the root, or beside a
// result, arose after the mutation ran. An error of no field belongs to the fields without a result, if there are any.
func rootError(root string, got answer, roots []string) *Error {
	own, below, global := got.splitErrors(root)
	everyone := !slices.ContainsFunc(roots, func(r string) bool { return !got.has(r) })
	alone := len(global) == 0
	switch {
	case got.has(root) && len(own)+len(below) == 0 && (len(global) == 0 || !everyone):
		return nil
	case got.has(root) || len(below) > 0:
		return &Error{Kind: KindResponse, Code: got.firstCode(), detail: "errors beside a result"}
	case got.isUnread(), alone && len(own) > 0 && allCodes(own, func(code string) bool { return slices.Contains(unread, code) }):
		return &Error{Kind: KindInvalid, Code: got.firstCode(), sure: notRun}
	case len(own)+len(global) == 0:
		return incompleteError()
	case alone && allCodes(own, func(code string) bool { return refusals[code] != "" }):
		e := worstError(own)
		e.sure = saidNo
		return e
	}
	return unclearError(slices.Concat(own, global))
}

// mutationResult reads a MutationResult. Only the state "success" is success; "error" is a refusal (documented),
// without any errors[].
func (a *Account) mutationResult(doc string) func(json.RawMessage) *Error {
	return func(raw json.RawMessage) *Error {
		var result struct {
			State   string `json:"state"`
			Message string `json:"message"`
		}
		if json.Unmarshal(raw, &result) != nil {
			return undecodableError()
		}
		if result.Message != "" {
			a.client.options.VendorText(a.organization, doc, result.Message)
		}
		switch strings.ToLower(result.State) {
		case "success":
			return nil
		case "error":
			return &Error{Kind: KindRefused, sure: saidNo}
		}
		return &Error{Kind: KindResponse, detail: "neither success nor error"}
	}
}
