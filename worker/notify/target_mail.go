package notify

import (
	"crypto/rand"
	"mime"
	"strings"
)

// subjectMost is how many characters of a title stand in the subject of a mail; the text begins with the whole.
const subjectMost = 200

// mailHeaders returns the subject of a mail, and behind it the header Message-ID: the library writes neither an encoded
// subject nor that header, and mail without it counts as spam in many places. Recipients of one message get the same.
// A title is one printable line, so nothing of it can be a header.
func mailHeaders(title, from string) string {
	if letters := []rune(title); len(letters) > subjectMost {
		title = string(letters[:subjectMost]) + "..."
	}
	subject := strings.ReplaceAll(mime.QEncoding.Encode("utf-8", title), "?= =?", "?=\r\n =?") // folded
	_, host, _ := strings.Cut(from, "@")
	if host == "" {
		host = "localhost"
	}
	return subject + "\r\nMessage-ID: <" + strings.ToLower(rand.Text()) + "@" + host + ">"
}
