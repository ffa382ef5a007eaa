package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Pages renders pages for browsers; package console implements it. Requests passed to it are authorized, except for
// AssetRoot and the login form, which need no login.
type Pages interface {
	http.Handler
	// Fail renders an error.
	Fail(w http.ResponseWriter, r *http.Request, status int, text string)
	// Login renders the login form, with what was wrong with the last try; next is the path to go to afterwards.
	Login(w http.ResponseWriter, r *http.Request, status int, problem, next string)
}

// loginForm answers with the login form, or redirects where no login is configured.
func (d *Server) loginForm(w http.ResponseWriter, r *http.Request) {
	next := LocalPath(r.URL.Query().Get("next"))
	if _, err := d.authenticate(r); err == nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	d.pages.Login(w, r, http.StatusOK, "", next)
}

// handleLogin begins a session if name and password are right.
func (d *Server) handleLogin(w http.ResponseWriter, r *http.Request) {
	next := LocalPath(r.PostFormValue("next"))
	if d.IsOpen() {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	user, err := d.checkPassword(r, r.PostFormValue("name"), r.PostFormValue("password"))
	if err == nil {
		err = d.beginSession(w, r, user)
	}
	var wait *tooManyError
	switch {
	case err == nil:
		d.Log.InfoContext(r.Context(), "logged in", "user", user.Name, "role", string(user.Role))
		http.Redirect(w, r, next, http.StatusSeeOther)
	case errors.As(err, &wait):
		setRetryAfter(w.Header(), wait.wait)
		d.pages.Login(w, r, http.StatusTooManyRequests, wait.Error(), next)
	case errors.Is(err, errLogin):
		d.pages.Login(w, r, http.StatusUnauthorized, "Name or password is wrong.", next)
	default:
		status, text := HTTPStatus(err)
		d.pages.Fail(w, r, status, text)
	}
}

func (d *Server) handleLogout(w http.ResponseWriter, r *http.Request) {
	if err := d.endSession(w, r); err != nil {
		status, text := HTTPStatus(err)
		d.pages.Fail(w, r, status, text)
		return
	}
	http.Redirect(w, r, LoginPath, http.StatusSeeOther)
}

// LocalPath returns next if it is a path of this host, otherwise the first page: a login must not redirect elsewhere.
func LocalPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	return next
}
