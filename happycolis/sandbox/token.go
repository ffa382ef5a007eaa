package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// tokenLife is how long an access token works (documented default).
const tokenLife = 3600 * time.Second

// AllScopes are the scopes that a new application gets.
var AllScopes = []string{
	"view_delivery_orders", "edit_delivery_orders", "create_delivery_orders", "view_orders", "edit_orders",
	"view_locations", "view_shipments", "edit_integrations",
}

type organization struct {
	Organization
	scopes []string
	tokens map[string]grant
	served []time.Time
	queue  queue
}

// grant is what an access token allows, and until when.
type grant struct {
	scopes  []string
	expires time.Time
}

// SetScopes narrows or widens what the organization's application may do, also with tokens that
// were given out before.
func (p *Platform) SetScopes(organization string, scopes ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := p.organizations[organization]; o != nil {
		o.scopes = slices.Clone(scopes)
	}
}

// RevokeTokens makes every access token of the organization invalid; its integration token stays.
func (p *Platform) RevokeTokens(organization string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := p.organizations[organization]; o != nil {
		o.tokens = map[string]grant{}
	}
}

// token answers the client_credentials grant. Only /token takes GET too (documented).
func (p *Platform) token(r *http.Request, body []byte) reply {
	form, err := url.ParseQuery(string(body))
	if r.Method == http.MethodGet && r.URL.Path == "/token" {
		form, err = r.URL.Query(), nil
	} else if r.Method != http.MethodPost {
		return p.plainReply(http.StatusMethodNotAllowed, "method not allowed")
	}
	p.waitForLatency(r.Context(), 0, TokenEndpoint)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests["token"]++
	if a, ok := p.tokenFault(); ok {
		return a
	}
	o := p.organizations[form.Get("organization_id")]
	switch {
	case err != nil || form.Get("grant_type") != "client_credentials":
		return p.answerJSON(nil, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"})
	case o == nil || o.ClientID == "" || o.ClientID != form.Get("client_id") || o.ClientSecret != form.Get("client_secret"):
		return p.answerJSON(nil, http.StatusUnauthorized, map[string]string{
			"error": "invalid_client", "error_description": CanaryText + "no such client",
		})
	}
	scopes := o.scopes
	if wanted := strings.Fields(form.Get("scopes")); len(wanted) > 0 {
		scopes = slices.DeleteFunc(wanted, func(s string) bool { return !slices.Contains(o.scopes, s) })
	}
	token := p.newToken(o)
	o.tokens[token] = grant{scopes: slices.Clone(scopes), expires: p.currentTime().Add(tokenLife)}
	return p.answerJSON(o, http.StatusOK, map[string]any{
		"access_token": token, "token_type": "bearer", "refresh_token": CanaryToken + p.newID(),
		"expires_in": int(tokenLife / time.Second), "scope": strings.Join(scopes, ","),
	})
}

// newToken looks like a JWT with the documented claims; its signature is a canary.
func (p *Platform) newToken(o *organization) string {
	part := func(v any) string {
		raw, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	id := p.newID()
	return part(map[string]string{"alg": "HS256", "typ": "JWT"}) + "." +
		part(map[string]string{"iss": id, "aud": o.ID, "sub": "client://" + o.ClientID}) + "." + CanaryToken + id
}

// bearer finds whose token a request carries, and what it may do.
func (p *Platform) bearer(r *http.Request) (*organization, []string) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return nil, nil
	}
	for _, id := range p.organizationIDs() {
		o := p.organizations[id]
		if token == o.IntegrationToken {
			return o, o.scopes
		}
		if g, ok := o.tokens[token]; ok && p.currentTime().Before(g.expires) {
			return o, slices.DeleteFunc(slices.Clone(g.scopes), func(s string) bool { return !slices.Contains(o.scopes, s) })
		}
	}
	return nil, nil
}
