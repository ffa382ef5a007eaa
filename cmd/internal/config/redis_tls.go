package config

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"

	"happycolis-reassigner/policy/strictyaml"
)

// readRedisTLS reads what connections to Redis by TLS trust, and what they show.
func (r *reader) readRedisTLS(c *Config, top *section) {
	if kind := top.values["redis_tls"].Kind; kind == strictyaml.Absent || kind == strictyaml.Null {
		return
	}
	s := r.readSection(top.values["redis_tls"], "redis_tls", []string{"ca", "cert", "key"})
	if s.wrong {
		return
	}
	if u, ok := splitRedisURL(c.Redis.Reveal()); c.Redis != "" && (!ok || !u.tls) {
		top.refuse("redis_tls", "redis is not reached by TLS; write rediss://, rediss-sentinel:// or rediss-cluster:// there, or take this out")
	}
	c.RedisTLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if file := s.readPath("ca"); file != "" {
		c.RedisTLS.RootCAs = s.readAuthorities("ca", file)
	}
	cert, key := s.readPath("cert"), s.readPath("key")
	switch {
	case (cert == "") != (key == ""):
		s.refuse(map[bool]string{true: "cert", false: "key"}[cert == ""], "missing; a client certificate is cert and key")
	case cert != "":
		if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
			s.refuse("cert", "%s and %s are not a certificate and its key in PEM (%s); name the files of one pair", cert, key, ReadFailure(err))
		}
		// Read at each connection: such certificates are renewed on disk.
		c.RedisTLS.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(cert, key)
			return &pair, err
		}
	}
}

// readPath returns the path of a file, "" if none is written.
func (s *section) readPath(key string) string {
	text := s.readText(key, "")
	if text == "" {
		return ""
	}
	return s.r.resolvePath(text)
}

// readAuthorities reads the certificates of a PEM file.
func (s *section) readAuthorities(key, file string) *x509.CertPool {
	data, err := os.ReadFile(file)
	if err != nil {
		s.refuse(key, "the file %s cannot be read (%s); make it readable", file, ReadFailure(err))
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		s.refuse(key, "the file %s holds no certificate in PEM; name the one that signed Redis's", file)
		return nil
	}
	return pool
}

// useTLS makes a server that is reached by TLS dial as trust says. A certificate has to be that of the address that is
// dialled, or of a host in the URL: sentinels, and nodes of a Cluster, often tell bare addresses of each other.
func (s RedisServer) useTLS(trust *tls.Config, hosts []string) {
	if trust == nil {
		trust = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	switch {
	case s.Sentinels != nil && s.Sentinels.TLSConfig != nil:
		s.Sentinels.Dialer = dialTLS(trust, hosts, s.Sentinels.TLSConfig.InsecureSkipVerify)
	case s.Cluster != nil && s.Cluster.TLSConfig != nil:
		s.Cluster.Dialer = dialTLS(trust, hosts, s.Cluster.TLSConfig.InsecureSkipVerify)
	case s.Single != nil && s.Single.TLSConfig != nil:
		s.Single.Dialer = dialTLS(trust, hosts, s.Single.TLSConfig.InsecureSkipVerify)
	}
}

// dialTLS returns a dialer; unchecked is the library's parameter skip_verify.
func dialTLS(trust *tls.Config, hosts []string, unchecked bool) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, fmt.Errorf("reading an address of Redis: %w", err)
		}
		own := trust.Clone()
		own.ServerName = host
		own.InsecureSkipVerify = true // it is verified here, by several names
		own.VerifyConnection = func(state tls.ConnectionState) error {
			if unchecked {
				return nil
			}
			return verifyCertificate(state, trust.RootCAs, append([]string{host}, hosts...))
		}
		return (&tls.Dialer{Config: own}).DialContext(ctx, network, address)
	}
}

// verifyCertificate checks that a certificate was signed by one of roots (nil: the system's) and is of one of names. The
// error is about the first name.
func verifyCertificate(state tls.ConnectionState, roots *x509.CertPool, names []string) error {
	options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, between := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(between)
	}
	var first error
	for _, options.DNSName = range names {
		_, err := state.PeerCertificates[0].Verify(options)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}
