package plaintext

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// inUTF16 is a text as Windows saves it under the name "Unicode".
func inUTF16(text string, order binary.AppendByteOrder) []byte {
	var data []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		data = order.AppendUint16(data, unit)
	}
	return data
}

func TestAListIsReadAsItWasMeantWhoeverSavedIt(t *testing.T) {
	t.Parallel()
	little, big := binary.LittleEndian, binary.BigEndian
	want := []Line{{1, "#1001"}, {2, "Bestellung 7 für Jürgen"}, {3, "#1003"}}
	lines := "#1001\nBestellung 7 für Jürgen\n#1003"
	for what, data := range map[string][]byte{
		"plain":                             []byte(lines),
		"with a last line break":            []byte(lines + "\n"),
		"with CRLF":                         []byte(strings.ReplaceAll(lines, "\n", "\r\n")),
		"with a lone CR":                    []byte(strings.ReplaceAll(lines, "\n", "\r")),
		"with form feeds":                   []byte(strings.ReplaceAll(lines, "\n", "\f")),
		"with Unicode's line separators":    []byte(strings.ReplaceAll(lines, "\n", "\u2028")),
		"with a byte order mark":            []byte("\xef\xbb\xbf" + lines),
		"with two byte order marks":         []byte("\xef\xbb\xbf\xef\xbb\xbf" + lines),
		"UTF-16, little end first":          append([]byte{0xff, 0xfe}, inUTF16(lines+"\r\n", little)...),
		"UTF-16, big end first":             append([]byte{0xfe, 0xff}, inUTF16(lines, big)...),
		"with blanks around":                []byte("  #1001\t\n\u00a0Bestellung 7 für Jürgen\u3000\n#1003 "),
		"with what has no width around":     []byte("\u200b#1001\u200b\n\u2066Bestellung 7 für Jürgen\u2069\n\u200e#1003\ufe0f"),
		"joined of files with marks":        []byte("#1001\n\ufeffBestellung 7 für Jürgen\n#1003"),
		"ended as DOS ends files":           []byte(lines + "\r\n\x1a"),
		"in double quotes":                  []byte(`"#1001"` + "\n" + ` "Bestellung 7 für Jürgen"` + "\n\"#1003\" "),
		"in single quotes":                  []byte("'#1001'\n'Bestellung 7 für Jürgen'\n'#1003'"),
		"in quotes of a text program":       []byte("“#1001”\n„Bestellung 7 für Jürgen“\n«#1003»"),
		"as a spreadsheet keeps text":       []byte(`="#1001"` + "\nBestellung 7 für Jürgen\n" + `="#1003"`),
		"with empty columns beside":         []byte("#1001,\nBestellung 7 für Jürgen;;\n\t#1003\t\n"),
		"copied out of a program's listing": []byte("\"#1001\",\n\"Bestellung 7 für Jürgen\",\n\"#1003\""),
	} {
		got, err := ReadList(data)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if diff := cmp.Diff(List{Lines: want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

func TestOfAListNothingIsLostThatSaysSomething(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]List{
		"# 1001\n#\n//x":               {Lines: []Line{{1, "# 1001"}, {2, "#"}, {3, "//x"}}}, // there are no comments
		"1\n\n \n\u200b\n2\n":          {Lines: []Line{{1, "1"}, {5, "2"}}},
		"1\n2\n1\n\"2\"\n":             {Lines: []Line{{1, "1"}, {2, "2"}}, Repeated: []Line{{3, "1"}, {4, "2"}}},
		`"a ""big"" order, no. 7"`:     {Lines: []Line{{1, `a "big" order, no. 7`}}},
		"O'Brien 7\n's-Gravenhage":     {Lines: []Line{{1, "O'Brien 7"}, {2, "'s-Gravenhage"}}},
		"5\" disc\n=1":                 {Lines: []Line{{1, `5" disc`}, {2, "=1"}}},
		"gid://shopify/Order/45078946": {Lines: []Line{{1, "gid://shopify/Order/45078946"}}},
		"[A] {7}\nSO <1>":              {Lines: []Line{{1, "[A] {7}"}, {2, "SO <1>"}}},
		"نمی\u200cخواهم 1\n👩\u200d🚀 2": {Lines: []Line{{1, "نمی\u200cخواهم 1"}, {2, "👩\u200d🚀 2"}}},
		"TEST\n1001":                   {Lines: []Line{{1, "TEST"}, {2, "1001"}}}, // one other line tells too little
		"TEST\nDEMO\n1001":             {Lines: []Line{{1, "TEST"}, {2, "DEMO"}, {3, "1001"}}},
		strings.Repeat("x", ValueMost): {Lines: []Line{{1, strings.Repeat("x", ValueMost)}}},
	} {
		got, err := ReadList([]byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestWhatIsNoListIsRefusedWithItsLineAndWhatToDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, data, want string }{
		{"nothing", "", "the file holds no line; write one value a line"},
		{"blanks", "\ufeff\r\n \n", "the file holds no line"},
		{"a heading", "Name\n1001", `line 1: "Name" is the heading of a column`},
		{"a heading of two words", "\n\"Order ID\"\n", `line 2: "Order ID" is the heading of a column`},
		{"a heading in French", "Numéro de commande\n1\n2", "line 1:"},
		{"a heading that nobody knows", "Vorgang\n1001\n1002", `line 1: "Vorgang" is the heading of a column, as it seems; take that line out (if it is a value, move it further down)`},
		{"a table", "Name,Email,Total,Paid\n#1001,a@b,3,x", `line 1: a table, with a heading or without: 4 values in one line, separated with a , ("Name", "Email", "Total", ...); a list has one value a line and no heading. Keep the one column with the values, as: cut -d, -f1 FILE | tail -n +2. A comma that belongs to a value wants double quotes around the value`},
		{"a table with semicolons", "Name;Mail\n1;2", `as: cut -d';' -f1 FILE`},
		{"a table with tabs", "1\t2\n", `2 values in one line, separated with a tab ("1", "2")`},
		{"a table of a database", " id | name\n 1 | 2", `separated with a |`},
		{"Excel's own first line", "sep=;\n1\n2", `line 1: "sep=" is the heading`},
		{"a table with one value in its first line", "1001\n1002,x\n1003,y", "line 2: 2 values in one line"},
		{"all in one line", "1001, 1002, 1003", "line 1: a table"},
		{"a quote that does not close", "1\n\"2\n3", `line 2: a " that opens and does not close`},
		{"something behind a quote", `"1" 2`, `line 1: something behind the closing "`},
		{"a long line", "1\n" + strings.Repeat("é", ValueMost+1), "line 2: 501 characters (\"" + strings.Repeat("é", 40) + "...\"); a value has 500 at most"},
		{"a line without an end", strings.Repeat("x", 3<<20), "line 1: 3145728 characters"},
		{"a control in a value", "1\n2\x1b[2J", `line 2: the invisible character U+001B stands inside of "2...[2J"; take it out`},
		{"colours of a terminal", "\x1b[31m1\x1b[0m", "line 1: the invisible character U+001B"},
		{"no width in a value", "SO-\u200b1", `line 1: the invisible character U+200B stands inside of "SO-...1"`},
		{"another direction in a value", "SO-\u202e1", "line 1: the invisible character U+202E"},
		{"a letter that was lost", "1\nJ\ufffdrgen", `line 2: a letter of "J` + "\ufffd" + `rgen" was lost when the file was saved; export it again as UTF-8`},
		{"a number that was shortened", "1.00123E+12", "line 1: 1.00123E+12 is a number that a spreadsheet shortened"},
		{"Latin-1", "1001\r\nM\xfcller 7\r\n", "line 2: the byte 0xFC is not UTF-8; the file is probably Latin-1 or Windows-1252 text: save it as UTF-8"},
		{"an Excel file", "PK\x03\x04\x14\x00\x06\x00", "the file is an Excel or LibreOffice workbook, or another ZIP archive, not text; export it as CSV or plain text (UTF-8)"},
		{"an old Excel file", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "the file is an Excel or Word file of the old kind"},
		{"a PDF", "%PDF-1.7\n", "the file is a PDF, not text"},
		{"RTF", `{\rtf1\ansi 1001}`, "the file is a formatted text (RTF), not text; save it as plain text (UTF-8)"},
		{"gzip", "\x1f\x8b\x08\x00", "the file is compressed (gzip), not text; unpack it first"},
		{"UTF-16 that does not say so", string(inUTF16("#1001\n#1002\n", binary.LittleEndian)), "the file seems to be UTF-16 text without a byte order mark; save it as UTF-8"},
		{"UTF-16 that breaks off", "\xff\xfe1\x00\n", "the file is UTF-16 text that ends in the middle of a character; save it as UTF-8"},
		{"UTF-32", "\xff\xfe\x00\x001\x00\x00\x00", "the file is UTF-32 text, not text; save it as UTF-8"},
		{"NUL bytes", "1001\n10\x0002", "line 2: a NUL byte: the file is not text, or it is damaged"},
		{"a JSON array", "[\n  \"1001\",\n  \"1002\"\n]\n", "the file is JSON; write the values alone, one a line, as: jq -r '.[]' FILE"},
		{"a JSON object", `{"id": 1}`, "the file is JSON"},
		{"JSON lines", "{\"id\": 1}\n{\"id\": 2}\n", "line 1: this is JSON"},
		{"a table in HTML", "<html><table><tr><td>1001</td></tr></table></html>", "the file is HTML or XML (some shops call such a file .xls)"},
	} {
		list, err := ReadList([]byte(c.data))
		if err == nil {
			t.Errorf("%s: got %+v, want a refusal", c.what, list)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.what, err, c.want)
		}
	}
}

func TestEveryWrongLineIsNamedUpToALimit(t *testing.T) {
	t.Parallel()
	_, err := ReadList([]byte("1\n" + strings.Repeat("a\x02b\n", problemsShown+3)))
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != problemsShown+1 || !strings.HasPrefix(lines[0], "line 2: ") || lines[problemsShown] != "and 3 more lines" {
		t.Errorf("got\n%s", err)
	}
}

func TestAValueOfAListIsCleanedByItself(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{"1001": "1001", " #1001\r": "#1001", "\u00a0a, b\u200b": "a, b", `"1"`: `"1"`} {
		if got, err := CleanValue(raw); err != nil || got != want {
			t.Errorf("%q: got %q %v, want %q", raw, got, err, want)
		}
	}
	for raw, want := range map[string]string{"": "blank", "\ufeff \t": "blank", "a\nb": "U+000A", "a\x00b": "U+0000", "\xff": "UTF-8",
		strings.Repeat("x", ValueMost+1): "501 characters"} {
		if got, err := CleanValue(raw); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %q %v, want an error with %q", raw, got, err, want)
		}
	}
}

func FuzzAListIsReadOrRefused(f *testing.F) {
	f.Add([]byte("#1001\r\n\"a, b\"\n"))
	f.Add([]byte("\xff\xfe1\x00\n\x00"))
	f.Add([]byte("a,b;\"c\t\"|"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := ReadList(data)
		if (err == nil) != (len(list.Lines) > 0) {
			t.Fatalf("%d lines and the error %v", len(list.Lines), err)
		}
		for _, l := range list.Lines {
			if got, err := CleanValue(l.Value); err != nil || got != l.Value {
				t.Fatalf("line %d is %q, cleaned %q, %v", l.Number, l.Value, got, err)
			}
		}
	})
}
