package admin

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
)

// Each row is a request from an address with forwarded headers, where 10.0.0.0/8 and ::1 are trusted.
func TestForwardedHeadersCountFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	d := &Server{Options: Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}}
	for name, c := range map[string]struct {
		from    string
		hops    []string
		proto   string
		address string
		tls     bool
	}{
		"nobody between":                     {"203.0.113.9:5", nil, "", "203.0.113.9", false},
		"a stranger who writes the headers":  {"203.0.113.9:5", []string{"198.51.100.1"}, "https", "203.0.113.9", false},
		"a proxy":                            {"10.1.2.3:5", []string{"198.51.100.1"}, "https", "198.51.100.1", true},
		"a proxy by IPv6":                    {"[::1]:5", []string{"2001:db8::1"}, "https", "2001:db8::1", true},
		"an IPv4 proxy on an IPv6 socket":    {"[::ffff:10.1.2.3]:5", []string{"198.51.100.1"}, "https", "198.51.100.1", true},
		"a proxy that says nothing":          {"10.1.2.3:5", nil, "", "10.1.2.3", false},
		"a stranger before a proxy":          {"10.1.2.3:5", []string{"192.0.2.1, 198.51.100.1"}, "http", "198.51.100.1", false},
		"two proxies":                        {"10.1.2.3:5", []string{"198.51.100.1, 10.9.9.9"}, "https, http", "198.51.100.1", true},
		"two proxies, a header each":         {"10.1.2.3:5", []string{"198.51.100.1", "10.9.9.9"}, "HTTPS,http", "198.51.100.1", true},
		"a port behind the address":          {"10.1.2.3:5", []string{"198.51.100.1:4711"}, " Https ", "198.51.100.1", true},
		"a proxy that took it without TLS":   {"10.1.2.3:5", []string{"198.51.100.1"}, "http, https", "198.51.100.1", false},
		"a proxy that passes on nonsense":    {"10.1.2.3:5", []string{"unknown"}, "wss", "10.1.2.3", false},
		"nonsense before a trusted proxy":    {"10.1.2.3:5", []string{"198.51.100.1, x, 10.9.9.9"}, "", "10.9.9.9", false},
		"everybody in the chain is trusted":  {"10.1.2.3:5", []string{"10.4.4.4, 10.9.9.9"}, "", "10.4.4.4", false},
		"an address that is none, in a test": {"pipe", []string{"198.51.100.1"}, "https", "pipe", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.RemoteAddr = c.from
		r.Header["X-Forwarded-For"] = c.hops
		r.Header.Set("X-Forwarded-Proto", c.proto)
		if got := d.clientAddress(r); got != c.address {
			t.Errorf("%s: address: got %s, want %s", name, got, c.address)
		}
		if got := d.cameByTLS(r); got != c.tls {
			t.Errorf("%s: by TLS: got %v, want %v", name, got, c.tls)
		}
	}
}

func TestTheCookieIsForTLSWhereATrustedProxySaysSo(t *testing.T) {
	t.Parallel()
	for _, trusted := range []bool{true, false} {
		b := newFixture(t, ops)
		if trusted {
			b.desk.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		}
		form := url.Values{"name": {"ops"}, "password": {"ops-password"}}
		if got := b.browser().do(http.MethodPost, LoginPath, form.Encode(), "X-Forwarded-Proto", "https").Cookies()[0]; got.Secure != trusted {
			t.Errorf("trusted %v: got %v", trusted, got)
		}
	}
}

// Several addresses are told apart by what a trusted proxy says of them.
func TestWhoGuessesANameSlowsDownOwnAddressOnly(t *testing.T) {
	t.Parallel()
	for _, away := range []bool{false, true} {
		t.Run(fmt.Sprintf("Redis is away: %v", away), func(t *testing.T) {
			t.Parallel()
			b := newFixture(t, ops)
			b.desk.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
			path := "/api/status"
			if away {
				b.redis.Close()
				path = "/api/nonsense"
			}
			guess := func(address, user string) int {
				status, _, _ := b.call(http.MethodGet, path, "", "X-Forwarded-For", address, "user", user)
				return status
			}
			wrong := func(address string) int {
				status, _, _ := b.call(http.MethodGet, path, "", "X-Forwarded-For", address, "Authorization", "Basic b3BzOndyb25n") // ops:wrong
				return status
			}
			for i := range maxAttemptsOfUser {
				if got := wrong("192.0.2.1"); got != http.StatusUnauthorized {
					t.Fatalf("guess %d: got %d", i, got)
				}
			}
			if got := guess("192.0.2.1", "ops"); got != http.StatusTooManyRequests {
				t.Errorf("who guesses: got %d, want 429", got)
			}
			if got := guess("192.0.2.2", "ops"); got == http.StatusTooManyRequests || got == http.StatusUnauthorized {
				t.Errorf("the operator, from another address: got %d", got)
			}
			if got := guess("192.0.2.1", "nobody"); got != http.StatusUnauthorized {
				t.Errorf("another name from the address of the guesses: got %d, want 401", got)
			}
		})
	}
}
