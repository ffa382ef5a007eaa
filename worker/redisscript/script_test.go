package redisscript_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
	"happycolis-reassigner/worker/redistest"
)

// files are scripts by name.
func files(texts map[string]string) fstest.MapFS {
	all := fstest.MapFS{}
	for name, text := range texts {
		all["lua/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

func script(text string) *redisscript.Script {
	return redisscript.New(files(map[string]string{"it.lua": text, "shared.lua": "-- args.limit\nlocal function limited(n) return math.min(n, args.limit) end\n"}), "it.lua")
}

func TestAScriptGetsWhatItDeclares(t *testing.T) {
	t.Parallel()
	redistest.OnEachRedis(t, func(t *testing.T, rdb redis.UniversalClient) {
		type state string
		named := script("-- keys.one\n-- keys.rest...  more\n-- args.text\n-- args.state\n-- args.yes\n-- args.no\n-- args.n\n-- args.body\n-- args.units\n-- args.none\n" +
			"return {keys.one, #keys.rest, keys.rest[2], args.text, args.state, args.yes, args.no, args.n, args.body," +
			" cjson.decode(args.units).MUG + 1, #cjson.decode(args.none), args.none}\n")
		got, err := named.Run(t.Context(), rdb,
			redisscript.Keys{"rest": []string{"{a}2", "{a}3"}, "one": "{a}1"},
			redisscript.Args{"text": "a", "state": state("open"), "yes": true, "no": false, "n": 7, "body": []byte("{}"), "units": map[string]int{"MUG": 2}, "none": []string(nil)}).Slice()
		if err != nil {
			t.Fatal(err)
		}
		want := []any{"{a}1", int64(2), "{a}3", "a", "open", "1", "0", "7", "{}", int64(3), int64(0), "[]"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestAScriptHasListsTheClockAndWhatItIncludes(t *testing.T) {
	t.Parallel()
	redistest.OnEachRedis(t, func(t *testing.T, rdb redis.UniversalClient) {
		whole := script("-- args.states\n-- include shared.lua\n" +
			"local function yes(b) return b and 1 or 0 end\n" +
			"return {yes(contains(args.states, 'open')), yes(contains(args.states, 'op')), yes(contains(args.states, false)), limited(9), now_ms()}\n")
		args := redisscript.Args{"states": []string{"new", "open"}, "limit": 5}
		before := rdb.Time(t.Context()).Val()
		var in *redis.Cmd
		if _, err := rdb.Pipelined(t.Context(), func(p redis.Pipeliner) error { in = whole.Eval(t.Context(), p, nil, args); return nil }); err != nil {
			t.Fatal(err)
		}
		for _, answer := range []*redis.Cmd{in, whole.Run(t.Context(), rdb, nil, args), whole.EvalSha(t.Context(), rdb, nil, args)} {
			got, err := answer.Int64Slice()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]int64{1, 0, 0, 5}, got[:4]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if at := time.UnixMilli(got[4]); at.Before(before.Truncate(time.Millisecond)) || at.Sub(before) > time.Minute {
				t.Errorf("the script's clock says %s, Redis's %s", at, before)
			}
		}
	})
}

// panicked runs it and returns what it panicked with.
func panicked(do func()) (with string) {
	defer func() {
		if said := recover(); said != nil {
			with = fmt.Sprint(said)
		}
	}()
	do()
	return ""
}

func TestAMistakeInAFileEndsTheProgramAtItsStart(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"-- keys.one\nreturn keys.one .. args.two":                   "args.two is used and not declared",
		"-- keys.one\nreturn keys.one .. keys.on":                    "keys.on is used and not declared",
		"-- keys.one\n-- args.two\nreturn keys.one -- and args.two":  "some are declared and not used",
		"-- keys.one\n-- keys.one\nreturn keys.one":                  "keys.one is declared twice",
		"-- keys.all...\n-- keys.one\nreturn keys.all, keys.one":     "nothing can follow a list of keys",
		"-- keys.one\nreturn keys.one .. ARGV[1]":                    "it uses KEYS or ARGV",
		"-- include nowhere.lua\nreturn 1":                           "script nowhere.lua: open lua/nowhere.lua",
		"-- include shared.lua\n-- args.limit\nreturn limited(2)":    "args.limit is declared twice",
		"-- KEYS and args.two may be named in comments\nreturn '--'": "",
	} {
		got := panicked(func() { script(text) })
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsNotDeclaredIsNotHandedOver(t *testing.T) {
	t.Parallel()
	redistest.OnEachRedis(t, func(t *testing.T, rdb redis.UniversalClient) {
		named := script("-- keys.one\n-- args.two\n-- args.three\nreturn {keys.one, args.two, args.three}")
		key := redisscript.Keys{"one": "a"}
		for _, c := range []struct {
			keys redisscript.Keys
			args redisscript.Args
			want string
		}{
			{nil, redisscript.Args{"two": 2, "three": 3}, "script it.lua: it wants the keys [one] and got []"},
			{redisscript.Keys{"on": "a"}, redisscript.Args{"two": 2, "three": 3}, "script it.lua: keys.one is not handed over"},
			{redisscript.Keys{"one": []string{"a"}}, redisscript.Args{"two": 2, "three": 3}, "script it.lua: keys.one is no list"},
			{key, redisscript.Args{"two": 2}, "script it.lua: it wants the arguments [two three] and got [two]"},
			{key, redisscript.Args{"two": 2, "thre": 3}, "script it.lua: args.three is not handed over"},
			{key, redisscript.Args{"two": 2, "three": []any{func() {}}}, "script it.lua: args.three: json"},
			{key, redisscript.Args{"two": 2, "three": 3}, ""},
		} {
			got := panicked(func() { named.Run(t.Context(), rdb, c.keys, c.args) })
			if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		}
	})
}

func TestAnIncludedFileMayBeAnothersButTheOwnIsFirst(t *testing.T) {
	t.Parallel()
	own := files(map[string]string{"it.lua": "-- include own.lua\n-- include theirs.lua\nreturn {own, theirs}", "own.lua": "local own = 1"})
	theirs := files(map[string]string{"own.lua": "local own = 2", "theirs.lua": "local theirs = 3"})
	if got := panicked(func() { redisscript.New(own, "it.lua") }); !strings.Contains(got, "script theirs.lua: open lua/theirs.lua") {
		t.Errorf("without the files of others it panics with %q", got)
	}
	rdb := redistest.NewClient(t, redistest.StartEmbedded(t).Addr())
	got, err := redisscript.New(own, "it.lua", theirs).Run(t.Context(), rdb, nil, nil).Int64Slice()
	if diff := cmp.Diff([]int64{1, 3}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
