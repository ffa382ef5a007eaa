package config

import (
	"errors"
	"io/fs"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy/strictyaml"
)

// readText returns a value as it is.
func (s *section) readText(key, otherwise string) string {
	text, _ := s.readScalar(key)
	if text == "" {
		return otherwise
	}
	return text
}

// readSecret returns a value that must not be written out in the file.
func (s *section) readSecret(key string) happycolis.Secret {
	text, referenced := s.readScalar(key)
	if text != "" && !referenced {
		s.refuse(key, "a secret is written out; "+putAway)
		return ""
	}
	if strings.ContainsFunc(text, unicode.IsSpace) {
		s.r.notes = append(s.r.notes, problem{at: s.placeOf(key), key: s.keyPath(key),
			text: "the secret holds white space, which is part of it; remove it where the secret comes from, unless it belongs there"})
	}
	return happycolis.Secret(text)
}

// putAway is the advice for a secret that is written out.
const putAway = "put it into the environment and write ${NAME}, or into a file and write ${file:PATH}"

// readChoice returns a value that must be one of words.
func (s *section) readChoice(key, otherwise string, words ...string) string {
	text := s.readText(key, otherwise)
	if text != "" && !slices.Contains(words, text) {
		s.refuse(key, "%q is not understood; write %s", text, strings.Join(words, " or "))
		return otherwise
	}
	return text
}

// readDuration returns a duration, which must be at least a second.
func (s *section) readDuration(key string, otherwise time.Duration) time.Duration {
	return s.readDurationWithin(key, otherwise, time.Second, math.MaxInt64)
}

// readDurationWithin returns a duration from least to most.
func (s *section) readDurationWithin(key string, otherwise, least, most time.Duration) time.Duration {
	text := s.readText(key, "")
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		s.refuse(key, "%q is not a duration; write it like 30s, 2m or 1h", text)
	case d < least:
		s.refuse(key, "%s is too short; write %s or more", text, least)
	case d > most:
		s.refuse(key, "%s is too long; write %s at most", text, most)
	default:
		return d
	}
	return otherwise
}

// readNumber returns a whole number of least or more.
func (s *section) readNumber(key string, otherwise, least int) int {
	text := s.readText(key, "")
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least {
		s.refuse(key, "%q is not a whole number of %d or more; write one", text, least)
		return otherwise
	}
	return n
}

// readShare returns a share: above 0, up to 1.
func (s *section) readShare(key string, otherwise float64) float64 {
	text := s.readText(key, "")
	if text == "" {
		return otherwise
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f > 0 && f <= 1) {
		s.refuse(key, "%q is not a share; write a number above 0, up to 1", text)
		return otherwise
	}
	return f
}

// readBool returns true or false.
func (s *section) readBool(key string, otherwise bool) bool {
	text := s.readText(key, "")
	switch text {
	case "":
		return otherwise
	case "true", "false":
		return text == "true"
	}
	s.refuse(key, "%q is not understood; write true or false", text)
	return otherwise
}

// readItems returns the values of a list, and whether it was written at all.
func (s *section) readItems(key string) ([]strictyaml.Node, bool) {
	n := s.values[key]
	switch n.Kind {
	case strictyaml.List:
		return n.Items, true
	case strictyaml.Absent, strictyaml.Null:
	default:
		s.refuse(key, "wants a list, not %s", describeKind(n))
	}
	return nil, false
}

// readWords returns a list of words, each of which must be in known and occur once.
func (s *section) readWords(key string, otherwise, known []string) []string {
	items, written := s.readItems(key)
	if !written {
		return otherwise
	}
	var words []string
	for _, item := range items {
		switch {
		case !item.Kind.IsScalar() || !slices.Contains(known, item.Text):
			s.broken[key] = true
			s.r.refuse(item, s.keyPath(key), "%q is not understood; write some of %s", item.Text, strings.Join(known, ", "))
		case slices.Contains(words, item.Text):
			s.broken[key] = true
			s.r.refuse(item, s.keyPath(key), "%s is listed twice; keep one", item.Text)
		default:
			words = append(words, item.Text)
		}
	}
	if len(words) == 0 && !s.broken[key] {
		s.refuse(key, "the list is empty; write some of %s", strings.Join(known, ", "))
	}
	return words
}

// readAddress returns a listening address.
func (s *section) readAddress(key, otherwise string) string {
	text := s.readText(key, otherwise)
	_, port, err := net.SplitHostPort(text)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n > 65535 {
		s.refuse(key, "%q is not an address to listen on; write it like 127.0.0.1:8081 or :8080", text)
		return otherwise
	}
	return text
}

// readURL returns an http or https URL.
func (s *section) readURL(key string) string {
	text := s.readText(key, "")
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Fragment != "" {
		s.refuse(key, "not a URL to send requests to; write it like https://api.example.com/graphql, without user and password")
		return ""
	}
	return text
}

// isLoopback reports whether an address to listen on is reached from this machine only.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// ReadFailure says why a file cannot be read, without its path.
func ReadFailure(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
