package desk

import (
	"crypto/hmac"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// CSRFHeader, with the value 1, marks a request that no foreign web page can send.
const CSRFHeader = "X-Reassigner-CSRF"

// pagePolicy lets pages load and send to this host only, run no script and no style that stands in a page,
// and stand in nobody's frame.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secure sets what holds for every answer. The referrer is for this host only; it is not "no-referrer"
// because browsers then hide the origin of our own forms. Strict-Transport-Security is for whoever ends TLS.
func secure(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// guard lets through whoever may do what the request asks.
func (d *Desk) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		if d.Open() && !loopbackHost(r.Host) {
			d.fail(w, r, refused(http.StatusForbidden, "without users this listener answers to loopback names only; call it as localhost"))
			return
		}
		user := User{}
		if !public(r) {
			var err error
			if user, err = d.who(r); err != nil {
				d.fail(w, r, err)
				return
			}
		}
		if why := forbidden(w, r, user); why != "" {
			d.fail(w, withUser(r, user), refused(http.StatusForbidden, "%s", why))
			return
		}
		next.ServeHTTP(w, withUser(r, user))
	})
}

// The paths of the login. What lies below AssetRoot is style and script, the same for everybody.
const (
	LoginPath  = "/login"
	LogoutPath = "/logout"
	AssetRoot  = "/assets/"
)

// public reports whether a request needs no login.
func public(r *http.Request) bool {
	return r.URL.Path == LoginPath || strings.HasPrefix(r.URL.Path, AssetRoot) && reads(r)
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// forbidden says why a user may not do this, "" if it may.
func forbidden(w http.ResponseWriter, r *http.Request, user User) string {
	if reads(r) {
		return ""
	}
	if !sameOrigin(r) {
		return "the request comes from another origin; nothing was done"
	}
	if r.URL.Path != LoginPath && r.URL.Path != LogoutPath && user.Role != Operator {
		return "a viewer may only look; ask an operator"
	}
	marked := r.Header.Get(CSRFHeader) == "1"
	browser := r.Header.Get("Origin") != ""
	switch {
	case strings.HasPrefix(r.URL.Path, apiRoot):
		if isJSON := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"); !marked && !(browser && isJSON) {
			return "send the header " + CSRFHeader + ": 1"
		}
	case strings.HasPrefix(r.URL.Path, monitoringRoot+"/"): // its deletions have no body; the origin protects them
		if !marked && !browser {
			return "send the header " + CSRFHeader + ": 1"
		}
	default:
		r.Body = http.MaxBytesReader(w, r.Body, formMost)
		if seed := formSeed(r); seed == "" || !hmac.Equal([]byte(r.PostFormValue(FormField)), []byte(tokenOf(seed))) {
			return "the form is not of this login any more; go back, load the page anew and try again"
		}
	}
	return ""
}

// formMost is the largest form that is read, in bytes.
const formMost = 64 << 10

// fail answers what the guard or the login refused: a browser gets a page, and one that has to log in the
// form for it.
func (d *Desk) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, text := StatusOf(err)
	var wait *tooManyError
	if errors.As(err, &wait) {
		tellWait(w.Header(), wait.wait)
	}
	if d.pages != nil && WantsPage(r) {
		if status == http.StatusUnauthorized && reads(r) {
			http.Redirect(w, r, LoginPath+"?"+url.Values{"next": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
			return
		}
		d.pages.Fail(w, r, status, text)
		return
	}
	if status == http.StatusUnauthorized && r.Header.Get("Sec-Fetch-Mode") == "" { // else the browser would ask by itself
		w.Header().Set("WWW-Authenticate", `Basic realm="reassigner", charset="UTF-8"`)
	}
	writeJSON(w, status, map[string]string{"error": text})
}

// WantsPage reports whether a person looks at the answer.
func WantsPage(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, apiRoot) && strings.Contains(r.Header.Get("Accept"), "text/html")
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
