package desk

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"happycolis-reassigner/happycolis"
)

// Role is what a user may do.
type Role string

// The roles.
const (
	Viewer   Role = "viewer"   // looks
	Operator Role = "operator" // looks and acts
)

// User is one who may log in.
type User struct {
	Name     string
	Password happycolis.Secret
	Role     Role
}

// CSRFHeader, with the value 1, marks a request that no foreign web page can send.
const CSRFHeader = "X-Reassigner-CSRF"

// local is who acts where nobody has to log in.
var local = User{Name: "local", Role: Operator}

type credentials struct {
	user   User
	digest [sha256.Size]byte
}

func digestUsers(users []User) map[string]credentials {
	all := map[string]credentials{}
	for _, u := range users {
		all[u.Name] = credentials{u, sha256.Sum256([]byte(u.Password.Reveal()))}
	}
	return all
}

type userKey struct{}

// userOf is who sent a request that passed the guard.
func userOf(r *http.Request) User {
	u, _ := r.Context().Value(userKey{}).(User)
	return u
}

// guard lets through whoever may do what the request asks.
func (d *Desk) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		user, ok := d.login(r)
		if !ok {
			h.Set("WWW-Authenticate", `Basic realm="reassigner", charset="UTF-8"`)
			writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "log in with a user of the configuration"})
			return
		}
		if why := d.forbidden(r, user); why != "" {
			writeJSON(w, http.StatusForbidden, map[string]string{"error": why})
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
	})
}

// login takes the same time whether the name or the password is wrong.
func (d *Desk) login(r *http.Request) (User, bool) {
	if len(d.passwords) == 0 {
		return local, true
	}
	name, password, _ := r.BasicAuth()
	want, known := d.passwords[name]
	got := sha256.Sum256([]byte(password))
	same := subtle.ConstantTimeCompare(got[:], want.digest[:]) == 1
	return want.user, known && same
}

// forbidden says why a user may not do this, "" if it may.
func (d *Desk) forbidden(r *http.Request, user User) string {
	if len(d.passwords) == 0 && !loopbackHost(r.Host) {
		return "without users this listener answers to loopback names only"
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return ""
	}
	if user.Role != Operator {
		return "a viewer may only look"
	}
	if !sameOrigin(r) {
		return "the request comes from another origin"
	}
	marked := r.Header.Get(CSRFHeader) == "1"
	browser := r.Header.Get("Origin") != ""
	isJSON := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	if strings.HasPrefix(r.URL.Path, monitoringRoot+"/") {
		isJSON = true // the web UI's deletions have no body; the origin is what protects them
	}
	if !marked && !(browser && isJSON) {
		return "send the header " + CSRFHeader + ": 1"
	}
	return ""
}

// sameOrigin refuses a request that a browser says comes from elsewhere.
func sameOrigin(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Host == r.Host
}

func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
