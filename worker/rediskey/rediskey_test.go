package rediskey_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"happycolis-reassigner/worker/rediskey"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{rediskey.Of("org_1", "index"), "reassigner:{org_1}:index"},
		{rediskey.Shared("served"), "reassigner:{*}:served"},
		{rediskey.Clocks(), "reassigner:{*}:clocks"},
		{rediskey.Login("user:a"), "reassigner:{login}:user:a"},
		{rediskey.Alone("platform"), "reassigner:platform"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

// spelled is the beginning of a key in a string of Go or Lua.
var spelled = regexp.MustCompile("[\"'`]reassigner:")

// TestOnlyThisPackageSpellsHowKeysBegin: tests may, since they look at Redis as somebody else does.
func TestOnlyThisPackageSpellsHowKeysBegin(t *testing.T) {
	t.Parallel()
	var by []string
	read := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != "../.." && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || strings.HasSuffix(name, "_test.go") || !slices.Contains([]string{".go", ".lua"}, filepath.Ext(name)) {
			return nil
		}
		text, err := os.ReadFile(path)
		if read++; spelled.Match(text) {
			by = append(by, path)
		}
		return err
	})
	if err != nil || read < 100 {
		t.Fatalf("%d files of code were found: %v", read, err)
	}
	if want := []string{"../../worker/rediskey/rediskey.go"}; !slices.Equal(by, want) {
		t.Errorf("keys are spelled in %q, want %q only: others call it", by, want)
	}
}
