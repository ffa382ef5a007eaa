package admin

import (
	"net/http"

	"happycolis-reassigner/worker/api"
)

// apiByUser returns the JSON API as each user may see it. A user of some organizations has one of their own, made of
// actions and reads to which there is no other organization, so that no endpoint has to think of it.
func (d *Server) apiByUser() http.Handler {
	whole, limited := d.jsonAPI(), map[string]http.Handler{}
	for _, u := range d.Users {
		if u.IsLimited() {
			limited[u.Name] = d.limitTo(u.Organizations).jsonAPI()
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.TimeZone != "" {
			w.Header().Set(api.TimeZoneHeader, d.TimeZone)
		}
		if u := UserOf(r); u.IsLimited() {
			limited[u.Name].ServeHTTP(w, r)
			return
		}
		whole.ServeHTTP(w, r)
	})
}

// limitTo returns a server of the same listener to which there are only these organizations.
func (d *Server) limitTo(organizations []string) *Server {
	limited := *d
	limited.Actions = d.Actions.LimitTo(organizations)
	limited.Query = limited.Actions.Query
	return &limited
}
