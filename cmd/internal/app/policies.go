package app

import (
	"sync"
	"time"

	"happycolis-reassigner/worker/api"
)

// policyStatus records how the policy files were read, for the admin server to show.
type policyStatus struct {
	mu     sync.Mutex
	byPath map[string]api.PolicyFile
}

// noteLoaded records that a file is in force from now on.
func (r *policyStatus) noteLoaded(path string) {
	r.note(path, func(f *api.PolicyFile) { *f = api.PolicyFile{File: path, LoadedAt: time.Now().UTC()} })
}

// noteRefused records that a file could not be used; the former policy stays in force.
func (r *policyStatus) noteRefused(path string, err error) {
	r.note(path, func(f *api.PolicyFile) { f.FailedAt, f.Problem = time.Now().UTC(), err.Error() })
}

func (r *policyStatus) note(path string, change func(*api.PolicyFile)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byPath == nil {
		r.byPath = map[string]api.PolicyFile{}
	}
	f := r.byPath[path]
	change(&f)
	r.byPath[path] = f
}

// policyFile returns where an organization's policy was read from.
func (a *App) policyFile(organization string) api.PolicyFile {
	a.policyStatus.mu.Lock()
	defer a.policyStatus.mu.Unlock()
	for _, o := range a.cfg.Organizations {
		if o.Credentials.Organization == organization {
			return a.policyStatus.byPath[o.Policy]
		}
	}
	return api.PolicyFile{}
}
