package spool_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestADamagedEndIsDropped tears the last of three records in the ways in which a power failure does.
func TestADamagedEndIsDropped(t *testing.T) {
	t.Parallel()
	for name, tear := range map[string]func([]byte) []byte{
		"half of it is missing":        func(data []byte) []byte { return data[:len(data)-9] },
		"all but its length is":        func(data []byte) []byte { return data[:len(data)-19] },
		"its last byte is":             func(data []byte) []byte { return data[:len(data)-1] },
		"it is zeros":                  func(data []byte) []byte { return append(data[:len(data)-20], make([]byte, 20)...) },
		"zeros are in its middle":      func(data []byte) []byte { copy(data[len(data)-8:], make([]byte, 4)); return data },
		"its length is beyond the end": func(data []byte) []byte { data[len(data)-20] = 120; return data },
		"its length is no number":      func(data []byte) []byte { return append(data[:len(data)-20], bytes.Repeat([]byte{255}, 20)...) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFolder(t)
			p := f.process()
			p.append(1, 2, 3)
			p.Crash()
			f.edit(f.segments()[0], tear)
			p = f.next()
			p.want(1, 2)
			f.wantLog("a damaged record of the spool was dropped")
			p.append(4)
			p.want(1, 2, 4)
			p.must(p.Done(p.read(2)))
			p.Crash()
			f.next().want(4)
			f.wantLog("a damaged record of the spool was dropped")
		})
	}
}

func TestWhatFollowsTheEndIsDropped(t *testing.T) {
	t.Parallel()
	for name, rest := range map[string][]byte{"zeros": make([]byte, 5000), "rubbish": bytes.Repeat([]byte("rubbish "), 100)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFolder(t)
			p := f.process()
			p.append(1, 2)
			p.Crash()
			f.edit(f.segments()[0], func(data []byte) []byte { return append(data, rest...) })
			f.next().want(1, 2)
			f.wantLog("a damaged record of the spool was dropped")
		})
	}
}

func TestADamagedRecordInTheMiddleIsDroppedAlone(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	p := f.process()
	p.append(1, 2, 3)
	p.Crash()
	f.edit(f.segments()[0], func(data []byte) []byte { return bytes.Replace(data, []byte("event 1"), []byte("event 9"), 1) })
	p = f.next()
	records := p.want(2, 3)
	f.wantLog("damaged records of the spool were dropped")
	p.must(p.Done(records))
	p.want()
}

// TestAFileInTheMiddleThatIsTooShortCostsOnlyWhatIsMissing has several files, of which each loses its end in turn.
func TestAFileInTheMiddleThatIsTooShortCostsOnlyWhatIsMissing(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	p := f.process()
	body := make([]byte, 100<<10)
	const events = 35
	for i := range events {
		body[0] = byte(i)
		p.must(p.Append(noon, body))
	}
	p.Crash()
	files := f.segments()
	if len(files) < 3 {
		t.Fatalf("%d files, want several", len(files))
	}
	for _, path := range files[:len(files)-1] {
		f.edit(path, func(data []byte) []byte { return data[:len(data)-150<<10] })
	}
	p = f.next()
	records := p.read(events)
	if want := events - 2*(len(files)-1); len(records) != want {
		t.Errorf("%d of %d can be read, want %d", len(records), events, want)
	}
	for i, r := range records[1:] {
		if r.Body[0] <= records[i].Body[0] {
			t.Errorf("%d comes after %d", r.Body[0], records[i].Body[0])
		}
	}
	p.must(p.Done(records))
	p.want()
}

// TestACursorThatIsWrongRepeatsAndLosesNothing also has it beyond the end, where new events would be passed over.
func TestACursorThatIsWrongRepeatsAndLosesNothing(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "", "rubbish": "cursor", "short": "0000", "zero": "00000000000000000000\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFolder(t)
			p := f.process()
			p.append(1, 2)
			p.must(p.Done(p.read(1)))
			p.Crash()
			f.edit(f.files("cursor")[0], func([]byte) []byte { return []byte(text) })
			f.next().want(1, 2)
		})
	}
	f := newFolder(t)
	p := f.process()
	p.append(1, 2)
	p.FailWrites()
	f.edit(f.files("cursor")[0], func([]byte) []byte { return []byte("00000000000000000099\n") })
	if err := p.Append(noon, nil); err == nil {
		t.Error("a write that failed counts as one that did not")
	}
	p.append(3)
	p.want(3)
}

// TestWhatIsNotOursIsLeftAlone also says it, once.
func TestWhatIsNotOursIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ head, why string }{
		"a newer release":  {`{"format":2,"platform":"` + platform + `"}`, "a newer release wrote it"},
		"another platform": {`{"format":1,"platform":"https://other.example/graphql"}`, "its events are of another platform"},
		"rubbish":          {`{`, "it is no queue of this program"},
		"nothing":          {`{}`, "it is no queue of this program"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFolder(t)
			p := f.process()
			p.append(1)
			p.Crash()
			f.edit(f.files("head.json")[0], func([]byte) []byte { return []byte(test.head) })
			before := f.files("")
			p = f.next()
			p.must(p.TakeOver())
			p.want()
			f.wantLog(test.why)
			if got := f.files(""); len(got) != len(before) {
				t.Errorf("there is %v, want %v", got, before)
			}
		})
	}
	t.Run("a file put there by hand", func(t *testing.T) {
		t.Parallel()
		f := newFolder(t)
		f.must(os.MkdirAll(filepath.Join(f.path, "queue-17-4"), 0o700))
		f.must(os.MkdirAll(filepath.Join(f.path, "lost+found"), 0o700))
		f.must(os.WriteFile(filepath.Join(f.path, "queue-1-1"), []byte("notes"), 0o600))
		p := f.next()
		p.must(p.TakeOver())
		p.append(1)
		p.want(1)
		if got := strings.Count(f.logs.String(), "it is no queue of this program"); got != 3 {
			t.Errorf("%d are told of, want 3:\n%s", got, f.logs.String())
		}
	})
}
