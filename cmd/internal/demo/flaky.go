package demo

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
)

// makeFlaky makes a share of the API's requests fail, in turn: answered 500 and not executed; connection closed before
// execution; connection closed after execution, so that the outcome is unknown to the client. broken tells how many so far.
func makeFlaky(platform http.Handler, d Options) (flaky http.Handler, broken func() int) {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(uint64(d.Seed), 0xf1a4))
	failures := 0
	broken = func() int {
		mu.Lock()
		defer mu.Unlock()
		return failures
	}
	if d.Flaky == 0 {
		return platform, broken
	}
	fails := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(100) >= d.Flaky {
			return 0, false
		}
		failures++
		return failures % 3, true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/graphql" {
			platform.ServeHTTP(w, r)
			return
		}
		how, fail := fails()
		switch {
		case !fail:
			platform.ServeHTTP(w, r)
		case how == 0:
			w.WriteHeader(http.StatusInternalServerError)
		case how == 1:
			panic(http.ErrAbortHandler)
		default:
			platform.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
	}), broken
}
