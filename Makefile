# Everything here works with Go and make alone. `make help` lists it.

# The linters' version is pinned: a new one may know new complaints.
GOLANGCI_VERSION := v2.15.0
GOLANGCI         := golangci-lint
TEST_TIMEOUT     := 20m
RACE_TIMEOUT     := 30m
FUZZTIME         := 20s
PACKAGES         := ./... ./.ci/mutants ./.ci/report
SOAK_CHECKS      := 2000
# What takes long and breaks seldom is left to `make test-all`: browsers, and all kinds of Redis but one.
ELSEWHERE        := ^TestEndToEnd$$/(three_processes|Sentinel|Cluster)|^TestAPerson(AtTheConsole|ApprovesAPlanAtTheConsole)$$|^TestTheConsoleWithoutRedisAndByKeyboard$$
# The packages all of whose surviving mutants are on the list.
MUTATED          := happycolis
# One mutant in MUTANTS_SHARE is tried, chosen by MUTANTS_SEED, for MUTANTS_TIME at the most (0s: as long as it takes).
MUTANTS_SHARE    := 1
MUTANTS_SEED     := $(shell git rev-parse HEAD 2>/dev/null)
MUTANTS_TIME     := 0s
MUTANTS_IN       :=
MUTANTS_FLAGS    :=
# What `make test` took, for the report.
TEST_SECONDS     := 0

.DEFAULT_GOAL := help
.PHONY: help run build test test-all race fuzz soak bench mutants docs pictures report check lint lint-install clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## the demo: break a location of a fake platform and watch its delivery orders move
	go run ./cmd/reassigner demo

build: ## the binary, as bin/reassigner
	CGO_ENABLED=0 go build -trimpath -o bin/reassigner ./cmd/reassigner

# What is drawn at random is drawn alike each time: this judges a commit. `make soak` draws anew.
test test-all race: export RAPID_SEED ?= 20260518
# A third of the tests' time went into collecting garbage, at 90 MB a process; where memory is short it is collected.
test test-all: export GOGC ?= 400
test test-all: export GOMEMLIMIT ?= 1500MiB
test: ## every story, the crash matrix, the model; on a real Redis too where redis-server is in the PATH
	go test -timeout $(TEST_TIMEOUT) -skip '$(ELSEWHERE)' $(TESTFLAGS) $(PACKAGES)

# The stories of handovers and incidents are told in a world that does one thing after the other: nothing to race, and
# most of the time. What they tell of is raced by the real task servers, in the drains of cmd/reassigner; of their own
# tests, by the one that has many at once. The transcripts drive a program that is built without the detector.
test-all: ## what `make test` leaves out: browsers, other kinds of Redis, race detector, fuzz, soak, mutants (needs redis-server, chromium, gcc)
	REASSIGNER_REQUIRE_REDIS=1 go test -timeout $(TEST_TIMEOUT) -run '$(ELSEWHERE)' $(TESTFLAGS) ./cmd/reassigner
	REASSIGNER_REQUIRE_REDIS=1 go test -race -timeout $(RACE_TIMEOUT) -skip '$(ELSEWHERE)|^TestEndToEnd$$/embedded|^TestTranscripts$$' $(TESTFLAGS) \
	  $$(go list ./... | grep -v -E '/worker/(handover|incident)$$')
	REASSIGNER_SPOOL_EVENTS=1000000 go test -timeout $(TEST_TIMEOUT) -run '^TestMemoryStaysFlat$$' $(TESTFLAGS) ./worker/intake/spool
	go test -race -timeout $(RACE_TIMEOUT) -run '^TestHandoversAtOnce' $(TESTFLAGS) ./worker/handover
	env -u GOGC -u GOMEMLIMIT SOAK_SHORT=1 REASSIGNER_REQUIRE_REDIS=1 go test -tags soak ./cmd/reassigner -run Soak -parallel 4 -timeout 10m $(TESTFLAGS)
	$(MAKE) --no-print-directory fuzz FUZZTIME=10s
	$(MAKE) --no-print-directory mutants MUTANTS_SHARE=10 MUTANTS_TIME=5m MUTANTS_IN='$(MUTATED)'

race: ## every test under the race detector (needs a C compiler)
	go test -race -timeout $(RACE_TIMEOUT) $(TESTFLAGS) $(PACKAGES)

fuzz: ## every fuzz target, FUZZTIME each
	@set -e; for file in $$(grep -rl --include='*_test.go' '^func Fuzz' .); do \
	  for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $$file); do \
	    echo "$$target ($$(dirname $$file)), $(FUZZTIME)"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) ./$$(dirname $$file); \
	  done; \
	done

soak: ## the model at length, drains by real processes, killed and cut off, and strangers by the thousand; SOAK_SHORT=1, SOAK_ORDERS, SOAK_SEED
	go test ./worker/handover -run '^TestModel$$' -rapid.checks=$(SOAK_CHECKS) -count=1 -timeout 30m -v
	REASSIGNER_REQUIRE_REDIS=1 go test -tags soak ./cmd/reassigner -run Soak -count=1 -parallel 4 -timeout 30m -v

bench: ## every benchmark, and the ratios of speed and memory that are watched (about 9 minutes)
	go test -run '^$$' -bench . -benchmem $(PACKAGES)
	REASSIGNER_REQUIRE_REDIS=1 go test -tags bench ./cmd/reassigner -run '^TestBench' -count=1 -timeout 30m -v

mutants: ## change the code in small ways and see that a test notices each; MUTANTS_IN=worker/journal, MUTANTS_SHARE=10
	go run ./.ci/mutants -share $(MUTANTS_SHARE) -seed '$(MUTANTS_SEED)' -for $(MUTANTS_TIME) $(MUTANTS_FLAGS) $(MUTANTS_IN)

docs: ## write the generated pages of docs/ anew; a test fails while one is not what the code says
	REASSIGNER_UPDATE_DOCS=1 go test ./worker/api ./cmd/reassigner -run '^TestThePageOf' -count=1

pictures: ## take the pictures of docs/pictures anew (needs chromium; 2 minutes)
	REASSIGNER_PICTURES=$(CURDIR)/docs/pictures go test ./cmd/reassigner -run '^TestAPersonAtTheConsole$$' -count=1

report: ## figures of the code: lines, names, types, arrows between files; TEST_SECONDS=450
	go run ./.ci/report -test-seconds $(TEST_SECONDS)

check: ## what has to be clean before a commit: vet, format, modules, linters
	go vet $(PACKAGES)
	@dirty=$$(gofmt -l .ci cmd happycolis policy tasks worker); if [ -n "$$dirty" ]; then echo "gofmt would change:"; echo "$$dirty"; exit 1; fi
	go mod tidy -diff
	@if command -v $(GOLANGCI) >/dev/null; then $(MAKE) --no-print-directory lint; else echo "the linters are not here; make lint-install gets them"; fi

lint: ## the linters of .golangci.yml
	$(GOLANGCI) run $(PACKAGES)

lint-install: ## get the linters, in the pinned version, into Go's bin directory
	go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

clean: ## remove what was built
	rm -rf bin
