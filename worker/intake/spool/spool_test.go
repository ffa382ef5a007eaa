package spool_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"happycolis-reassigner/worker/intake/spool"
)

func TestWhatWasAppendedIsReadInOrderUntilItIsDone(t *testing.T) {
	t.Parallel()
	p := newFolder(t).process()
	p.append(1, 2, 3)
	p.want(1, 2, 3)
	records := p.want(1, 2, 3)
	p.must(p.Done(records[:2]))
	p.want(3)
	p.append(4)
	p.must(p.Done(p.want(3, 4)))
	p.want()
	if got := p.Stats().Waiting; got != 0 {
		t.Errorf("%d wait, want none", got)
	}
	p.must(p.Clear())
	if got := p.files("head.json"); len(got) > 0 {
		t.Errorf("once all is done %v are left", got)
	}
	p.append(5)
	p.want(5)
}

// TestACrashRepeatsWhatTheCursorHasNotPassed kills the process between an effect and the cursor, twice.
func TestACrashRepeatsWhatTheCursorHasNotPassed(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	p := f.process()
	p.append(1, 2, 3)
	p.must(p.Done(p.read(1)))
	p.read(2) // whose effects happen, and then it dies
	p.Crash()
	p = f.next()
	p.want(2, 3)
	p.Crash()
	p = f.next()
	p.must(p.Done(p.want(2, 3)))
	p.Crash()
	p = f.next()
	p.want()
	if got := p.files("queue-"); len(got) > 0 {
		t.Errorf("%v are left", got)
	}
}

func TestWhatSeveralLeftIsMergedByArrival(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	a, b, own := f.process(), f.process(), f.process()
	a.append(1, 4, 5)
	b.append(2, 3, 6)
	own.append(7, 8)
	a.Crash()
	b.Crash()
	own.must(own.TakeOver())
	records := own.want(1, 2, 3, 4, 5, 6, 7, 8)
	own.must(own.Done(records[:3]))
	own.want(4, 5, 6, 7, 8)
	own.must(own.Done(records[3:]))
	if got := len(f.files("head.json")); got != 1 {
		t.Errorf("%d folders are left, want its own", got)
	}
}

func TestTheFolderOfALivingProcessIsItsOwn(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	one, other := f.process(), f.next()
	one.append(1)
	other.append(2)
	one.must(one.TakeOver())
	other.must(other.TakeOver())
	one.want(1)
	other.want(2)
	one.must(one.Close())
	other.must(other.TakeOver())
	other.want(1, 2)
	if err := one.Append(noon, nil); !errors.Is(err, spool.ErrClosed) {
		t.Errorf("once it is closed it says %v", err)
	}
}

// TestRecordsAreKeptDuringATakeover has the next process look through a file that takes long to read: a pipe.
func TestRecordsAreKeptDuringATakeover(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	gone := f.process()
	gone.append(1)
	gone.Crash()
	pipe := f.segments()[0]
	f.must(os.Remove(pipe))
	f.must(syscall.Mkfifo(pipe, 0o600))
	p, tookOver := f.process(), make(chan error)
	go func() { tookOver <- p.TakeOver() }()
	file, err := os.OpenFile(pipe, os.O_WRONLY, 0) // returns once it is read
	f.must(err)
	p.append(2)
	p.want(2)
	select {
	case err := <-tookOver:
		t.Errorf("the takeover ended before the file did, %v", err)
	default:
	}
	f.must(os.Remove(pipe))
	f.must(file.Close())
	f.must(<-tookOver)
	p.want(2)
}

func TestWhatIsSetAsideIsForTheNextProcess(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	p := f.process()
	p.append(1, 2)
	records := p.read(2)
	p.must(p.SetAside(records[0]))
	p.must(p.Done(records))
	p.must(p.TakeOver())
	p.want()
	if got := p.Stats(); got.Kept != 1 || got.Waiting != 0 {
		t.Errorf("it has %+v", got)
	}
	p.must(p.Clear())
	p.must(p.Close())
	f.next().want(1)
}

func TestNobodyElseMayRead(t *testing.T) {
	t.Parallel()
	p := newFolder(t).process()
	p.append(1)
	p.must(p.SetAside(p.read(1)[0]))
	for _, path := range p.files("") {
		info, err := os.Stat(path)
		p.must(err)
		want := os.FileMode(0o600)
		if info.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s is %o, want %o", path, got, want)
		}
	}
}

func TestAFullSpoolKeepsWhatItHasAndTakesMoreOnceThereIsRoom(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.max = 64 << 10
	p := f.process()
	body := make([]byte, 1<<10)
	kept := 0
	for ; kept < 100; kept++ {
		if err := p.Append(noon, body); err != nil {
			if !errors.Is(err, spool.ErrFull) {
				t.Fatal(err)
			}
			break
		}
	}
	if kept < 50 || kept > 63 {
		t.Errorf("%d KiB were kept of 64", kept)
	}
	if err := p.Check(); !errors.Is(err, spool.ErrFull) {
		t.Errorf("it says %v, want that it is full", err)
	}
	if got := p.Stats().Bytes; got > f.max {
		t.Errorf("%d bytes are on disk, more than %d", got, f.max)
	}
	records := p.read(100)
	if len(records) != kept {
		t.Errorf("%d of %d can be read", len(records), kept)
	}
	p.must(p.Done(records))
	p.must(p.Clear())
	p.must(p.Check())
	p.append(1)
}

func TestAFolderThatCannotBeWrittenToIsSaidAndUsedOnceItCan(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.must(os.WriteFile(f.path, nil, 0o600)) // a file is where the folder should be
	p := f.process()
	if err := p.Check(); err == nil || !strings.Contains(err.Error(), "writing to the spool") {
		t.Errorf("it says %v", err)
	}
	if err := p.Append(noon, nil); err == nil {
		t.Error("it kept an event")
	}
	if err := p.TakeOver(); err == nil {
		t.Error("it takes over what is in no folder")
	}
	f.must(os.Remove(f.path))
	p.must(p.Check())
	p.append(1)
	p.want(1)
}

func TestAWriteThatFailedIsNoEnd(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	p := f.process()
	p.append(1, 2)
	p.FailWrites()
	if err := p.Append(noon, []byte("lost")); err == nil {
		t.Error("a write that failed counts as one that did not")
	}
	last := f.segments()
	f.edit(last[len(last)-1], func(data []byte) []byte { return append(data, 200, 1, 'h', 'a', 'l', 'f') })
	p.append(3)
	p.want(1, 2, 3)
	f.wantLog("a damaged record of the spool was dropped")
	p.FailWrites()
	p.FailWrites()
	if _, err := p.Read(1); err == nil {
		t.Error("it reads a log that is closed")
	}
}

// TestManyAppendAtTheSameTime has all of them answered, and each once.
func TestManyAppendAtTheSameTime(t *testing.T) {
	t.Parallel()
	p := newFolder(t).process()
	const senders, each = 20, 30
	var sending sync.WaitGroup
	for i := range senders {
		sending.Go(func() {
			for j := range each {
				if err := p.Append(noon, fmt.Append(nil, i, " ", j)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sending.Wait()
	last := map[string]int{}
	records := p.read(senders*each + 1)
	for _, r := range records {
		var i, j int
		if _, err := fmt.Sscan(string(r.Body), &i, &j); err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint(i)
		if last[key] != j {
			t.Errorf("of %d came %d, want %d", i, j, last[key])
		}
		last[key] = j + 1
	}
	if len(records) != senders*each {
		t.Errorf("%d were kept, want %d", len(records), senders*each)
	}
}

// TestMemoryStaysFlat keeps many events, which another process reads to the end. REASSIGNER_SPOOL_EVENTS says how many.
func TestMemoryStaysFlat(t *testing.T) {
	t.Parallel()
	events := 40_000
	if text := os.Getenv("REASSIGNER_SPOOL_EVENTS"); text != "" {
		if _, err := fmt.Sscan(text, &events); err != nil {
			t.Fatal(err)
		}
	}
	f := newFolder(t)
	p := f.process()
	body := []byte(strings.Repeat("x", 1000))
	var sending sync.WaitGroup
	for i := range 50 {
		sending.Go(func() {
			for j := i; j < events; j += 50 {
				if err := p.Append(noon.Add(time.Duration(j)), body); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sending.Wait()
	wantHeap(t)
	p.Crash()
	p = f.next()
	left := events
	for {
		records := p.read(256)
		if len(records) == 0 {
			break
		}
		left -= len(records)
		p.must(p.Done(records))
	}
	wantHeap(t)
	if left != 0 {
		t.Errorf("of %d events %d are missing", events, left)
	}
	if got, err := filepath.Glob(f.path + "/queue-*"); err != nil || len(got) > 0 {
		t.Errorf("%v are left", got)
	}
}

// wantHeap wants little memory to be in use; 40,000 events are 40 MB on disk.
func wantHeap(t *testing.T) {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 20<<20 {
		t.Errorf("%d MiB of memory are in use", m.HeapAlloc>>20)
	}
}
