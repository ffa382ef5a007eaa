package happycolis

import "context"

// LiveSchema reads the platform's own schema by introspection (whether the platform allows it is not documented). A
// refusal is an Error of KindInvalid, KindForbidden, KindRefused or KindUnclear.
func (a *Account) LiveSchema(ctx context.Context) (*LiveSchema, error) {
	var w wireSchema
	if _, err := a.callAPI(ctx, "liveSchema", map[string]any{}, checkQuery("__schema", &w)); err != nil {
		return nil, err
	}
	live := &LiveSchema{query: w.Query.Name, mutation: w.Mutation.Name, types: map[string]liveType{}}
	for _, t := range w.Types {
		live.types[t.Name] = t
	}
	return live, nil
}

// LiveSchema is the platform's schema as it is now.
type LiveSchema struct {
	query, mutation string
	types           map[string]liveType
}

type wireSchema struct {
	Query    liveRef    `json:"queryType"`
	Mutation liveRef    `json:"mutationType"`
	Types    []liveType `json:"types"`
}

func (w *wireSchema) isValid() bool { return w.Query.Name != "" && len(w.Types) > 0 }

type liveType struct {
	Kind   string      `json:"kind"`
	Name   string      `json:"name"`
	Fields []liveField `json:"fields"`
	Inputs []liveInput `json:"inputFields"`
	Values []struct {
		Name string `json:"name"`
	} `json:"enumValues"`
}

type liveField struct {
	Name string      `json:"name"`
	Args []liveInput `json:"args"`
	Type liveRef     `json:"type"`
}

type liveInput struct {
	Name    string  `json:"name"`
	Default *string `json:"defaultValue"`
	Type    liveRef `json:"type"`
}

// isRequired reports whether a request without this input is refused.
func (i liveInput) isRequired() bool { return i.Type.Kind == "NON_NULL" && i.Default == nil }

// liveRef is a reference to a type, wrapped in lists and non-nulls.
type liveRef struct {
	Kind string   `json:"kind"`
	Name string   `json:"name"`
	Of   *liveRef `json:"ofType"`
}

// bareName is the name of the type inside all wrapping.
func (r liveRef) bareName() string {
	for r.Of != nil && r.Name == "" {
		r = *r.Of
	}
	return r.Name
}

// isList reports whether the type is a list of something.
func (r liveRef) isList() bool {
	for at := &r; at != nil; at = at.Of {
		if at.Kind == "LIST" {
			return true
		}
	}
	return false
}

func (t liveType) findField(name string) (liveField, bool) {
	for _, f := range t.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return liveField{}, false
}

func findInput(all []liveInput, name string) (liveInput, bool) {
	for _, i := range all {
		if i.Name == name {
			return i, true
		}
	}
	return liveInput{}, false
}
