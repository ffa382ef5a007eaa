package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"happycolis-reassigner/happycolis"
)

// Role says what a user may do.
type Role string

// The roles.
const (
	Viewer   Role = "viewer"   // may read
	Operator Role = "operator" // may read and act
)

// User is somebody who may log in.
type User struct {
	Name     string
	Password happycolis.Secret
	Role     Role
	// Organizations are those that the user may see and act on; none: all.
	Organizations []string
}

// IsLimited reports whether there are some organizations only to the user.
func (u User) IsLimited() bool { return len(u.Organizations) > 0 }

// localUser is the user of every request where no login is configured.
var localUser = User{Name: "local", Role: Operator}

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

// UserOf returns the user of a request that passed the guard; the zero User where the request needed no login.
func UserOf(r *http.Request) User {
	u, _ := r.Context().Value(userKey{}).(User)
	return u
}

func withUser(r *http.Request, u User) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), userKey{}, u))
}

// IsOpen reports whether no login is configured.
func (d *Server) IsOpen() bool { return len(d.passwords) == 0 }

// authenticate returns the user of a request, by its Authorization header or else by its session. Its errors are
// refusals, or failures of Redis.
func (d *Server) authenticate(r *http.Request) (User, error) {
	if d.IsOpen() {
		return localUser, nil
	}
	if name, password, sent := r.BasicAuth(); sent {
		return d.checkPassword(r, name, password)
	}
	if id := sessionID(r); id != "" {
		return d.sessionUser(r.Context(), id)
	}
	return User{}, errLogin
}

// errLogin is the same whether the name or the password is wrong, so that it does not tell which names exist.
var errLogin = newRefusal(http.StatusUnauthorized, "log in with a user of the configuration")

// checkPassword compares a name and a password. It takes the same time and answers the same whether the name is
// unknown or the password wrong; after too many wrong logins from an address it refuses correct ones from there, too, until
// the wait is over.
func (d *Server) checkPassword(r *http.Request, name, password string) (User, error) {
	d.throttle.enter()
	defer d.throttle.leave()
	g := loginAttempt{user: name, address: d.clientAddress(r)}
	if wait := d.throttle.wait(r.Context(), g, d.Now()); wait > 0 {
		return User{}, &tooManyError{wait}
	}
	want, known := d.passwords[name]
	got := sha256.Sum256([]byte(password))
	if same := subtle.ConstantTimeCompare(got[:], want.digest[:]) == 1; same && known {
		return want.user, nil
	}
	d.throttle.failed(r.Context(), g, d.Now())
	if known {
		d.Log.WarnContext(r.Context(), "login refused", "user", name)
	} else {
		d.Log.WarnContext(r.Context(), "login refused: no such user") // not logged: the name may be a password in the wrong field
	}
	return User{}, errLogin
}
