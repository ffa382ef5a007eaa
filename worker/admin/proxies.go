package admin

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// isTrustedProxy reports whether an address is one of admin.trusted_proxies. From any other address, X-Forwarded-* is
// ignored: whoever sends a request may write what they like there.
func (d *Server) isTrustedProxy(ip netip.Addr) bool {
	return slices.ContainsFunc(d.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// clientAddress returns the address that a request comes from. Where a trusted proxy sent it, that is the last address
// in X-Forwarded-For that is not a trusted proxy: what stands before it was not written by one of ours.
func (d *Server) clientAddress(r *http.Request) string {
	last, valid := parseAddress(r.RemoteAddr)
	if !valid {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		next, valid := parseAddress(hop)
		if !valid || !d.isTrustedProxy(last) {
			break
		}
		last = next
	}
	return last.String()
}

// cameByTLS reports whether the browser reached us, or the first of the trusted proxies before us, by TLS. Each proxy
// of a chain may append to X-Forwarded-Proto; the first word is of the connection with the browser.
func (d *Server) cameByTLS(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	from, valid := parseAddress(r.RemoteAddr)
	first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	return valid && d.isTrustedProxy(from) && strings.EqualFold(strings.TrimSpace(first), "https")
}

// parseAddress reads an IP address with or without a port.
func parseAddress(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	ip, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return ip.Unmap().WithZone(""), err == nil
}
