package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

const certificateValid = time.Hour

// TLSFiles are files in PEM: an authority, and a certificate of one host that it signed, with its key, for both sides.
type TLSFiles struct{ CA, Cert, Key string }

// NewTLSFiles makes them in a directory of the test's own.
func NewTLSFiles(t testing.TB, host string) TLSFiles {
	t.Helper()
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority of a test"},
		NotAfter: time.Now().Add(certificateValid), IsCA: true, BasicConstraintsValid: true}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, NotAfter: authority.NotAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if ip := net.ParseIP(host); ip != nil {
		leaf.IPAddresses = []net.IP{ip}
	} else {
		leaf.DNSNames = []string{host}
	}
	signer, own := newKey(t), newKey(t)
	private, err := x509.MarshalPKCS8PrivateKey(own)
	failOnError(t, err)
	dir := t.TempDir()
	write := func(name, kind string, data []byte) string {
		path := filepath.Join(dir, name)
		failOnError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600))
		return path
	}
	sign := func(c *x509.Certificate, key *ecdsa.PrivateKey) []byte {
		data, err := x509.CreateCertificate(rand.Reader, c, authority, key.Public(), signer)
		failOnError(t, err)
		return data
	}
	return TLSFiles{
		CA:   write("ca.pem", "CERTIFICATE", sign(authority, signer)),
		Cert: write("cert.pem", "CERTIFICATE", sign(leaf, own)),
		Key:  write("key.pem", "PRIVATE KEY", private),
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	failOnError(t, err)
	return key
}

// serverOptions are those of a redis-server that answers by TLS at a second port, to clients with a certificate only.
func (f TLSFiles) serverOptions(port string) []string {
	return []string{"--tls-port", port, "--tls-ca-cert-file", f.CA, "--tls-cert-file", f.Cert, "--tls-key-file", f.Key, "--tls-auth-clients", "yes"}
}

// StartServerTLS starts a redis-server that also answers by TLS, at the port that is returned.
func StartServerTLS(t testing.TB, f TLSFiles, options ...string) (server *Server, port string) {
	t.Helper()
	port = strconv.Itoa(freePort(t))
	return StartServer(t, append(f.serverOptions(port), options...)...), port
}

// StartClusterTLS starts a Cluster of one node, and returns its port with TLS.
func StartClusterTLS(t testing.TB, f TLSFiles) (node *Server, port string) {
	t.Helper()
	node, port = StartServerTLS(t, f, "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(freePort(t)), "--tls-cluster", "yes",
		"--cluster-announce-ip", "127.0.0.1")
	client := NewClient(t, node.Addr)
	failOnError(t, client.ClusterAddSlotsRange(t.Context(), 0, clusterSlots-1).Err())
	awaitNode(t, client)
	return node, port
}

// StartSentinelTLS starts a sentinel over one master, which it knows by TLS only, and returns both; port is the sentinel's
// with TLS.
func StartSentinelTLS(t testing.TB, f TLSFiles) (master, sentinel *Server, port string) {
	t.Helper()
	master, masterPort := StartServerTLS(t, f)
	port = strconv.Itoa(freePort(t))
	sentinel = launchServer(t, func(s *Server, own string) []string {
		file := filepath.Join(s.Dir, "sentinel.conf")
		text := fmt.Sprintf("bind 127.0.0.1\nport %s\ntls-port %s\ntls-replication yes\ntls-ca-cert-file %s\ntls-cert-file %s\ntls-key-file %s\n"+
			"dir %s\nsentinel monitor %s 127.0.0.1 %s 1\n", own, port, f.CA, f.Cert, f.Key, s.Dir, MasterName, masterPort)
		failOnError(t, os.WriteFile(file, []byte(text), 0o600))
		return []string{file, "--sentinel"}
	})
	return master, sentinel, port
}
