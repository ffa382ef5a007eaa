package plaintext

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Problem is what is wrong with a file: where, what was found there and what to do.
type Problem struct {
	Line, Column int // from 1, the column in characters; 0: of the whole file, or of the whole line
	Text         string
}

// Error reads as "line 3: ...", or "the file ..." where it is about the whole.
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

const (
	saveAsUTF8  = "save it as UTF-8"
	saveAsPlain = "export it as CSV or plain text (UTF-8)"
	unpackFirst = "unpack it first"
)

// formats are files that are mistaken for text, by how they begin.
var formats = []struct{ begins, what, do string }{
	{"PK\x03\x04", "an Excel or LibreOffice workbook, or another ZIP archive", saveAsPlain},
	{"PK\x05\x06", "an empty ZIP archive", saveAsPlain},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel or Word file of the old kind (xls, doc)", saveAsPlain},
	{"%PDF-", "a PDF", saveAsPlain},
	{`{\rtf`, "a formatted text (RTF)", "save it as plain text (UTF-8)"},
	{"bplist00", "a binary property list, as Numbers and Safari save", saveAsPlain},
	{"\x1f\x8b", "compressed (gzip)", unpackFirst},
	{"BZh", "compressed (bzip2)", unpackFirst},
	{"\xfd7zXZ\x00", "compressed (xz)", unpackFirst},
	{"\x28\xb5\x2f\xfd", "compressed (zstd)", unpackFirst},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", unpackFirst},
	{"\xff\xfe\x00\x00", "UTF-32 text", saveAsUTF8},
	{"\x00\x00\xfe\xff", "UTF-32 text", saveAsUTF8},
}

// byteOrderMark begins a text that some editors save; it says nothing.
const byteOrderMark = "\ufeff"

// Decode returns the text of a file: UTF-8, or UTF-16 that says so by a byte order mark, which is taken away. The error
// is a [Problem]; other encodings are refused, since a wrong guess would change letters without a word.
func Decode(data []byte) (string, error) {
	for _, f := range formats {
		if bytes.HasPrefix(data, []byte(f.begins)) {
			return "", Problem{Text: fmt.Sprintf("the file is %s, not text; %s", f.what, f.do)}
		}
	}
	text := string(data)
	switch {
	case strings.HasPrefix(text, "\xff\xfe"):
		return decodeUTF16(data[2:], binary.LittleEndian)
	case strings.HasPrefix(text, "\xfe\xff"):
		return decodeUTF16(data[2:], binary.BigEndian)
	}
	if looksLikeUTF16(data) {
		return "", Problem{Text: "the file seems to be UTF-16 text without a byte order mark; " + saveAsUTF8}
	}
	if at := strings.IndexByte(text, 0); at >= 0 {
		return "", problemAt(text, at, "a NUL byte: the file is not text, or it is damaged; export it again as plain text (UTF-8)")
	}
	if at := invalidAt(text); at >= 0 {
		return "", problemAt(text, at, fmt.Sprintf("the byte 0x%02X is not UTF-8; the file is probably Latin-1 or Windows-1252 text: %s", text[at], saveAsUTF8))
	}
	return strings.TrimLeft(text, byteOrderMark), nil
}

func decodeUTF16(data []byte, order binary.ByteOrder) (string, error) {
	if len(data)%2 != 0 {
		return "", Problem{Text: "the file is UTF-16 text that ends in the middle of a character; " + saveAsUTF8}
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	text := string(utf16.Decode(units))
	if at := strings.IndexByte(text, 0); at >= 0 {
		return "", problemAt(text, at, "a NUL character: the file is not text, or it is damaged; export it again as plain text (UTF-8)")
	}
	return strings.TrimLeft(text, byteOrderMark), nil
}

// looksLikeUTF16 reports whether every other byte of the beginning is mostly NUL, as in Western text.
func looksLikeUTF16(data []byte) bool {
	const looked = 512 // bytes
	data = data[:min(len(data), looked)/2*2]
	var nul [2]int
	for i, b := range data {
		if b == 0 {
			nul[i%2]++
		}
	}
	pairs := len(data) / 2
	return pairs > 0 && min(nul[0], nul[1]) == 0 && 2*max(nul[0], nul[1]) > pairs
}

// invalidAt is where the first byte stands that is not UTF-8; -1: nowhere.
func invalidAt(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}

// problemAt is a problem of the byte at a place.
func problemAt(text string, at int, what string) Problem {
	lines := splitLines(text[:at])
	return Problem{Line: len(lines), Column: utf8.RuneCountInString(lines[len(lines)-1]) + 1, Text: what}
}

// splitLines splits a text at line breaks of every kind: LF, CRLF, a lone CR, and the rarer ones of Unicode.
func splitLines(text string) []string {
	var lines []string
	for {
		at := strings.IndexAny(text, "\n\r\v\f\u0085\u2028\u2029")
		if at < 0 {
			return append(lines, text)
		}
		lines = append(lines, text[:at])
		if strings.HasPrefix(text[at:], "\r\n") {
			at++
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		text = text[at+size:]
	}
}
