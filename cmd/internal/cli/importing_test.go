package cli

import (
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/worker/api"
)

// asUTF16 is a text as "Unicode" in the Windows editor, or a spreadsheet, saves it.
func asUTF16(text string) string {
	data := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		data = binary.LittleEndian.AppendUint16(data, unit)
	}
	return string(data)
}

// savedAs writes a file.
func savedAs(t *testing.T, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// importService is a service that answers what it is told, and notes what it is asked.
type importService struct {
	t      *testing.T
	asked  []api.ImportRequest
	done   api.ImportResult // of the list, before
	answer func(api.ImportRequest) (int, any)
}

func (s *importService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, answer := http.StatusOK, any(s.done)
	if r.Method == http.MethodPost {
		var chunk api.ImportRequest
		if err := json.NewDecoder(r.Body).Decode(&chunk); err != nil {
			s.t.Error(err)
		}
		s.asked = append(s.asked, chunk)
		status, answer = s.answer(chunk)
	}
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		s.t.Error(err)
	}
}

func (s *importService) run(args ...string) outcome {
	s.t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	return runVerb(s.t, apptest.Environment(), append(append([]string{"import"}, args...), "--admin", server.URL)...)
}

// allFound answers that every line was imported.
func allFound(chunk api.ImportRequest) (int, any) {
	return http.StatusOK, api.ImportResult{Done: chunk.From + len(chunk.IDs), DeliveryOrders: len(chunk.IDs), Skipped: []api.SkippedOrder{}, Whole: chunk.Finish}
}

func TestAnImportAsksForEachLineAsItWasMeant(t *testing.T) {
	t.Parallel()
	text := "#1001\r\n\"#1002\"\r\n\r\n  Größe 7\u00a0\r\n#1001\r\n"
	for what, data := range map[string]string{"UTF-8": text, "UTF-8 with a mark": "\ufeff" + text, "UTF-16": asUTF16(text)} {
		s := &importService{t: t, answer: allFound}
		got := s.run(savedAs(t, "names.txt", data), "--third-party-app", "shop")
		if got.code != ExitDone || got.stdout != "3 lines imported: 3 delivery orders.\n" ||
			got.stderr != "Repeated lines, left out: 1 (the first is #1001 in line 5).\n" {
			t.Errorf("%s: got %d %q %q", what, got.code, got.stdout, got.stderr)
		}
		if diff := cmp.Diff([]string{"#1001", "#1002", "Größe 7"}, s.asked[0].IDs); diff != "" {
			t.Errorf("%s: asked for others (-want +got):\n%s", what, diff)
		}
	}
}

func TestAFileThatIsNoListIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"Name,Email,Total\n#1001,a@b.example,3.00\n": "line 1: a table",
		"Name\n#1001\n#1002\n":                       `line 1: "Name" is the heading of a column`,
		"PK\x03\x04\x14\x00":                         "an Excel or LibreOffice workbook",
		"":                                           "the file holds no line",
		"1001\nM\xfcller\n":                          "line 2: the byte 0xFC is not UTF-8",
	} {
		s := &importService{t: t, answer: allFound}
		path := savedAs(t, "orders export.csv", data)
		got := s.run(path)
		if got.code != ExitUsage || got.stdout != "" || !strings.HasPrefix(got.stderr, path+", nothing of it is imported:\n") || !strings.Contains(got.stderr, want) {
			t.Errorf("%q: got %d %q, want %d and %q", data, got.code, got.stderr, ExitUsage, want)
		}
		if len(s.asked) > 0 {
			t.Errorf("%q: the service was asked for %v", data, s.asked)
		}
	}
}

func TestFilesThatWindowsSavedAreRead(t *testing.T) {
	t.Parallel()
	policyText, err := os.ReadFile("../../../policy.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	configText, err := os.ReadFile("../config/testdata/working_smallest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for what, encode := range map[string]func(string) string{
		"a byte order mark": func(text string) string { return "\ufeff" + text },
		"UTF-16":            asUTF16,
		"CRLF":              func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") },
		"UTF-16 and CRLF":   func(text string) string { return asUTF16(strings.ReplaceAll(text, "\n", "\r\n")) },
	} {
		if got := runVerb(t, apptest.Environment(), "policy", "check", savedAs(t, "policy.yaml", encode(string(policyText)))); got.code != ExitDone {
			t.Errorf("a policy with %s: got %d %q", what, got.code, got.stderr)
		}
		if _, err := config.Load(savedAs(t, "reassigner.yaml", encode(string(configText))), apptest.Environment("SECRET", "s")); err != nil {
			t.Errorf("a configuration with %s: %v", what, err)
		}
		policyFile, facts := savedAs(t, "policy.yaml", encode(string(policyText))), savedAs(t, "facts.yaml", encode(explainFacts))
		if got := runVerb(t, apptest.Environment(), "policy", "explain", "--facts", facts, policyFile); got.code != ExitDone {
			t.Errorf("facts with %s: got %d %q", what, got.code, got.stderr)
		}
	}
}

func TestWhatNobodySeesInAPolicyOrAConfigurationIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"version: 1\nrules:\n  - name: lyon-\u200bwarehouse\n": ":3:16: the invisible character U+200B; take it out",
		"version: 1\n\u00a0 rules: []\n":                       ":2:1: a space of another kind (U+00A0) at the beginning of the line; write a plain one",
		"version: 1 \xfc\n":                                    ":1:12: the byte 0xFC is not UTF-8; the file is probably Latin-1 or Windows-1252 text: save it as UTF-8",
		"PK\x03\x04":                                           ":1:1: the file is an Excel or LibreOffice workbook, or another ZIP archive, not text",
		"v\x00e\x00r\x00":                                      ":1:1: the file seems to be UTF-16 text without a byte order mark; save it as UTF-8",
	} {
		path := savedAs(t, "a.yaml", text)
		for _, verb := range []string{"policy check " + path, "config check " + path, "policy explain --facts " + path + " ../../../policy.example.yaml"} {
			if got := runVerb(t, apptest.Environment(), strings.Fields(verb)...); got.code != ExitUsage || !strings.HasPrefix(got.stderr, path+want) {
				t.Errorf("%s: got %d %q, want %q", verb, got.code, got.stderr, want)
			}
		}
	}
}
