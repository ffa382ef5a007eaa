package admin

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/rediskey"
)

// How long a session of a browser lasts.
const (
	sessionIdle = 2 * time.Hour  // without a request
	maxSession  = 12 * time.Hour // in total
)

const sessionCookie = "reassigner_session"

// session is what Redis stores of a login. Its key is a digest of the id in the browser's cookie, so whoever reads
// Redis cannot log in with it.
type session struct {
	User  string    `json:"user"`
	Proof string    `json:"proof"` // does not match any more when the user's password changed
	Began time.Time `json:"began"`
}

func sessionKey(id string) string {
	sum := sha256.Sum256([]byte(id))
	return rediskey.Alone("session:" + hex.EncodeToString(sum[:]))
}

// sessionProof binds a session to the password it was begun with; without the session's id it reveals nothing about
// it.
func (c credentials) sessionProof(id string) string {
	mac := hmac.New(sha256.New, []byte(id))
	mac.Write(c.digest[:])
	return hex.EncodeToString(mac.Sum(nil))
}

// beginSession logs a user in: it stores a session under a new id and sets the cookie.
func (d *Server) beginSession(w http.ResponseWriter, r *http.Request, u User) error {
	id := rand.Text() + rand.Text()
	body, err := json.Marshal(session{User: u.Name, Proof: d.passwords[u.Name].sessionProof(id), Began: d.Now().UTC()})
	if err != nil {
		return fmt.Errorf("beginning a session: %w", err)
	}
	if err := d.Redis.Set(r.Context(), sessionKey(id), body, sessionIdle).Err(); err != nil {
		return fmt.Errorf("beginning a session: %w", err)
	}
	d.setSessionCookie(w, r, id, maxSession)
	return nil
}

// sessionUser returns the user of a session, and extends the session.
func (d *Server) sessionUser(ctx context.Context, id string) (User, error) {
	body, err := d.Redis.GetEx(ctx, sessionKey(id), sessionIdle).Bytes()
	if errors.Is(err, redis.Nil) {
		return User{}, errLogin
	}
	if err != nil {
		return User{}, fmt.Errorf("reading a session: %w", err)
	}
	var s session
	if err := json.Unmarshal(body, &s); err != nil {
		return User{}, errLogin
	}
	of, known := d.passwords[s.User]
	if !known || !hmac.Equal([]byte(of.sessionProof(id)), []byte(s.Proof)) || d.Now().Sub(s.Began) >= maxSession {
		return User{}, errLogin
	}
	return of.user, nil
}

func (d *Server) endSession(w http.ResponseWriter, r *http.Request) error {
	if id := sessionID(r); id != "" {
		if err := d.Redis.Del(r.Context(), sessionKey(id)).Err(); err != nil {
			return fmt.Errorf("ending a session: %w", err)
		}
	}
	d.setSessionCookie(w, r, "", -1)
	return nil
}

func sessionID(r *http.Request) string {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// setSessionCookie sets a cookie that no script reads and no foreign page's form sends along. SameSite is Lax, so
// that a link in an alert finds its reader logged in; a GET does nothing, and leaves nothing behind but what a
// plan of every location came to last, where the platform says that a location is, and that a record which cannot be
// read counts as an operator's. It is for TLS only where the browser came by TLS.
func (d *Server) setSessionCookie(w http.ResponseWriter, r *http.Request, id string, keep time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: id, Path: "/", MaxAge: int(keep.Seconds()), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: d.cameByTLS(r)})
}
