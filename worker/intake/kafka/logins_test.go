package kafka_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/intake/kafka"
)

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pool        *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.certificate)
	return a
}

// issue returns a certificate of this machine, for servers and clients.
func (a *authority) issue(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t), newAuthority(t)
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool, MinVersion: tls.VersionTLS12}
	ours := []tls.Certificate{ca.issue(t)}
	tests := []struct {
		name string
		tls  *tls.Config
		log  string // "": it works
	}{
		{"with a certificate that both know", &tls.Config{RootCAs: ca.pool, Certificates: ours}, ""},
		{"with an authority that is not known", &tls.Config{RootCAs: other.pool, Certificates: ours}, "set kafka.tls.ca"},
		{"with another's certificate", &tls.Config{RootCAs: ca.pool, Certificates: []tls.Certificate{other.issue(t)}}, "kafka.tls.cert"},
		{"without TLS", nil, "kafka.tls.enabled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cluster := startCluster(t, kfake.TLS(server))
			f := newFixture(t, cluster)
			f.settings.TLS = tt.tls
			w := newWriter(t, cluster, kgo.DialTLSConfig(&tls.Config{RootCAs: ca.pool, Certificates: ours}))
			w.writeOrders(t, 0, 3)
			stop := f.start(t)
			if tt.log == "" {
				f.await(t, 3)
				return
			}
			eventually(t, "the log says "+tt.log, func() bool { return strings.Contains(f.logs.String(), tt.log) })
			stop()
			if f.total() > 0 {
				t.Error("records were read")
			}
		})
	}
}

func TestSASL(t *testing.T) {
	t.Parallel()
	writers := map[string]kgo.Opt{
		"PLAIN":         kgo.SASL(plain.Auth{User: "ops", Pass: "pa55word-canary"}.AsMechanism()),
		"SCRAM-SHA-256": kgo.SASL(scram.Auth{User: "ops", Pass: "pa55word-canary"}.AsSha256Mechanism()),
		"SCRAM-SHA-512": kgo.SASL(scram.Auth{User: "ops", Pass: "pa55word-canary"}.AsSha512Mechanism()),
	}
	for mechanism, as := range writers {
		for password, works := range map[happycolis.Secret]bool{"pa55word-canary": true, "wr0ng-canary": false} {
			t.Run(fmt.Sprint(mechanism, " ", works), func(t *testing.T) {
				t.Parallel()
				cluster := startCluster(t, kfake.EnableSASL(), kfake.Superuser(mechanism, "ops", "pa55word-canary"))
				f := newFixture(t, cluster)
				f.settings.Mechanism, f.settings.Username, f.settings.Password = mechanism, "ops", password
				f.log = slog.New(slog.NewTextHandler(f.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
				newWriter(t, cluster, as).write(t, record(errored, broken, "organizationId", "org_1"), record(created, "<xml>n4me-canary</xml>"))
				stop := f.start(t)
				if works {
					f.await(t, 2)
				} else {
					eventually(t, "the log says so", func() bool { return strings.Contains(f.logs.String(), "compare kafka.sasl") })
				}
				stop()
				if !works && f.total() > 0 {
					t.Error("records were read")
				}
				if !strings.Contains(f.logs.String(), "service=kafka") {
					t.Error("the client's own debug log is missing")
				}
				for _, place := range []string{f.logs.String(), fmt.Sprint(f.redis.Dump()), fmt.Sprint(f.lagErr), fmt.Sprintf("%+v", f.settings)} {
					if strings.Contains(place, "canary") {
						t.Errorf("a secret is told:\n%s", place)
					}
				}
			})
		}
	}
}

// TestExplain has what brokers answer that the cluster of these tests does not: it closes the connection instead.
func TestExplain(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"the broker refuses the login; compare kafka.sasl with the user of the cluster":   fmt.Errorf("x: %w", kerr.SaslAuthenticationFailed),
		"the user may not read the topics as this group; allow READ and DESCRIBE on both": kerr.GroupAuthorizationFailed,
		"the cluster answers COORDINATOR_NOT_AVAILABLE":                                   kerr.CoordinatorNotAvailable,
		"no answer in time":           context.DeadlineExceeded,
		"no connection: no such host": &net.OpError{Op: "dial", Err: errors.New("no such host")},
		"the broker's certificate is not valid for its name or its time; look at it, and at kafka.brokers": x509.HostnameError{Certificate: &x509.Certificate{}},
	} {
		if got := kafka.Explain(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}
