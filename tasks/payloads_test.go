package tasks_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/tasks"
)

// golden is one kind with the message that its payload of today holds, and the one that stands for what
// a worker before this one left on the queue. The files of yesterday are never changed: a field that
// was added since is missing in them.
type golden struct {
	kind      tasks.Kind
	today     tasks.Message
	yesterday tasks.Message
	decode    func([]byte) (tasks.Message, error)
}

func goldens() []golden {
	const inc = "inc-20260518T060000-a1b2c3"
	return []golden{
		{
			kind: tasks.LocationObserve, decode: decode[tasks.Observe],
			today: tasks.Observe{V: 1, Organization: "org_1", Location: "loc_paris", Integration: "fsi_1", Message: "msg_1",
				Incident: inc, Round: 2, Dated: time.Date(2026, 5, 18, 6, 0, 0, 0, time.UTC)},
			yesterday: tasks.Observe{V: 1, Organization: "org_1", Location: "loc_paris", Message: "msg_1"},
		},
		{
			kind: tasks.IncidentFanout, decode: decode[tasks.Fanout],
			today:     tasks.Fanout{V: 1, Organization: "org_1", Incident: inc, Pass: "first", Page: 3, Cursor: "1|001779000000000|do_7"},
			yesterday: tasks.Fanout{V: 1, Organization: "org_1", Incident: inc, Pass: "first"},
		},
		{
			kind: tasks.OrderReassign, decode: decode[tasks.Reassign],
			today:     tasks.Reassign{V: 1, Organization: "org_1", Reassignment: inc + "/do_7", At: 12, Begun: true},
			yesterday: tasks.Reassign{V: 1, Organization: "org_1", Reassignment: inc + "/do_7", At: 1},
		},
		{
			kind: tasks.SweepOrganization, decode: decode[tasks.Sweep],
			today:     tasks.Sweep{V: 1, Organization: "org_1", Tick: 29650320},
			yesterday: tasks.Sweep{V: 1, Tick: 1},
		},
	}
}

func decode[M tasks.Message](payload []byte) (tasks.Message, error) { return tasks.Decode[M](payload) }

// file is where the payload of a kind lies: "location:observe" is location_observe.json.
func file(t *testing.T, folder string, kind tasks.Kind) []byte {
	t.Helper()
	name := strings.ReplaceAll(string(kind), ":", "_") + ".json"
	raw, err := os.ReadFile(filepath.Join("testdata", folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(raw)
}

func TestPayloads(t *testing.T) {
	t.Parallel()
	for _, g := range goldens() {
		t.Run(string(g.kind), func(t *testing.T) {
			t.Parallel()
			t.Run("is written as it was always written", func(t *testing.T) {
				t.Parallel()
				got, err := tasks.Encode(g.today)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(file(t, "", g.kind)), string(got)); diff != "" {
					t.Errorf("payload (-want +got):\n%s", diff)
				}
				if g.today.Kind() != g.kind {
					t.Errorf("kind is %q, want %q", g.today.Kind(), g.kind)
				}
			})
			t.Run("of today is read", func(t *testing.T) { t.Parallel(); wantRead(t, g, file(t, "", g.kind), g.today) })
			t.Run("of yesterday is read", func(t *testing.T) { t.Parallel(); wantRead(t, g, file(t, "yesterday", g.kind), g.yesterday) })
			t.Run("with a field that is not known is read", func(t *testing.T) {
				t.Parallel()
				wantRead(t, g, bytes.Replace(file(t, "", g.kind), []byte(`{`), []byte(`{"later":{"a":[1]},`), 1), g.today)
			})
			t.Run("of another version is refused as such", func(t *testing.T) {
				t.Parallel()
				for _, other := range []string{`"v":2`, `"v":0`, `"w":1`} {
					payload := bytes.Replace(file(t, "", g.kind), []byte(`"v":1`), []byte(other), 1)
					if _, err := g.decode(payload); !errors.Is(err, tasks.ErrVersion) {
						t.Errorf("%s: error is %v, want ErrVersion", other, err)
					}
				}
			})
			t.Run("of another version is refused as such whatever else changed in it", func(t *testing.T) {
				t.Parallel()
				if _, err := g.decode([]byte(`{"v":2,"organization":7,"tick":"x"}`)); !errors.Is(err, tasks.ErrVersion) {
					t.Errorf("error is %v, want ErrVersion", err)
				}
			})
			t.Run("that is no payload is an error of another kind", func(t *testing.T) {
				t.Parallel()
				for _, payload := range []string{``, `{`, `[]`, `{"v":1,"organization":7,"tick":"x"}`} {
					if _, err := g.decode([]byte(payload)); err == nil || errors.Is(err, tasks.ErrVersion) {
						t.Errorf("%q: error is %v, want one that is not ErrVersion", payload, err)
					}
				}
			})
		})
	}
}

func wantRead(t *testing.T, g golden, payload []byte, want tasks.Message) {
	t.Helper()
	got, err := g.decode(payload)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

func TestAnIDNamesTheWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		m    tasks.Message
		want string
	}{
		{"a rumour by the message that told of it", tasks.Observe{Organization: "o", Location: "l", Message: "m"}, "observe:o:l:m"},
		{"a later observation by its incident and round", tasks.Observe{Organization: "o", Location: "l", Message: "m", Incident: "i", Round: 2}, "observe:o:i:2"},
		{"a page of a walk by walk and page, not by its cursor", tasks.Fanout{Organization: "o", Incident: "i", Pass: "p", Page: 4, Cursor: "c"}, "fanout:o:i:p:4"},
		{"a reassignment by the journal version", tasks.Reassign{Organization: "o", Reassignment: "i/d", At: 9}, "reassign:o:i~2Fd:9"},
		{"one that has begun by the same", tasks.Reassign{Organization: "o", Reassignment: "i/d", At: 9, Begun: true}, "reassign:o:i~2Fd:9"},
		{"ids that would not stand in a path", tasks.Observe{Organization: "a:b", Location: "c?d e", Message: "é%"}, "observe:a~3Ab:c~3Fd~20e:~C3~A9~25"},
		{"a sweep by its organization and interval", tasks.Sweep{Organization: "org_1", Tick: 5}, "sweep:org_1:5"},
		{"a sweep of a former release by its interval", tasks.Sweep{Tick: 5}, "sweep:5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.m.ID(); got != tt.want {
				t.Errorf("ID is %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAnIDNamesTheOrganizationAsItIsConfigured(t *testing.T) {
	t.Parallel()
	for _, organization := range []string{"org_1", "acme gmbh", "a:b", "a~3Ab", "~", "é/%2F"} {
		for _, m := range []tasks.Message{
			tasks.Observe{Organization: organization, Location: "loc_1", Message: "a:b"},
			tasks.Observe{Organization: organization, Location: "loc_1"},
			tasks.Observe{Organization: organization, Incident: "inc-1", Round: 2},
			tasks.Fanout{Organization: organization, Incident: "inc-1", Pass: "first"},
			tasks.Reassign{Organization: organization, Reassignment: "inc-1/do_1", At: 3},
			tasks.Sweep{Organization: organization, Tick: 7},
		} {
			if got := tasks.OrganizationOfID(m.ID()); got != organization {
				t.Errorf("%s names %q, want %q", m.ID(), got, organization)
			}
		}
	}
	for _, id := range []string{"", "sweep:7", "reassign:org_1", "reassign:org_1:x:3:run", "report:org_1:x:3", "observe:~zz:loc_1:m"} {
		if got := tasks.OrganizationOfID(id); got != "" {
			t.Errorf("%q names %q, want none", id, got)
		}
	}
}
