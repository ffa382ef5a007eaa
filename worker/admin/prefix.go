package admin

import (
	"net/http"
	"net/url"
	"strings"
)

// publicAddress is how people reach the admin listener, where a proxy stands before it.
type publicAddress struct {
	origin string // "https://ops.example.com"; "": not known
	prefix string // "/reassigner"; "": none
}

// readPublicAddress reads console_url, which was checked to be a URL.
func readPublicAddress(text string) publicAddress {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return publicAddress{}
	}
	return publicAddress{origin: u.Scheme + "://" + u.Host, prefix: strings.TrimRight(u.EscapedPath(), "/")}
}

// Prefix is what stands before every path of ours in a browser; "" for nothing.
func (d *Server) Prefix() string { return d.public.prefix }

// newForeignPages returns the check against pages of other sites. A page of the public address is none of them, although
// a proxy may name another Host to us.
func (p publicAddress) newForeignPages() (*http.CrossOriginProtection, error) {
	check := http.NewCrossOriginProtection()
	if p.origin == "" {
		return check, nil
	}
	return check, check.AddTrustedOrigin(p.origin)
}

// servePrefixed serves what is asked for below the prefix, and what a proxy asked for that took the prefix away. Where the
// answer redirects, it is below the prefix again.
func (p publicAddress) servePrefixed(next http.Handler) http.Handler {
	if p.prefix == "" {
		return next
	}
	strip := http.StripPrefix(p.prefix, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w = &prefixedWriter{ResponseWriter: w, prefix: p.prefix}
		switch escaped := r.URL.EscapedPath(); {
		case escaped == p.prefix:
			http.Redirect(w, r, "/", http.StatusSeeOther)
		case strings.HasPrefix(escaped, p.prefix+"/"):
			strip.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// addPrefix returns a request with the prefix before its path, for a handler that wants it there.
func (p publicAddress) addPrefix(r *http.Request) *http.Request {
	if p.prefix == "" {
		return r
	}
	moved := *r
	at := *r.URL
	moved.URL = &at
	at.Path, at.RawPath = p.prefix+r.URL.Path, ""
	return &moved
}

// prefixedWriter puts the prefix before the path of a redirect.
type prefixedWriter struct {
	http.ResponseWriter
	prefix string
}

// WriteHeader implements http.ResponseWriter.
func (w *prefixedWriter) WriteHeader(status int) {
	to := w.Header().Get("Location")
	if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") && !strings.HasPrefix(to, w.prefix+"/") {
		w.Header().Set("Location", w.prefix+to)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController flush a stream.
func (w *prefixedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
