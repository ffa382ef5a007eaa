package spool

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tidwall/wal"
)

// Sizes of a queue.
const (
	segmentSize   = 1 << 20 // bytes of one file; the library holds the newest and one more in memory
	truncateAfter = 1024    // records that are done before their bytes are removed from the disk
	truncateBytes = 1 << 18 // bytes on disk of which none is needed any more before they are removed
)

// queue is one folder with records in the order in which they were appended, and a cursor behind the last that is done.
// One process at a time has it, by a lock that ends with the process.
type queue struct {
	path   string
	lock   *os.File
	cursor *os.File
	logger *slog.Logger

	log     *wal.Log // nil after a write failed, until the next one opens it again
	next    uint64   // index of the first record that is not done
	last    uint64   // index of the newest record
	removed uint64   // records before this index are not on disk any more
	bytes   int64    // on disk
}

func (q *queue) logPath() string { return filepath.Join(q.path, "log") }

func (q *queue) len() int { return int(q.last + 1 - q.next) }

// open opens the log, after what is damaged in it was cut off, and the cursor.
func (q *queue) open() error {
	if err := os.MkdirAll(q.logPath(), folderMode); err != nil {
		return err
	}
	damaged, err := repairLog(q.logPath())
	if err != nil {
		return fmt.Errorf("repairing %s: %w", q.logPath(), err)
	}
	if damaged > 0 {
		q.logger.Error("a damaged record of the spool was dropped: it was being written when the machine or the process died, and then was not answered 200",
			"path", q.logPath(), "bytes", damaged)
	}
	log, err := wal.Open(q.logPath(), &wal.Options{SegmentSize: segmentSize, SegmentCacheSize: 1, AllowEmpty: true, DirPerms: folderMode, FilePerms: fileMode})
	if err != nil {
		return fmt.Errorf("opening %s: %w", q.logPath(), err)
	}
	q.log = log
	first, firstErr := log.FirstIndex()
	last, lastErr := log.LastIndex()
	if err := errors.Join(firstErr, lastErr); err != nil {
		return err
	}
	q.last, q.removed = last, first
	q.measure()
	return q.openCursor(first)
}

// openCursor reads where the cursor is. One that cannot be read is at the first record: events are applied once more,
// and none is lost. The file always has one line of the same length.
func (q *queue) openCursor(first uint64) error {
	if q.cursor == nil {
		file, err := os.OpenFile(filepath.Join(q.path, "cursor"), os.O_CREATE|os.O_RDWR, fileMode)
		if err != nil {
			return err
		}
		q.cursor = file
	}
	text := make([]byte, 21)
	n, _ := q.cursor.ReadAt(text, 0) // a short one is not read
	at, err := strconv.ParseUint(strings.TrimSpace(string(text[:n])), 10, 64)
	if err != nil {
		at = first
	}
	return q.moveTo(min(max(at, first), q.last+1)) // never beyond the end, where new records come
}

// moveTo moves the cursor.
func (q *queue) moveTo(next uint64) error {
	if _, err := q.cursor.WriteAt(fmt.Appendf(nil, "%020d\n", next), 0); err != nil {
		return fmt.Errorf("moving the cursor of %s: %w", q.path, err)
	}
	q.next = next
	return nil
}

// append writes records and returns once they are on disk. After an error it is not known how much of them is.
func (q *queue) append(records [][]byte) error {
	if q.log == nil {
		if err := q.open(); err != nil {
			return err
		}
	}
	var batch wal.Batch
	bytes := int64(0)
	for i, data := range records {
		batch.Write(q.last+1+uint64(i), data)
		bytes += sizeOf(data)
	}
	err := q.log.WriteBatch(&batch)
	if err == nil {
		err = syncFolder(q.logPath()) // the library may have begun a new file
	}
	if err != nil {
		q.abandonLog()
		return fmt.Errorf("writing to %s: %w", q.logPath(), err)
	}
	q.last += uint64(len(records))
	q.bytes += bytes
	return nil
}

// abandonLog closes the log after a write failed: what the library has in memory differs then from what is on disk.
func (q *queue) abandonLog() {
	_ = q.log.Close() // it failed already
	q.log = nil
}

// sizeOf is how many bytes a record takes on disk, at the most.
func sizeOf(data []byte) int64 { return int64(len(data)) + 4 }

// readRecord returns a record that is not done; false if it is damaged.
func (q *queue) readRecord(index uint64) (r Record, whole bool, err error) {
	if q.log == nil {
		if err := q.open(); err != nil {
			return Record{}, false, err
		}
	}
	data, err := q.log.Read(index)
	if err != nil {
		return Record{}, false, fmt.Errorf("reading %s: %w", q.logPath(), err)
	}
	r, whole = decodeRecord(data)
	r.from, r.index = q, index
	return r, whole, nil
}

// done moves the cursor behind a record, and removes what is behind the cursor now and then.
func (q *queue) done(index uint64) error {
	if index < q.next {
		return nil
	}
	if err := q.moveTo(index + 1); err != nil {
		return err
	}
	isDue := q.next-q.removed >= truncateAfter || q.len() == 0 && q.bytes >= truncateBytes
	if q.log == nil || !isDue {
		return nil
	}
	if err := q.log.TruncateFront(q.next); err != nil {
		q.abandonLog()
		return fmt.Errorf("removing what is done from %s: %w", q.logPath(), err)
	}
	q.removed = q.next
	q.measure()
	return nil
}

// measure counts the bytes on disk.
func (q *queue) measure() {
	entries, err := os.ReadDir(q.logPath())
	if err != nil {
		return
	}
	q.bytes = 0
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			q.bytes += info.Size()
		}
	}
}

// close gives the folder back; one without records that are not done is removed.
func (q *queue) close() error {
	var err error
	if q.log != nil {
		err = q.log.Close()
		q.log = nil
	}
	if q.cursor != nil {
		err = errors.Join(err, q.cursor.Close())
	}
	if q.len() == 0 {
		err = errors.Join(err, os.RemoveAll(q.path))
	}
	return errors.Join(err, q.lock.Close())
}
