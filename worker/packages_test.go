package worker_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The moduleRoot, as seen from the folder of this test.
const (
	moduleRoot = ".."
	module     = "happycolis-reassigner"
	linesMost  = 400
)

// source is one Go file: where it lies, what it belongs to and what it imports.
type source struct {
	path    string // from the root of the module, with slashes
	folder  string
	pack    string
	imports []string // those of ours without the module's name
	lines   int
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// sources reads every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(moduleRoot, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != moduleRoot && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		s, err := read(path)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("found %d Go files; is this test still looking in the right place?", len(all))
	}
	return all
}

func read(path string) (source, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return source{}, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ImportsOnly)
	if err != nil {
		return source{}, err
	}
	place, err := filepath.Rel(moduleRoot, path)
	if err != nil {
		return source{}, err
	}
	s := source{path: filepath.ToSlash(place), pack: file.Name.Name, lines: strings.Count(string(text), "\n")}
	s.folder = filepath.ToSlash(filepath.Dir(place))
	for _, i := range file.Imports {
		name, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, strings.TrimPrefix(name, module+"/"))
	}
	return s, nil
}

// rules say what the code of a folder may import of ours. The first that names the folder, or one above
// it, counts.
var rules = []struct {
	folder string
	may    []string // folders with everything below them, "=" a folder alone; none: nothing of ours
}{
	{"policy/strictyaml", nil},
	{"policy", []string{"policy/strictyaml"}},
	{"happycolis/sandbox", []string{"happycolis/webhook"}},
	{"happycolis", []string{"happycolis/quantity"}},
	{"tasks", nil},
	{"worker/rediskey", nil},
	{"worker/connections", nil},
	{"worker/redisscript", nil},
	{"worker/api", nil},
	{"worker/journal", []string{"policy", "worker/api", "worker/rediskey", "worker/redisscript"}},
	{"worker/index", []string{"worker/rediskey", "worker/redisscript"}},
	{"worker/ledger", []string{"worker/index", "worker/rediskey", "worker/redisscript"}},
	{"worker/redistest", nil},
	{"worker/logtest", nil},
	{"worker/handover/orders", []string{"happycolis", "worker/journal", "worker/index"}},
	{"worker/handover/decision", []string{"happycolis", "policy", "=worker", "worker/cache", "worker/handover/orders", "worker/index", "worker/journal", "worker/ledger"}},
	{"worker/plan", []string{"happycolis", "policy", "=worker", "worker/handover/decision", "worker/handover/orders", "worker/index", "worker/journal", "worker/ledger"}},
	{"worker/metrics", []string{"happycolis", "tasks", "worker/api", "worker/journal", "worker/index", "worker/wording"}},
	{"worker/intake/kafka", []string{"happycolis", "worker/cache", "worker/index", "worker/intake"}},
	{"worker/intake/spool", nil},
	{"worker/intake", []string{"worker/intake", "happycolis", "tasks", "worker/connections", "worker/index", "worker/ledger", "worker/rediskey"}},
	{"worker/ops/refusal", []string{"happycolis", "worker/handover", "worker/journal"}},
	{"worker", []string{"worker", "tasks", "happycolis", "policy"}},
	{"cmd/internal/config", []string{"worker/admin", "worker/intake", "worker/incident", "worker/notify", "worker/plaintext", "happycolis", "policy"}},
	{"cmd/internal/app", []string{"cmd/internal/config", "worker", "tasks", "happycolis", "policy"}},
	{"cmd/internal/demo", []string{"cmd/internal/config", "cmd/internal/app", "cmd/internal/terminal", "worker", "happycolis", "policy"}},
	{"cmd/internal/doctor", []string{"cmd/internal/config", "cmd/internal/app", "cmd/internal/terminal", "worker", "tasks", "happycolis", "policy"}},
	{"cmd/internal/registry", []string{"cmd/internal/config", "cmd/internal/app", "worker/journal", "worker/rediskey", "happycolis"}},
	{"cmd/internal/terminal", []string{"worker/plaintext", "worker/wording"}},
	{"cmd/internal/apptest", []string{"cmd/internal/config", "happycolis", "policy"}},
	{"cmd/internal/cli", []string{"cmd/internal", "worker/api", "worker/incident", "worker/intake", "worker/plaintext", "worker/wording", "happycolis", "policy"}},
	{"cmd/reassigner", []string{"cmd/internal/cli"}},
}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		at := slices.IndexFunc(rules, func(r struct {
			folder string
			may    []string
		}) bool {
			return below(s.folder, r.folder)
		})
		if at < 0 {
			t.Errorf("%s lies in no room that the rules name", s.path)
			continue
		}
		if s.test() {
			continue
		}
		for _, i := range s.imports {
			if ours(i) && i != s.folder && !slices.ContainsFunc(rules[at].may, func(may string) bool { return "="+i == may || below(i, may) }) {
				t.Errorf("%s imports %s, which %s may not", s.path, i, rules[at].folder)
			}
		}
	}
}

// TestTestsOfTheGroundStayOnTheGround: what a test imports is part of what a room needs to be understood.
func TestTestsOfTheGroundStayOnTheGround(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, i := range s.imports {
			switch {
			case below(s.folder, "policy") && ours(i) && !below(i, "policy"),
				below(s.folder, "happycolis") && ours(i) && !below(i, "happycolis"),
				below(s.folder, "tasks") && below(i, "worker"):
				t.Errorf("%s imports %s", s.path, i)
			}
		}
	}
}

func TestSomeRoomsAreForSomeOnly(t *testing.T) {
	t.Parallel()
	limits := []struct {
		what string
		by   []string // folders whose code, tests apart, may import it
	}{
		{"happycolis/sandbox", []string{"cmd/internal/cli", "cmd/internal/demo", "worker/world"}},
		{"worker/world", nil},
		{"worker/redistest", nil},
		{"cmd/internal/apptest", nil},
		{"worker/metrics", []string{"cmd/internal/app"}},
		{"worker/ops", []string{"worker/admin", "worker/wiring", "worker/world", "cmd/internal/app"}},
		{"worker/admin", []string{"cmd/internal/app", "cmd/internal/config"}},
		{"worker/admin/console", []string{"cmd/internal/app"}},
		{"testing", []string{"worker/redistest", "cmd/internal/apptest"}},
	}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		for _, limit := range limits {
			for _, i := range s.imports {
				if below(i, limit.what) && !below(s.folder, limit.what) && !slices.ContainsFunc(limit.by, func(by string) bool { return below(s.folder, by) }) {
					t.Errorf("%s imports %s, which is for %q alone, and for tests", s.path, i, limit.by)
				}
			}
		}
	}
}

// TestTheWorkerNeverMeetsTheFakePlatform follows the imports of the worker as it is served, however many steps away.
func TestTheWorkerNeverMeetsTheFakePlatform(t *testing.T) {
	t.Parallel()
	imports := map[string][]string{}
	for _, s := range sources(t) {
		if !s.test() {
			imports[s.folder] = append(imports[s.folder], s.imports...)
		}
	}
	by := map[string]string{"cmd/internal/app": ""} // to who imports it
	for next := []string{"cmd/internal/app"}; len(next) > 0; next = next[1:] {
		for _, i := range imports[next[0]] {
			if _, known := by[i]; known || !ours(i) {
				continue
			}
			by[i] = next[0]
			next = append(next, i)
			if slices.ContainsFunc([]string{"happycolis/sandbox", "cmd/internal/demo", "cmd/internal/cli", "worker/world"}, func(of string) bool { return below(i, of) }) {
				t.Errorf("%s imports %s, and the worker imports that", next[0], i)
			}
		}
	}
	if len(by) < 10 {
		t.Errorf("the worker imports %d packages of ours; is this test still looking in the right place?", len(by))
	}
}

// TestOneFileTranslates: what the platform says becomes the policy's facts in one place, so that a misreading has one place, too.
func TestOneFileTranslates(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.test() || !below(s.folder, "worker") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(moduleRoot, s.path))
		if err != nil {
			t.Fatal(err)
		}
		makes := strings.Contains(string(text), "policy.Candidate{\n") || strings.Contains(string(text), "policy.Known(")
		if is := s.path == "worker/handover/decision/facts.go"; is != makes {
			t.Errorf("%s makes facts of the policy: %t, want %t", s.path, makes, is)
		}
	}
}

func TestFilesAndNames(t *testing.T) {
	t.Parallel()
	vague := []string{"common", "util", "utils", "manager", "helper", "helpers", "service", "impl"}
	for _, s := range sources(t) {
		if s.lines > linesMost {
			t.Errorf("%s has %d lines, want at most %d", s.path, s.lines, linesMost)
		}
		if slices.Contains(vague, strings.TrimSuffix(s.pack, "_test")) {
			t.Errorf("%s is of package %s, which says nothing", s.path, s.pack)
		}
		name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(s.path), ".go"), "_test")
		if slices.ContainsFunc(strings.Split(name, "_"), func(word string) bool { return slices.Contains(vague, word) }) {
			t.Errorf("the name of %s says nothing", s.path)
		}
	}
}

func TestTheTopOfTheHouseHasItsRoomsOnly(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(moduleRoot)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains([]string{"cmd", "worker", "tasks", "happycolis", "policy", "docs"}, e.Name()) {
			t.Errorf("there is a folder %s at the top", e.Name())
		}
	}
}

// ours reports whether an import is one of this module.
func ours(name string) bool {
	return slices.ContainsFunc([]string{"cmd", "worker", "tasks", "happycolis", "policy"}, func(room string) bool { return below(name, room) })
}

// below reports whether a folder is another or lies in it.
func below(folder, of string) bool { return folder == of || strings.HasPrefix(folder, of+"/") }
