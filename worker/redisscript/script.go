// Package redisscript runs Lua scripts on Redis that stand in files and call what they are handed by name.
//
// A script is a file lua/<name>.lua beside the package that runs it. It declares each key and each argument in a comment
// of its own, in any order, and uses them under that name:
//
//	-- Notes when somebody has to look at a record.
//	--
//	-- keys.due        record id > time (ms)
//	-- keys.names...   a list of keys; the last that is declared
//	-- args.id
//	-- args.due_in_ms  from now; '' never
//	--
//	-- include dates.lua
//	redis.call('ZADD', keys.due, now_ms() + args.due_in_ms, args.id)
//
// The last line of the comment puts the functions of another file in its place, with what that file declares. Every
// script also has the functions of prelude.lua. All that is handed over arrives as text, as Redis has it: a bool as '1'
// or '0'; a list or a map as JSON, for cjson.decode.
//
// Go hands over exactly what is declared:
//
//	//go:embed lua/*.lua
//	var lua embed.FS
//
//	var note = redisscript.New(lua, "note.lua")
//
//	note.Run(ctx, rdb, redisscript.Keys{"due": due, "names": names}, redisscript.Args{"id": id, "due_in_ms": 500})
//
// A name that is used and not declared, or declared and not used, panics when the program starts; one that Go does not
// hand over, or that nobody declared, when the script is run. Both are mistakes in the code, and no state of the world.
package redisscript

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Keys are the keys of a script by name: a string, or a []string for a list.
type Keys map[string]any

// Args are the arguments of a script by name.
type Args map[string]any

// Script is a Lua script with named keys and arguments.
type Script struct {
	name       string
	keys, args []string // in the order in which Redis gets them
	list       bool     // the last of the keys is a list
	script     *redis.Script
}

//go:embed lua/*.lua
var lua embed.FS

// prelude stands before every script.
var prelude = readFile(lua, "prelude.lua")

var (
	included  = regexp.MustCompile(`(?m)^-- include (\S+)$`)
	declared  = regexp.MustCompile(`(?m)^-- (keys|args)\.(\w+)(\.\.\.)?`)
	used      = regexp.MustCompile(`\b(keys|args)\.(\w+)`)
	byNumber  = regexp.MustCompile(`\b(KEYS|ARGV)\b`)
	commented = regexp.MustCompile(`(?m)--.*$`)
)

// New reads the script lua/<name> of files. What it includes may stand in shared files of another package, too. It
// panics where one of them is missing.
func New(files fs.FS, name string, shared ...fs.FS) *Script {
	text := included.ReplaceAllStringFunc(readFile(files, name), func(line string) string {
		return readFile(files, strings.TrimPrefix(line, "-- include "), shared...)
	})
	s := &Script{name: name}
	for _, match := range declared.FindAllStringSubmatch(text, -1) {
		names := &s.args
		if match[1] == "keys" {
			s.must(!s.list, "nothing can follow a list of keys")
			names, s.list = &s.keys, match[3] != ""
		}
		s.must(!slices.Contains(*names, match[2]), "%s.%s is declared twice", match[1], match[2])
		*names = append(*names, match[2])
	}
	code := commented.ReplaceAllString(text, "")
	s.must(!byNumber.MatchString(code), "it uses KEYS or ARGV; declare names instead")
	all := map[string]bool{}
	for _, match := range used.FindAllStringSubmatch(code, -1) {
		all[match[0]] = true
		names := map[string][]string{"keys": s.keys, "args": s.args}[match[1]]
		s.must(slices.Contains(names, match[2]), "%s is used and not declared", match[0])
	}
	s.must(len(all) == len(s.keys)+len(s.args), "of %v and %v some are declared and not used", s.keys, s.args)
	s.script = redis.NewScript(s.tables() + prelude + text)
	return s
}

// tables is the Lua code that names what arrives by number.
func (s *Script) tables() string {
	var keys, args, list strings.Builder
	for i, name := range s.keys {
		if s.list && i == len(s.keys)-1 {
			fmt.Fprintf(&list, "keys.%s = {}\nfor i = %d, #KEYS do table.insert(keys.%s, KEYS[i]) end\n", name, i+1, name)
			break
		}
		fmt.Fprintf(&keys, "%s = KEYS[%d], ", name, i+1)
	}
	for i, name := range s.args {
		fmt.Fprintf(&args, "%s = ARGV[%d], ", name, i+1)
	}
	return "local keys, args = {" + keys.String() + "}, {" + args.String() + "}\n" + list.String()
}

// Run runs the script by its hash, and with its text if Redis does not have it yet.
func (s *Script) Run(ctx context.Context, c redis.Scripter, keys Keys, args Args) *redis.Cmd {
	return s.script.Run(ctx, c, s.keyList(keys), s.argList(args)...)
}

// Eval runs the script with its text. In a pipeline, where nobody can look at the answer and try again, it always works.
func (s *Script) Eval(ctx context.Context, c redis.Scripter, keys Keys, args Args) *redis.Cmd {
	return s.script.Eval(ctx, c, s.keyList(keys), s.argList(args)...)
}

// EvalSha runs the script by its hash; the answer is NOSCRIPT if Redis does not have it yet.
func (s *Script) EvalSha(ctx context.Context, c redis.Scripter, keys Keys, args Args) *redis.Cmd {
	return s.script.EvalSha(ctx, c, s.keyList(keys), s.argList(args)...)
}

func (s *Script) keyList(keys Keys) []string {
	s.must(len(keys) == len(s.keys), "it wants the keys %v and got %v", s.keys, slices.Sorted(maps.Keys(keys)))
	var list []string
	for i, name := range s.keys {
		switch key := keys[name].(type) {
		case string:
			list = append(list, key)
		case []string:
			s.must(s.list && i == len(s.keys)-1, "keys.%s is no list", name)
			list = append(list, key...)
		default:
			s.must(false, "keys.%s is not handed over", name)
		}
	}
	return list
}

func (s *Script) argList(args Args) []any {
	s.must(len(args) == len(s.args), "it wants the arguments %v and got %v", s.args, slices.Sorted(maps.Keys(args)))
	list := make([]any, len(s.args))
	for i, name := range s.args {
		value, handedOver := args[name]
		s.must(handedOver, "args.%s is not handed over", name)
		list[i] = s.text(name, value)
	}
	return list
}

// text is a value as a script gets it.
func (s *Script) text(name string, value any) any {
	if body, ok := value.([]byte); ok {
		return body
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Slice, reflect.Map:
		if v.Len() == 0 { // a nil one is empty, and not null
			return map[reflect.Kind]string{reflect.Slice: "[]", reflect.Map: "{}"}[v.Kind()]
		}
		body, err := json.Marshal(value)
		s.must(err == nil, "args.%s: %v", name, err)
		return body
	default:
		return value // Redis's client writes numbers and bools
	}
}

func (s *Script) must(holds bool, format string, values ...any) {
	if !holds {
		panic(fmt.Sprintf("script %s: ", s.name) + fmt.Sprintf(format, values...))
	}
}

// readFile reads lua/<name> of the first that has it.
func readFile(files fs.FS, name string, others ...fs.FS) string {
	text, err := fs.ReadFile(files, "lua/"+name)
	for _, other := range others {
		if errors.Is(err, fs.ErrNotExist) {
			text, err = fs.ReadFile(other, "lua/"+name)
		}
	}
	if err != nil {
		panic(fmt.Sprintf("script %s: %v", name, err))
	}
	return string(text)
}
