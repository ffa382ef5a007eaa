package spool_test

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/worker/intake/spool"
	"happycolis-reassigner/worker/logtest"
)

const platform = "https://platform.example/graphql"

var noon = time.Date(2026, 5, 18, 12, 0, 0, 0, time.UTC)

// folder is a spool's folder, in which processes come and go.
type folder struct {
	*testing.T
	path string
	logs logtest.Buffer
	max  int64
}

func newFolder(t *testing.T) *folder {
	return &folder{T: t, path: filepath.Join(t.TempDir(), "spool"), max: 1 << 30}
}

// process starts one that uses the folder.
func (f *folder) process() *process {
	return &process{f, spool.New(spool.Options{Dir: f.path, MaxBytes: f.max, Platform: platform, Log: slog.New(slog.NewTextHandler(&f.logs, nil))})}
}

// next starts a process after those before are gone, which takes over what they left.
func (f *folder) next() *process {
	f.Helper()
	p := f.process()
	f.must(p.TakeOver())
	return p
}

func (f *folder) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// files are those of the folder whose path ends so.
func (f *folder) files(suffix string) []string {
	f.Helper()
	var all []string
	f.must(filepath.WalkDir(f.path, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, suffix) {
			all = append(all, path)
		}
		return err
	}))
	return all
}

// segments are the files with records.
func (f *folder) segments() []string {
	f.Helper()
	var all []string
	for _, path := range f.files("") {
		if filepath.Base(filepath.Dir(path)) == "log" {
			all = append(all, path)
		}
	}
	return all
}

// wantLog wants the log to say something once.
func (f *folder) wantLog(text string) {
	f.Helper()
	if got := strings.Count(f.logs.String(), text); got != 1 {
		f.Errorf("%q is in the log %d times, want once:\n%s", text, got, f.logs.String())
	}
}

type process struct {
	*folder
	*spool.Spool
}

// append keeps events that arrive so many seconds after noon, each named by its second.
func (p *process) append(seconds ...int) {
	p.Helper()
	for _, s := range seconds {
		p.must(p.Append(noon.Add(time.Duration(s)*time.Second), fmt.Append(nil, "event ", s)))
	}
}

// read returns what waits, at most most.
func (p *process) read(most int) []spool.Record {
	p.Helper()
	records, err := p.Read(most)
	p.must(err)
	return records
}

// want wants the events of these seconds to wait, in this order, and returns them.
func (p *process) want(seconds ...int) []spool.Record {
	p.Helper()
	records := p.read(1000)
	got, want := []string{}, []string{}
	for _, r := range records {
		got = append(got, string(r.Body)+" "+r.At.Format(time.TimeOnly))
	}
	for _, s := range seconds {
		want = append(want, fmt.Sprint("event ", s, " ", noon.Add(time.Duration(s)*time.Second).Format(time.TimeOnly)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		p.Errorf("waiting (-want +got):\n%s", diff)
	}
	return records
}

// edit changes a file.
func (f *folder) edit(path string, change func([]byte) []byte) {
	f.Helper()
	data, err := os.ReadFile(path)
	f.must(err)
	f.must(os.WriteFile(path, change(data), 0o600))
}
