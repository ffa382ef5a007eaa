package main

import (
	"sync"
	"time"

	"happycolis-reassigner/worker/desk"
)

// readings remembers how the policy files were read, for the desk to show.
type readings struct {
	mu     sync.Mutex
	byPath map[string]desk.PolicyFile
}

// read notes that a file is in force from now on.
func (r *readings) read(path string) {
	r.note(path, func(f *desk.PolicyFile) { *f = desk.PolicyFile{File: path, LoadedAt: time.Now().UTC()} })
}

// failed notes that a file could not be taken; what was in force stays so.
func (r *readings) failed(path string, err error) {
	r.note(path, func(f *desk.PolicyFile) { f.FailedAt, f.Problem = time.Now().UTC(), err.Error() })
}

func (r *readings) note(path string, change func(*desk.PolicyFile)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byPath == nil {
		r.byPath = map[string]desk.PolicyFile{}
	}
	f := r.byPath[path]
	change(&f)
	r.byPath[path] = f
}

// policyFile is where an organization's policy is from.
func (a *app) policyFile(organization string) desk.PolicyFile {
	a.readings.mu.Lock()
	defer a.readings.mu.Unlock()
	for _, o := range a.cfg.Organizations {
		if o.Credentials.Organization == organization {
			return a.readings.byPath[o.Policy]
		}
	}
	return desk.PolicyFile{}
}
