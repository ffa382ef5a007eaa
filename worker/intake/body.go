package intake

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"time"

	"happycolis-reassigner/happycolis/webhook"
)

// Sizes of bodies, in bytes, and times.
const (
	smallBody = 16 << 10 // up to it a body is read without waiting for others; also the buffer of one that is only hashed

	// A body that is hashed as it comes may take streamMost, and streamPause between two of its pieces: many at once, and
	// many secrets, take their time.
	streamMost  = time.Minute
	streamPause = 10 * time.Second

	// LargestBody is the largest body that is taken: one above max_body is hashed, and parked if it is signed.
	LargestBody = 8 << 20
	// LeastMaxBody is the least that max_body can be.
	LeastMaxBody = smallBody
)

const notSigned = "signature missing or wrong"

// body is a body that is being read and verified.
//
//	up to smallBody    held
//	up to MaxBody      held, once it has its share of the bytes of unverified bodies
//	up to LargestBody  hashed as it comes, with every secret
type body struct {
	*receiver
	signatures [][]byte
	first      int // the key that is tried first
	from       io.Reader
	length     int64 // -1: not said
	share      *share
	extend     func(time.Duration) // sets the deadline of reading anew

	held       []byte // nil: it was only hashed
	size       int64
	digest     hash.Hash // of what was only hashed
	signedWith int       // index in keys
}

// readSigned reads the body, and finds the key that signed it.
func (b *body) readSigned(ctx context.Context) *refusal {
	if b.length > LargestBody {
		return tooLarge(LargestBody, "")
	}
	most := b.MaxBody
	if b.length >= 0 {
		most = min(most, b.length)
	}
	held, ended, err := b.fill(make([]byte, 0, min(most, smallBody)+1))
	if err == nil && !ended && b.length <= b.MaxBody {
		if !b.share.wait(ctx, most) {
			return b.tooSlow()
		}
		held, ended, err = b.fill(append(make([]byte, 0, most+1), held...))
	}
	if err != nil {
		return b.brokenOff()
	}
	if !ended || int64(len(held)) > b.MaxBody {
		return b.hashStream(held)
	}
	b.share.settle()
	if b.held = held; !b.verify() {
		return &refusal{http.StatusUnauthorized, "not signed", notSigned}
	}
	b.size = int64(len(held))
	return nil
}

// fill reads until the buffer is full or the body ends.
func (b *body) fill(buffer []byte) (read []byte, ended bool, err error) {
	for len(buffer) < cap(buffer) {
		n, err := b.from.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		b.share.countRead(n)
		switch {
		case errors.Is(err, io.EOF):
			return buffer, true, nil
		case err != nil:
			return buffer, false, err
		}
	}
	return buffer, false, nil
}

// verify tries each key on the body that is held.
func (b *body) verify() bool {
	for _, i := range b.keys.order(b.first) {
		mac := webhook.NewHash(b.keys[i].secret)
		done := b.takeTurn(len(b.held))
		mac.Write(b.held)
		done()
		if isOneOf(b.signatures, mac.Sum(nil)) {
			b.signedWith = i
			return true
		}
	}
	return false
}

// hashStream hashes the body, of which the beginning was read, with every key, since it cannot be read twice.
func (b *body) hashStream(beginning []byte) *refusal {
	b.digest = sha256.New()
	hashes, writers := make([]hash.Hash, len(b.keys)), []io.Writer{b.digest}
	for i, key := range b.keys {
		hashes[i] = webhook.NewHash(key.secret)
		writers = append(writers, hashes[i])
	}
	all := io.MultiWriter(writers...)
	add := func(piece []byte) {
		b.size += int64(len(piece))
		done := b.takeTurn(LargestBody)
		_, _ = all.Write(piece) // writing to a hash never fails
		done()
	}
	add(beginning)
	buffer := make([]byte, 0, smallBody)
	b.share.release() // what was read need not be held
	began := time.Now()
	for ended := false; !ended; {
		var piece []byte
		var err error
		b.extend(min(streamPause, streamMost-time.Since(began)))
		if piece, ended, err = b.fill(buffer); err != nil {
			return b.brokenOff()
		}
		if add(piece); b.size > LargestBody {
			return tooLarge(LargestBody, "")
		}
	}
	for i, mac := range hashes {
		if isOneOf(b.signatures, mac.Sum(nil)) {
			b.signedWith = i
			return nil
		}
	}
	return tooLarge(b.MaxBody, ", and not signed")
}

// sum is the SHA-256 of the body.
func (b *body) sum() string {
	if b.digest == nil {
		b.digest = sha256.New()
		b.digest.Write(b.held)
	}
	return hex.EncodeToString(b.digest.Sum(nil))
}

func tooLarge(most int64, more string) *refusal {
	return &refusal{http.StatusRequestEntityTooLarge, "too large", fmt.Sprintf("body is larger than %d KiB%s", most>>10, more)}
}

func (b *body) brokenOff() *refusal {
	if b.share.wasCut() {
		return b.tooSlow()
	}
	return &refusal{http.StatusBadRequest, "unreadable", "body could not be read"}
}

func (b *body) tooSlow() *refusal {
	return &refusal{http.StatusRequestTimeout, "too slow", "body came too slowly while many came; send again"}
}

// inflate returns the text of a body that is compressed with gzip, as its first bytes say; of any other, the body
// itself. fits reports that it has no more than most bytes. What is no gzip after all comes back as it is: nobody can
// read it.
func inflate(sent []byte, most int64) (text []byte, fits bool) {
	if !bytes.HasPrefix(sent, []byte{0x1f, 0x8b}) {
		return sent, true
	}
	from, err := gzip.NewReader(bytes.NewReader(sent))
	if err != nil {
		return sent, true
	}
	text, err = io.ReadAll(io.LimitReader(from, most+1))
	if err != nil {
		return sent, true
	}
	return text, int64(len(text)) <= most
}
