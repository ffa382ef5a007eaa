package main

// target is a package whose code is mutated, or some files of it, and the packages whose tests have to notice. Those
// are tried in this order: the package's own tests tell soonest.
type target struct {
	dir   string
	files []string // all where none is named
	tests []string
}

// targets are what the promises rest on.
var targets = []target{
	{dir: "worker/intake", tests: []string{"worker/intake", "worker/admin"}},
	{dir: "worker/redisscript", tests: []string{"worker/redisscript", "worker/journal", "worker/index", "worker/ledger"}},
	{dir: "worker/index", tests: []string{"worker/index", "worker/ledger", "worker/intake", "worker/handover", "worker/incident", "worker/admin"}},
	{dir: "worker/ledger", tests: []string{"worker/ledger", "worker/intake", "worker/handover", "worker/incident"}},
	{dir: "worker/journal", tests: []string{"worker/journal", "worker/handover", "worker/incident", "worker/admin"}},
	{dir: "worker/incident", tests: []string{"worker/incident", "worker/handover", "worker/admin"}},
	{dir: "worker/handover/orders", tests: []string{"worker/handover/orders", "worker/handover"}},
	{dir: "worker/handover/decision", tests: []string{"worker/handover/decision", "worker/handover", "worker/incident"}},
	{dir: "worker/plan", tests: []string{"worker/handover", "worker/incident", "worker/admin"}},
	{dir: "worker/handover", tests: []string{"worker/handover", "worker/incident", "worker/admin"}},
	{dir: "happycolis", files: []string{"redislimiter.go", "token_source.go", "token_fetch.go"}, tests: []string{"happycolis"}},
}

// late are tests that take minutes: all others are tried before.
var late = map[string]bool{"TestCrashMatrix": true, "TestModel": true}
