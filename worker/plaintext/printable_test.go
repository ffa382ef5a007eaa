package plaintext

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"unicode"
)

// hostile are texts of others that steer a terminal, forge a line, hide or turn what stands there.
var hostile = []string{
	"SO-1\x1b[2J\x1b]0;owned\x07", "SO-1\r\nSO-666 reassigned", "SO-1\u009b31m", "SO-1\x9b31m", "\x1bP0;1|17/ab\x9c", "a\tb", "a\x7fb", "a\bb\x00",
	"SO-\u202e1\u202c", "\u2066x\u2069", "a\u2028b\u2029c", "a\u0085b", "a\u200bb", "a\u00adb", "a\u200db", "\ufeffa", "\U000e0041x",
	"'; rm -rf $HOME; '", "$(reboot)", "`reboot`", "a'b\\c\x1b'", "-rf", "", "SO 1", "a\nb", "!!", "~root", "#1001", "\ue000",
}

func TestAPrintableTextIsOneLineOfWhatCanBeSeen(t *testing.T) {
	t.Parallel()
	for _, text := range hostile {
		for _, r := range Printable(text) {
			if !unicode.IsPrint(r) {
				t.Errorf("%q is printed as %q, with %U", text, Printable(text), r)
			}
		}
	}
	for text, want := range map[string]string{
		"SO-1001": "SO-1001",
		"entrepôt Łódź 東京 الرياض ไทย 🎁":     "entrepôt Łódź 東京 الرياض ไทย 🎁",
		"نمی\u200cخواهم":                    "نمی\u200cخواهم",
		"👩\u200d🚀 e\u0301":                  "👩\u200d🚀 e\u0301",
		"Commande n°\u00a07":                "Commande n°\u00a07",
		"SO-1\x1b[2J\a":                     `SO-1\x1b[2J\x07`,
		"a\nb\tc\x7f":                       `a\x0ab\x09c\x7f`,
		"a\u009b1m\xff":                     `a\u009b1m\xff`,
		"x\u202ey\u2028\U000e0041":          `x\u202ey\u2028\U000e0041`,
		"SO\u200d1":                         `SO\u200d1`,
		"a" + strings.Repeat("\u0301", 6):   "a" + strings.Repeat("\u0301", marksMost) + `\u0301\u0301`,
		strings.Repeat("x", printedMost):    strings.Repeat("x", printedMost),
		strings.Repeat("é", printedMost+12): strings.Repeat("é", printedMost) + "... (12 more characters)",
	} {
		if got := Printable(text); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestJSONSaysTheSameWithoutWhatSteers(t *testing.T) {
	t.Parallel()
	for _, text := range append(hostile, "東京 🎁 e\u0301", "\U0001d173") {
		body, err := json.Marshal(map[string]string{"a": text})
		if err != nil {
			t.Fatal(err)
		}
		escaped := EscapeHidden(append(body, '\n'))
		if strings.ContainsFunc(string(escaped[:len(escaped)-1]), func(r rune) bool { return !unicode.IsPrint(r) && r != '\u200d' }) {
			t.Errorf("%q stays as %q", text, escaped)
		}
		var got, want map[string]string
		if err := json.Unmarshal(escaped, &got); err != nil {
			t.Errorf("%q: %v", escaped, err)
		}
		_ = json.Unmarshal(body, &want)
		if got["a"] != want["a"] {
			t.Errorf("got %q, want %q", got["a"], want["a"])
		}
	}
	if got := string(EscapeHidden([]byte("\"a\x9b1m\"\n"))); got != `"a\ufffd1m"`+"\n" {
		t.Errorf("a byte that is no character: got %q", got)
	}
	for _, same := range []string{"plain\n", "<p>a\tb</p>\n<p>é\u202f1</p>", ""} {
		if got := EscapeHidden([]byte(same)); string(got) != same {
			t.Errorf("got %q, want it as it was: %q", got, same)
		}
	}
}

func TestAValueIsQuotedWhereNotAllOfItIsSeen(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"#1001": "#1001", "Łódź 7": "Łódź 7", "SO\u00a01": `"SO\u00a01"`, "a ": `"a "`, "a\u200b": `"a\u200b"`} {
		if got := Exact(value); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAShellHandsOnAWordAsItIs(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"do_1": "do_1", "SO-10006": "SO-10006", "": "''", "SO 1": "'SO 1'", "#1001": "'#1001'", "a'b": `'a'\''b'`, "Łódź": "'Łódź'",
		"a\x1b1": `$'a\0331'`, "a\nb": `$'a\012b'`, "$(x)": "'$(x)'", "a\u202e'": `$'a\342\200\256\''`,
	} {
		if got := ShellWord(word); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
	for word, want := range map[string]bool{"SO-1": true, "#1001": false, "--all": false, "": false, "a b": false, "a;b": false} {
		if got := IsPlainArgument(word); got != want {
			t.Errorf("%q: got %t", word, got)
		}
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash to ask")
	}
	for _, word := range hostile {
		if strings.Contains(word, "\x00") {
			continue // no argument can hold it
		}
		command := ShellWord(word)
		if strings.ContainsFunc(command, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q stands in a command as %q", word, command)
		}
		out, err := exec.CommandContext(t.Context(), bash, "-c", "printf '%s' "+command).Output()
		if err != nil || !bytes.Equal(out, []byte(word)) {
			t.Errorf("%s: bash hands on %q, %v; want %q", command, out, err, word)
		}
	}
}
