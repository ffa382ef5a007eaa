package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Pages are what browsers are shown. What they serve has passed the guard; what lies below AssetRoot, and
// the login form, needs no login.
type Pages interface {
	http.Handler
	// Fail shows an error.
	Fail(w http.ResponseWriter, r *http.Request, status int, text string)
	// Login shows the form to log in, with what was wrong with the last try; next is where it leads.
	Login(w http.ResponseWriter, r *http.Request, status int, problem, next string)
}

// loginForm shows the form, or goes on where nobody has to log in.
func (d *Server) loginForm(w http.ResponseWriter, r *http.Request) {
	next := LocalPath(r.URL.Query().Get("next"))
	if _, err := d.authenticate(r); err == nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	d.pages.Login(w, r, http.StatusOK, "", next)
}

// login begins a session.
func (d *Server) login(w http.ResponseWriter, r *http.Request) {
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

func (d *Server) logout(w http.ResponseWriter, r *http.Request) {
	if err := d.endSession(w, r); err != nil {
		status, text := HTTPStatus(err)
		d.pages.Fail(w, r, status, text)
		return
	}
	http.Redirect(w, r, LoginPath, http.StatusSeeOther)
}

// LocalPath is where a login leads: a path of this host, or the first page.
func LocalPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	return next
}
