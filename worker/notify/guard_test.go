package notify

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEachTopicHasAFileAndARowInTheDocuments: what is a row here, a file topic_<key>.go, or a row of the alerts in
// docs/operations.md, is all three.
func TestEachTopicHasAFileAndARowInTheDocuments(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{}
	for _, topic := range topics() {
		if rows[topic.key] {
			t.Errorf("two topics have the key %q", topic.key)
		}
		rows[topic.key] = true
	}
	files, err := filepath.Glob("topic_*.go")
	if err != nil {
		t.Fatal(err)
	}
	filed := map[string]bool{}
	for _, file := range files {
		if name, found := strings.CutSuffix(strings.TrimPrefix(file, "topic_"), ".go"); found && !strings.HasSuffix(name, "_test") {
			filed[name] = true
		}
	}
	manual, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(manual), "\n## Alerts\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, table, _ := strings.Cut(section, "\n| topic |")
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]*)` \\|").FindAllStringSubmatch(table, -1) {
		documented[m[1]] = true
	}
	for key := range rows {
		if !filed[key] {
			t.Errorf("the topic %s has no file topic_%s.go", key, key)
		}
		if !documented[key] {
			t.Errorf("the topic %s has no row in docs/operations.md, Alerts", key)
		}
	}
	for key := range filed {
		if !rows[key] {
			t.Errorf("topic_%s.go is no row of topics(): nobody is told of it", key)
		}
	}
	for key := range documented {
		if !rows[key] {
			t.Errorf("docs/operations.md tells of the topic %s, which is no row of topics()", key)
		}
	}
}

// TestEachTopicHasAGoldenMessage wants one for its beginning and, if that is told, one for its end.
func TestEachTopicHasAGoldenMessage(t *testing.T) {
	t.Parallel()
	begins, ends := map[string]bool{}, map[string]bool{}
	for _, m := range messages {
		v, before, s := comparison(m.subjects, m.known, m.change)
		n := v.compareWith(before, s)
		for _, topic := range v.ownTopics() {
			n.due = nil
			topic.news.queueDue(n, topic.key)
			for _, due := range n.due {
				e, about := due.onSent[topic.key]
				isEnd := about && e == nil
				begins[topic.key] = begins[topic.key] || !isEnd
				ends[topic.key] = ends[topic.key] || isEnd
			}
		}
	}
	for _, topic := range topics() {
		if !begins[topic.key] {
			t.Errorf("no golden message is of the topic %s; write one in messages", topic.key)
		}
		if c, is := topic.news.(condition); is && c.endText != nil && !ends[topic.key] {
			t.Errorf("no golden message is of the end of the topic %s; write one in messages", topic.key)
		}
	}
}

// TestWhatWasSentIsNotDueAgain: what is remembered of each golden message is enough to not send it twice.
func TestWhatWasSentIsNotDueAgain(t *testing.T) {
	t.Parallel()
	for name, m := range messages {
		v, before, s := comparison(m.subjects, m.known, m.change)
		l := &listener{t: t, now: noon, known: before}
		noted, due := v.dueNotifications(l.known, s)
		l.keep(noted)
		for _, n := range due {
			l.keep(n.onSent)
		}
		if _, again := v.dueNotifications(l.known, s); len(again) > 0 {
			t.Errorf("%s: it was sent, and %q is due", name, again[0].Title)
		}
	}
}
