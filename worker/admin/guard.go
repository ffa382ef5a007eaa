package admin

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/connections"
)

// pagePolicy is the Content-Security-Policy of pages: load from and send to this host only, no inline script or style,
// no framing by others.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// setSecurityHeaders sets the headers of every answer. Referrer-Policy is same-origin and not no-referrer, because
// with the latter browsers hide the origin of our own forms. Strict-Transport-Security is left to whatever terminates
// TLS.
func setSecurityHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// authorize lets through whoever may do what the request asks.
func (d *Server) authorize(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setSecurityHeaders(w.Header())
		if d.IsOpen() && !isLoopbackHost(r.Host) {
			d.writeRefusal(w, r, newRefusal(http.StatusForbidden, "without users this listener answers to loopback names only; call it as localhost"))
			return
		}
		if d.IsOpen() && isForeignRead(r) {
			d.writeRefusal(w, r, newRefusal(http.StatusForbidden, "without users no page of another origin may read here; open this address itself"))
			return
		}
		user := User{}
		if !isPublic(r) {
			var err error
			if user, err = d.authenticate(r); err != nil {
				d.writeRefusal(w, r, err)
				return
			}
			connections.Of(r.Context()).Trust()
		}
		if why := d.forbiddenReason(w, r, user); why != "" {
			d.writeRefusal(w, withUser(r, user), newRefusal(http.StatusForbidden, "%s", why))
			return
		}
		next.ServeHTTP(w, withUser(r, user))
	})
}

// The paths of the login. Below AssetRoot are style sheet and scripts, the same for everybody.
const (
	LoginPath  = "/login"
	LogoutPath = "/logout"
	AssetRoot  = "/assets/"
)

// isPublic reports whether a request needs no login.
func isPublic(r *http.Request) bool {
	return r.URL.Path == LoginPath || strings.HasPrefix(r.URL.Path, AssetRoot) && isRead(r)
}

func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// isForeignRead reports whether a page of another origin has a browser read something. A link that somebody follows is
// none: the browser shows our page, and the page with the link learns nothing of it.
func isForeignRead(r *http.Request) bool {
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "same-origin", "none":
		return false
	case "":
		origin := r.Header.Get("Origin")
		from, err := url.Parse(origin)
		return origin != "" && (err != nil || from.Host != r.Host)
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" || !WantsPage(r)
}

// forbiddenReason says why a user may not make this request; "" if the user may.
func (d *Server) forbiddenReason(w http.ResponseWriter, r *http.Request, user User) string {
	if user.IsLimited() && isShared(r) {
		return "this is of all organizations together, and you may see some of them only"
	}
	if isRead(r) {
		return ""
	}
	if d.foreignPages.Check(r) != nil {
		const text = "the request comes from another origin; nothing was done"
		if WantsPage(r) {
			return text + ". Behind a proxy, reach it by HTTPS, or let the proxy pass the Host header on"
		}
		return text
	}
	if r.URL.Path != LoginPath && r.URL.Path != LogoutPath && user.Role != Operator {
		return "a viewer may only look; ask an operator"
	}
	marked := r.Header.Get(api.CSRFHeader) == "1"
	browser := r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != "" // what it says was checked above
	switch {
	case strings.HasPrefix(r.URL.Path, apiRoot):
		if isJSON := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"); !marked && !(browser && isJSON) {
			return "send the header " + api.CSRFHeader + ": 1"
		}
	case !marked && !browser: // a form, or the web UI of the task queue
		return "the request does not say which page it comes from; use a newer browser, or send the header " + api.CSRFHeader + ": 1"
	case !strings.HasPrefix(r.URL.Path, monitoringRoot+"/"):
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if r.ParseForm() != nil {
			return "the form cannot be read, or is too large; nothing was done"
		}
	}
	return ""
}

// isShared reports whether a request is about what is not told apart by organization: the task queue, and metrics.
func isShared(r *http.Request) bool {
	return r.URL.Path == monitoringRoot || strings.HasPrefix(r.URL.Path, monitoringRoot+"/") || r.URL.Path == metricsPath
}

// maxForm is the largest form that is read, in bytes.
const maxForm = 64 << 10

// writeRefusal answers a request that the guard or the login refused: a browser gets a page, or the login form.
func (d *Server) writeRefusal(w http.ResponseWriter, r *http.Request, err error) {
	status, text := HTTPStatus(err)
	var wait *tooManyError
	if errors.As(err, &wait) {
		setRetryAfter(w.Header(), wait.wait)
	}
	if d.pages != nil && WantsPage(r) {
		if status == http.StatusUnauthorized && isRead(r) {
			http.Redirect(w, r, LoginPath+"?"+url.Values{"next": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
			return
		}
		d.pages.Fail(w, r, status, text)
		return
	}
	if status == http.StatusUnauthorized && r.Header.Get("Sec-Fetch-Mode") == "" { // otherwise the browser would open its own dialog
		w.Header().Set("WWW-Authenticate", `Basic realm="reassigner", charset="UTF-8"`)
	}
	writeJSON(w, status, map[string]string{"error": text})
}

// WantsPage reports whether the answer is read by a person in a browser, so that it has to be HTML.
func WantsPage(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, apiRoot) && strings.Contains(r.Header.Get("Accept"), "text/html")
}

func isLoopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
