package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
)

// SignatureHeader is the header with the signature of a request (documented).
const SignatureHeader = "x-happycolis-webhook-signature"

// The errors of Verify.
var (
	ErrNotSigned    = errors.New("webhook is not signed")
	ErrBadSignature = errors.New("webhook signature does not match")
)

// Sign returns the signature of body: standard Base64 of its HMAC-SHA256, with the application's
// client secret as the key (documented).
func Sign(body []byte, secret string) string {
	return base64.StdEncoding.EncodeToString(sum(body, secret))
}

// Verify checks signature against body, which must be the bytes as they came: a body that was decoded
// and encoded again no longer matches. It takes the same time wherever the two differ. An empty
// secret verifies nothing, since everybody can sign with it.
func Verify(body []byte, signature string, secret string) error {
	if signature == "" {
		return ErrNotSigned
	}
	got, wellFormed := DecodeSignature(signature)
	if !wellFormed || secret == "" || !hmac.Equal(got, sum(body, secret)) {
		return ErrBadSignature
	}
	return nil
}

// DecodeSignature returns the bytes of a signature, and whether it has the form of one. It needs no body.
func DecodeSignature(signature string) ([]byte, bool) {
	got, err := base64.StdEncoding.DecodeString(signature)
	return got, err == nil && len(got) == sha256.Size
}

// NewHash returns the hash whose sum over a body is the body's signature, before it is encoded.
func NewHash(secret string) hash.Hash { return hmac.New(sha256.New, []byte(secret)) }

func sum(body []byte, secret string) []byte {
	mac := NewHash(secret)
	mac.Write(body)
	return mac.Sum(nil)
}
