package worker_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

const (
	readmeLinesMost = 150
	pictureMost     = 300 << 10 // bytes
)

// documents returns every Markdown file, by its path from the top, and its text.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(moduleRoot, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != moduleRoot && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(path) != ".md" {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(moduleRoot, path)
		all[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var (
	codeBlock = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	codeSpan  = regexp.MustCompile("`[^`\n]*`")
	heading   = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	// linkTarget is what a link, a picture, or an attribute of a tag leads to. A link's text may be broken over lines.
	linkTarget = regexp.MustCompile(`\]\(([^()\s]+)\)|(?:src|srcset|href)="([^"\s]+)"`)
)

// anchors returns what the headings of a document are called in links, as GitHub does it.
func anchors(text string) []string {
	var all []string
	seen := map[string]int{}
	for _, match := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(match[1]))
		if n := seen[name]; n > 0 {
			all = append(all, fmt.Sprintf("%s-%d", name, n))
		} else {
			all = append(all, name)
		}
		seen[name]++
	}
	return all
}

// targets returns what a document links to on this side: paths from the top, with the name of a heading.
func targets(document, text string) []string {
	var all []string
	text = codeSpan.ReplaceAllString(codeBlock.ReplaceAllString(text, ""), "code")
	for _, match := range linkTarget.FindAllStringSubmatch(text, -1) {
		target := match[1] + match[2]
		if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
			continue
		}
		path, anchor, _ := strings.Cut(target, "#")
		whole := document
		if path != "" {
			whole = filepath.ToSlash(filepath.Join(filepath.Dir(document), path))
		}
		all = append(all, whole+"#"+anchor)
	}
	return all
}

func TestLinksBetweenTheDocumentsLeadSomewhere(t *testing.T) {
	t.Parallel()
	all := documents(t)
	count := 0
	for document, text := range all {
		for _, target := range targets(document, text) {
			count++
			path, anchor, _ := strings.Cut(target, "#")
			if _, err := os.Stat(filepath.Join(moduleRoot, path)); err != nil {
				t.Errorf("%s links to %s: %v", document, path, err)
			} else if anchor != "" && !slices.Contains(anchors(all[path]), anchor) {
				t.Errorf("%s links to %s, which has no heading %q", document, path, anchor)
			}
		}
	}
	if count < 50 {
		t.Errorf("found %d links; are they still read in the right way?", count)
	}
}

// TestEveryPageIsReachedFromTheREADME: what nothing leads to is not found.
func TestEveryPageIsReachedFromTheREADME(t *testing.T) {
	t.Parallel()
	all := documents(t)
	reached := map[string]bool{"README.md": true}
	for queue := []string{"README.md"}; len(queue) > 0; queue = queue[1:] {
		for _, target := range targets(queue[0], all[queue[0]]) {
			path, _, _ := strings.Cut(target, "#")
			if !reached[path] {
				reached[path] = true
				queue = append(queue, path)
			}
		}
	}
	for document := range all {
		if !reached[document] {
			t.Errorf("no chain of links leads from README.md to %s", document)
		}
	}
	pictures, err := filepath.Glob(moduleRoot + "/docs/pictures/*")
	if err != nil || len(pictures) == 0 {
		t.Fatalf("docs/pictures has %d pictures: %v", len(pictures), err)
	}
	for _, path := range pictures {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reached["docs/pictures/"+info.Name()] {
			t.Errorf("no document shows %s", path)
		}
		if info.Size() > pictureMost {
			t.Errorf("%s has %d bytes, want at most %d", path, info.Size(), pictureMost)
		}
	}
}

func TestANewcomerFinishesTheREADME(t *testing.T) {
	t.Parallel()
	readme := documents(t)["README.md"]
	if lines := strings.Count(readme, "\n"); lines > readmeLinesMost {
		t.Errorf("README.md has %d lines, want at most %d: move what not everybody needs to docs/", lines, readmeLinesMost)
	}
	for _, promise := range []string{"P1", "P2", "P3", "P4", "P5", "P6"} {
		if !strings.Contains(readme, "**"+promise+" ") {
			t.Errorf("README.md does not tell promise %s", promise)
		}
	}
}

func TestTheKeysThatSearchesGoByAreDocumented(t *testing.T) {
	t.Parallel()
	_, section, found := strings.Cut(documents(t)["docs/operations.md"], "\n## The log\n")
	if !found {
		t.Fatal(`docs/operations.md has no section "The log"`)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for _, key := range logKeys[:5] {
		if !strings.Contains(section, "`"+key+"`") {
			t.Errorf("docs/operations.md does not name the key %s of the log", key)
		}
	}
}
