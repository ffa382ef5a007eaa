// Package spool keeps events on disk while they cannot be applied, in order, and gives them back until they are done.
//
//	dir/                   0700, one for all processes of a machine or a volume
//	  queue-<time>-<pid>/    the events of one process, which holds its lock
//	    head.json              form of the folder, and the platform that its events are of
//	    lock                   held by the process that appends here, or that took it over
//	    cursor                 index of the first event that is not done
//	    log/                   the events: files of 1 MiB (tidwall/wal), each record with a checksum and its arrival
//	  kept-<time>-<pid>/     the same, for events that this process could not apply; the next process that starts tries them
//
// A process appends to a folder of its own. It takes over each folder whose lock is free, since whoever had it is gone, and
// reads all of them merged by arrival. A record is done when its cursor has passed it: who dies between an effect and the
// cursor has the effect once more.
//
// Append returns once the record is on disk: those that come at the same time share one fsync. What was not written whole is
// dropped at the next start; it was never answered. The library keeps no checksums, does not make the names of its new
// files durable and is in disorder after a failed write: record.go, queue.go and repair.go see to that.
package spool

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of one group that is written with one fsync.
const (
	groupMost  = 512
	groupBytes = 4 << 20
)

// ErrFull reports that the spool holds as much as it may.
var ErrFull = errors.New("the spool is full: max_bytes is reached")

// ErrClosed reports that the process is ending.
var ErrClosed = errors.New("the spool is closed")

// Options say where the spool is.
type Options struct {
	Dir      string
	MaxBytes int64  // of this process and of what it took over
	Platform string // folders of another platform are left alone
	Log      *slog.Logger
}

// Spool is what one process has of the folder. It may be used by many goroutines, but one only reads.
type Spool struct {
	Options
	writes  chan *write
	closing chan struct{}
	writer  sync.WaitGroup

	reported map[string]bool // what TakeOver logged

	mu      sync.Mutex // guards what follows, and every queue
	own     *queue     // nil: nothing is to be kept
	kept    *queue     // nil: nothing was set aside
	others  []*queue   // of processes that are gone
	wasFull bool

	waiting, setAside, bytes atomic.Int64
}

// write is one record on its way to the disk.
type write struct {
	data []byte
	done chan error
}

// New returns a spool. It touches nothing on disk yet. It has to be closed.
func New(o Options) *Spool {
	s := &Spool{Options: o, writes: make(chan *write), closing: make(chan struct{}), reported: map[string]bool{}}
	s.writer.Go(s.writeGroups)
	return s
}

// Append keeps a record, and returns once it is on disk. After an error it may be there or not.
func (s *Spool) Append(at time.Time, body []byte) error {
	w := &write{data: encodeRecord(at, body), done: make(chan error, 1)}
	select {
	case s.writes <- w:
		return <-w.done
	case <-s.closing:
		return ErrClosed
	}
}

// writeGroups writes what waits, all of it with one fsync.
func (s *Spool) writeGroups() {
	for {
		var group []*write
		select {
		case w := <-s.writes:
			group = append(group, w)
		case <-s.closing:
			return
		}
		size := sizeOf(group[0].data)
	gather:
		for len(group) < groupMost && size < groupBytes {
			select {
			case w := <-s.writes:
				group = append(group, w)
				size += sizeOf(w.data)
			default:
				break gather
			}
		}
		s.writeGroup(group)
	}
}

func (s *Spool) writeGroup(group []*write) {
	s.mu.Lock()
	defer s.mu.Unlock()
	room, size := s.MaxBytes-s.size(), int64(0)
	var records [][]byte
	var accepted []*write
	for _, w := range group {
		if size += sizeOf(w.data); size > room {
			s.wasFull = true
			w.done <- ErrFull
			size -= sizeOf(w.data)
			continue
		}
		records, accepted = append(records, w.data), append(accepted, w)
	}
	var err error
	if len(records) > 0 {
		err = s.appendOwn(records)
	}
	s.updateStats()
	for _, w := range accepted {
		w.done <- err
	}
}

func (s *Spool) appendOwn(records [][]byte) (err error) {
	if s.own == nil {
		if s.own, err = createQueue(s.Dir, waitingPrefix, s.Platform, s.Log); err != nil {
			s.own = nil
			return fmt.Errorf("making a folder in the spool: %w", err)
		}
	}
	return s.own.append(records)
}

// Read returns the oldest records that are not done, at most most of them, merged by arrival. It returns the same again
// until Done. Damaged ones are dropped.
func (s *Spool) Read(most int) ([]Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.updateStats()
	heads := make([]reader, 0, len(s.others)+1)
	for _, q := range s.queues() {
		r := reader{q: q, at: q.next}
		if err := r.advance(); err != nil {
			return nil, err
		}
		heads = append(heads, r)
	}
	var records []Record
	for len(records) < most {
		oldest := -1
		for i, h := range heads {
			if h.has && (oldest < 0 || h.head.At.Before(heads[oldest].head.At)) {
				oldest = i
			}
		}
		if oldest < 0 {
			break
		}
		records = append(records, heads[oldest].head)
		if err := heads[oldest].advance(); err != nil {
			return nil, err
		}
	}
	return records, nil
}

// reader reads one queue from its cursor on.
type reader struct {
	q    *queue
	at   uint64 // index of the next record
	head Record
	has  bool
}

// advance reads the next record that is whole. Damaged ones before the cursor's next record are done with.
func (r *reader) advance() error {
	r.has = false
	dropped := 0
	for ; r.at <= r.q.last && !r.has; r.at++ {
		record, whole, err := r.q.readRecord(r.at)
		if err != nil {
			return err
		}
		if r.head, r.has = record, whole; whole {
			continue
		}
		dropped++
		if r.at == r.q.next {
			if err := r.q.done(r.at); err != nil {
				return err
			}
		}
	}
	if dropped > 0 {
		r.q.logger.Error("damaged records of the spool were dropped", "path", r.q.logPath(), "count", dropped)
	}
	return nil
}

// Done says that records are done, all that Read returned. The folder of a process that is gone is removed with its last one.
func (s *Spool) Done(records []Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.updateStats()
	last := map[*queue]uint64{}
	for _, r := range records {
		last[r.from] = max(last[r.from], r.index)
	}
	for q, index := range last {
		if err := q.done(index); err != nil {
			return err
		}
	}
	return s.removeEmpty()
}

// removeEmpty removes folders that were taken over and have nothing left.
func (s *Spool) removeEmpty() error {
	var left []*queue
	var errs []error
	for _, q := range s.others {
		if q.len() > 0 {
			left = append(left, q)
			continue
		}
		errs = append(errs, q.close())
	}
	s.others = left
	return errors.Join(errs...)
}

// SetAside keeps a record that cannot be applied where the next process that starts finds it. It has to be done afterwards.
func (s *Spool) SetAside(r Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.updateStats()
	if s.kept == nil {
		kept, err := createQueue(s.Dir, keptPrefix, s.Platform, s.Log)
		if err != nil {
			return fmt.Errorf("making a folder in the spool: %w", err)
		}
		s.kept = kept
	}
	return s.kept.append([][]byte{encodeRecord(r.At, r.Body)})
}

// TakeOver takes each folder whose process is gone. What it leaves alone, of a newer release or of another platform, is
// logged once. Meanwhile records can be appended: a large folder takes long to look through.
func (s *Spool) TakeOver() error {
	paths, strange, err := listFolders(s.Dir)
	if err != nil {
		return err
	}
	for _, path := range strange {
		s.logLeftAlone(path, errForeign)
	}
	var taken []*queue
	var errs []error
	for _, path := range paths {
		q, err := openQueue(path, s.Platform, s.Log)
		switch {
		case err == nil:
			s.Log.Info("events of a process that is gone were taken over from the spool", "path", path, "count", q.len())
			taken = append(taken, q)
		case errors.Is(err, errForeign), errors.Is(err, errNewer), errors.Is(err, errOther):
			s.logLeftAlone(path, err)
		case !errors.Is(err, errLocked):
			errs = append(errs, fmt.Errorf("taking over %s: %w", path, err))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.updateStats()
	s.others = append(s.others, taken...)
	return errors.Join(append(errs, s.removeEmpty())...)
}

func (s *Spool) logLeftAlone(path string, why error) {
	if !s.reported[path] {
		s.Log.Warn("a part of the spool is left alone", "path", path, "why", why.Error())
		s.reported[path] = true
	}
}

// Clear removes the folder of this process if every record in it is done.
func (s *Spool) Clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.updateStats()
	if s.own == nil || s.own.len() > 0 {
		return nil
	}
	own := s.own
	s.own = nil
	return own.close()
}

// Check reports why a record could not be kept now: the spool is full, or cannot be written to.
func (s *Spool) Check() error {
	s.mu.Lock()
	if s.wasFull && s.size() <= s.MaxBytes-s.MaxBytes/16 {
		s.wasFull = false
	}
	full := s.wasFull
	s.mu.Unlock()
	if full {
		return ErrFull
	}
	if err := checkWritable(s.Dir); err != nil {
		return fmt.Errorf("writing to the spool: %w", err)
	}
	return nil
}

// Stats say what the spool holds.
type Stats struct {
	Waiting int64 // records that wait for their effect
	Kept    int64 // records that this process set aside
	Bytes   int64
}

// Stats returns what the spool holds now, without waiting for the disk.
func (s *Spool) Stats() Stats {
	return Stats{Waiting: s.waiting.Load(), Kept: s.setAside.Load(), Bytes: s.bytes.Load()}
}

// queues are those whose records wait. The caller has the mutex, as with those that follow.
func (s *Spool) queues() []*queue {
	if s.own == nil {
		return s.others
	}
	return append(s.others[:len(s.others):len(s.others)], s.own)
}

func (s *Spool) size() int64 {
	size := int64(0)
	for _, q := range append(s.queues(), s.kept) {
		if q != nil {
			size += q.bytes
		}
	}
	return size
}

func (s *Spool) updateStats() {
	waiting := 0
	for _, q := range s.queues() {
		waiting += q.len()
	}
	s.waiting.Store(int64(waiting))
	if s.kept != nil {
		s.setAside.Store(int64(s.kept.len()))
	}
	s.bytes.Store(s.size())
}

// Close gives every folder back; what is not done stays for the next process. Nothing can be appended afterwards.
func (s *Spool) Close() error {
	close(s.closing)
	s.writer.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, q := range append(s.queues(), s.kept) {
		if q != nil {
			errs = append(errs, q.close())
		}
	}
	s.own, s.kept, s.others = nil, nil, nil
	return errors.Join(errs...)
}
