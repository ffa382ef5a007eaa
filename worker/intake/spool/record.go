package spool

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// Record is one event on disk: when it arrived, and its bytes.
type Record struct {
	At   time.Time
	Body []byte

	from  *queue
	index uint64
}

// A record on disk is a checksum of the rest (4 bytes), the arrival in nanoseconds since 1970 (8 bytes), and the body. The
// library under it stores lengths and no checksums.
const recordHeader = 4 + 8

var checksums = crc32.MakeTable(crc32.Castagnoli)

func encodeRecord(at time.Time, body []byte) []byte {
	data := make([]byte, recordHeader, recordHeader+len(body))
	binary.BigEndian.PutUint64(data[4:], uint64(at.UnixNano()))
	data = append(data, body...)
	binary.BigEndian.PutUint32(data, crc32.Checksum(data[4:], checksums))
	return data
}

// decodeRecord returns a record; false if it is damaged.
func decodeRecord(data []byte) (Record, bool) {
	if len(data) < recordHeader || binary.BigEndian.Uint32(data) != crc32.Checksum(data[4:], checksums) {
		return Record{}, false
	}
	return Record{At: time.Unix(0, int64(binary.BigEndian.Uint64(data[4:]))).UTC(), Body: data[recordHeader:]}, true
}
