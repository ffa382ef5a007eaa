package config

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// problem is one mistake in the configuration: where it is, of which key, and what to do.
type problem struct {
	file string // "" in the configuration file itself
	at   strictyaml.Node
	key  string
	text string
}

// problems is the error of a configuration: all problems, one in a line.
type problems struct {
	file string
	list []problem
}

func (ps problems) Error() string { return strings.Join(ps.lines(), "\n") }

func (ps problems) lines() []string {
	lines := make([]string, len(ps.list))
	for i, p := range ps.list {
		lines[i] = cmp.Or(p.file, ps.file) + ":"
		if p.at.Line > 0 {
			lines[i] += fmt.Sprintf("%d:%d:", p.at.Line, p.at.Column)
		}
		if p.key != "" {
			lines[i] += " " + p.key + ":"
		}
		lines[i] += " " + p.text
	}
	return lines
}

// reader collects problems. Its methods return a usable value after a problem, so that reading goes on.
type reader struct {
	dir      string // paths are relative to it
	getenv   func(string) string
	problems []problem
	notes    []problem // no mistakes, but worth a look
	policies []namedPolicy
}

func (r *reader) refuse(at strictyaml.Node, key, format string, args ...any) {
	r.problems = append(r.problems, problem{at: at, key: key, text: fmt.Sprintf(format, args...)})
}

// sortProblems brings problems into the order of the file's lines; those of other files come last.
func sortProblems(list []problem) []problem {
	slices.SortStableFunc(list, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.at.Line, b.at.Line), cmp.Compare(a.at.Column, b.at.Column))
	})
	return list
}

// section has the keys of one mapping.
type section struct {
	r      *reader
	path   string
	at     strictyaml.Node
	values map[string]strictyaml.Node
	broken map[string]bool // a problem with the key was reported already
	wrong  bool            // it is not a mapping
}

// readSection reads the keys of a mapping. It refuses those that are unknown or repeated.
func (r *reader) readSection(at strictyaml.Node, path string, known []string) *section {
	s := &section{r: r, path: path, at: at, values: map[string]strictyaml.Node{}, broken: map[string]bool{}}
	if s.wrong = at.Kind != strictyaml.Mapping && at.Kind != strictyaml.Absent && at.Kind != strictyaml.Null; s.wrong {
		r.refuse(at, path, "wants keys (%s), not %s", strings.Join(known, ", "), describeKind(at))
	}
	for _, f := range at.Fields {
		name, key := f.Key.Text, s.keyPath(f.Key.Text)
		_, again := s.values[name]
		switch {
		case !f.Key.Kind.IsScalar() || !slices.Contains(known, name):
			r.refuse(f.Key, key, "unknown key; known here: %s", strings.Join(known, ", "))
		case again:
			r.refuse(f.Key, key, "written twice; keep one")
		default:
			s.values[name] = f.Value
		}
	}
	return s
}

func (s *section) keyPath(key string) string {
	if s.path == "" {
		return key
	}
	return s.path + "." + key
}

func (s *section) refuse(key, format string, args ...any) {
	s.broken[key] = true
	s.r.refuse(s.placeOf(key), s.keyPath(key), format, args...)
}

// placeOf returns the node of a key's value, or of its section where the key is missing.
func (s *section) placeOf(key string) strictyaml.Node {
	if n, ok := s.values[key]; ok {
		return n
	}
	if s.at.Line == 0 {
		return strictyaml.Node{Line: 1, Column: 1}
	}
	return s.at
}

// readScalar returns the value of a key with references resolved, "" if there is none. referenced reports that it
// comes from the environment or from a file.
func (s *section) readScalar(key string) (text string, referenced bool) {
	n := s.values[key]
	switch n.Kind {
	case strictyaml.Absent, strictyaml.Null:
		return "", false
	case strictyaml.Text, strictyaml.Number, strictyaml.Truth:
	default:
		s.refuse(key, "wants a single value, not %s", describeKind(n))
		return "", false
	}
	text, referenced, wrong := s.r.resolve(n.Text)
	if wrong != "" {
		s.refuse(key, "%s", wrong)
	}
	return text, referenced
}

// require reports a key that has no value, unless a problem with it was reported already.
func (s *section) require(key, value, what string) {
	if value == "" && !s.broken[key] && !s.wrong {
		s.refuse(key, "missing; %s", what)
	}
}

var (
	fromEnv       = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)
	fromFile      = regexp.MustCompile(`^\$\{file:(.+)\}$`)
	halfReference = regexp.MustCompile(`\$\{[^}]*\}`)
)

// resolve replaces a value that is exactly ${NAME} or ${file:PATH}. wrong never quotes the value or the file's
// content.
func (r *reader) resolve(text string) (value string, referenced bool, wrong string) {
	if m := fromEnv.FindStringSubmatch(text); m != nil {
		if value = TrimEnds(r.getenv(m[1])); value == "" {
			return "", true, fmt.Sprintf("the environment variable %s is not set; set it", m[1])
		}
		return value, true, ""
	}
	if m := fromFile.FindStringSubmatch(text); m != nil {
		path := r.resolvePath(m[1])
		data, err := os.ReadFile(path)
		if err != nil {
			return "", true, fmt.Sprintf("the file %s cannot be read (%s); make it readable", path, ReadFailure(err))
		}
		if value = TrimEnds(string(data)); value == "" {
			return "", true, fmt.Sprintf("the file %s is empty; put the value into it", path)
		}
		return value, true, ""
	}
	if halfReference.MatchString(text) {
		return "", false, "holds a ${...} that is not the whole value, or not a name; write ${NAME} or ${file:PATH} alone"
	}
	return text, false, ""
}

// TrimEnds removes what editors and "echo" put around a value: line ends, and the mark at the beginning of a file of
// Windows (BOM).
func TrimEnds(value string) string { return strings.Trim(value, "\r\n\ufeff") }

// resolvePath makes a path of the configuration file absolute or relative to the working directory.
func (r *reader) resolvePath(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(r.dir, name)
}
