package intake

import (
	"crypto/hmac"
	"net/http"
	"slices"
	"strings"

	"happycolis-reassigner/happycolis/webhook"
)

// signingKey is a secret with every organization that it belongs to.
type signingKey struct {
	secret        string
	organizations []string
}

// keyring has each distinct secret once: a body is never hashed twice with the same.
type keyring []signingKey

func newKeyring(secrets []Secret) keyring {
	var all keyring
	for _, s := range secrets {
		at := slices.IndexFunc(all, func(k signingKey) bool { return k.secret == s.Key.Reveal() })
		switch {
		case s.Key == "": // everybody can sign with it
		case at < 0:
			all = append(all, signingKey{s.Key.Reveal(), []string{s.Organization}})
		default:
			all[at].organizations = append(all[at].organizations, s.Organization)
		}
	}
	return all
}

// order returns the keys by their index, the one at first before the others.
func (k keyring) order(first int) []int {
	var all []int
	for i := range k {
		all = append(all, (first+i)%len(k))
	}
	return all
}

// maxSignatures is how many signatures of one request are compared.
const maxSignatures = 4

// signaturesIn returns what has the form of a signature in the headers of a request. A proxy may send a header twice, or
// join the two with a comma.
func signaturesIn(h http.Header) [][]byte {
	var all [][]byte
	for _, text := range strings.Split(strings.Join(h.Values(webhook.SignatureHeader), ","), ",") {
		if sum, wellFormed := webhook.DecodeSignature(strings.TrimSpace(text)); wellFormed && len(all) < maxSignatures {
			all = append(all, sum)
		}
	}
	return all
}

// isOneOf compares a sum with signatures, in the same time wherever they differ.
func isOneOf(signatures [][]byte, sum []byte) bool {
	return slices.ContainsFunc(signatures, func(s []byte) bool { return hmac.Equal(s, sum) })
}
