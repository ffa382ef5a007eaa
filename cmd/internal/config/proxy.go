package config

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// proxySchemes are the kinds of proxy that net/http can use.
var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

// readProxy reads through which proxy the platform is reached: as the environment says, like nearly every program.
func (r *reader) readProxy(c *Config, s *section) {
	switch text := s.readText("proxy", "environment"); text {
	case "none":
		return
	case "environment":
	default: // not quoted: it may be a URL with a password
		s.refuse("proxy", "not understood; write environment (then HTTPS_PROXY, HTTP_PROXY and NO_PROXY are obeyed) or none")
		return
	}
	either := func(name string) string { return cmp.Or(r.getenv(strings.ToLower(name)), r.getenv(name)) }
	env := httpproxy.Config{HTTPProxy: either("HTTP_PROXY"), HTTPSProxy: either("HTTPS_PROXY"), NoProxy: either("NO_PROXY")}
	named := map[string]string{"http": env.HTTPProxy, "https": env.HTTPSProxy}
	for _, text := range []string{c.Platform.GraphQLURL, c.Platform.TokenURL} {
		scheme, _, _ := strings.Cut(text, ":")
		if named[scheme] != "" && !isProxyURL(named[scheme]) {
			s.refuse("proxy", "%s_PROXY of the environment is not the URL of a proxy; write it like http://proxy.example:3128, "+
				"user and password percent-encoded, or write none here", strings.ToUpper(scheme))
			return
		}
	}
	if env.HTTPProxy != "" || env.HTTPSProxy != "" {
		c.Platform.Proxy = env.ProxyFunc()
	}
}

// isProxyURL reports whether text is understood as a proxy; a host and a port alone are an http proxy. What the library
// does not understand it ignores, and goes without a proxy.
func isProxyURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || !slices.Contains(proxySchemes, u.Scheme) {
		u, err = url.Parse("http://" + text)
	}
	return err == nil && u.Host != ""
}

// ProxyOf returns the host and port of the proxy through which a URL is reached, "" without one.
func (p Platform) ProxyOf(target string) string {
	u, err := url.Parse(target)
	if err != nil || p.Proxy == nil {
		return ""
	}
	proxy, err := p.Proxy(u)
	if err != nil || proxy == nil {
		return ""
	}
	return proxy.Host
}
