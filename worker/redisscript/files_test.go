package redisscript_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLuaStandsInFiles: in a string of Go nobody checks its names, and no editor knows it.
func TestLuaStandsInFiles(t *testing.T) {
	t.Parallel()
	scripts := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != "../.." && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(name) == ".lua" {
			scripts++
		}
		if entry.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || filepath.Base(filepath.Dir(path)) == "redisscript" {
			return nil
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), "redis.call(") {
			t.Errorf("%s has a Lua script in a string; put it into lua/<name>.lua beside it, and run it with redisscript", path)
		}
		return err
	})
	if err != nil || scripts < 30 {
		t.Fatalf("%d scripts were found: %v", scripts, err)
	}
}
