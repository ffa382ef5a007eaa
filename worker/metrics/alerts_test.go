package metrics_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"happycolis-reassigner/worker/redistest"
	"happycolis-reassigner/worker/world"
)

// The files for whoever watches the worker.
const (
	alertsFile    = "alerts.yaml"
	alertsTests   = "alerts_test.yaml"
	dashboardFile = "dashboard.json"
	manual        = "README.md"
)

type rule struct {
	Alert       string            `yaml:"alert"`
	Record      string            `yaml:"record,omitempty"`
	Expr        string            `yaml:"expr"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

func rules(t *testing.T) []rule {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.Unmarshal(text(t, alertsFile), &file); err != nil {
		t.Fatal(err)
	}
	var all []rule
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	if len(all) == 0 {
		t.Fatal("there are no rules")
	}
	return all
}

type panel struct {
	ID          int    `json:"id"`
	Type        string `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Targets     []struct {
		RefID      string            `json:"refId"`
		Expr       string            `json:"expr"`
		Datasource map[string]string `json:"datasource"`
	} `json:"targets"`
	FieldConfig struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
	GridPos struct{ H, W, X, Y int } `json:"gridPos"`
}

func panels(t *testing.T) []panel {
	t.Helper()
	var board struct {
		UID        string  `json:"uid"`
		Panels     []panel `json:"panels"`
		Templating struct {
			List []struct{ Name string } `json:"list"`
		} `json:"templating"`
	}
	if err := json.Unmarshal(text(t, dashboardFile), &board); err != nil {
		t.Fatal(err)
	}
	if board.UID == "" || len(board.Templating.List) != 2 || len(board.Panels) == 0 {
		t.Fatalf("got %q with %d variables and %d panels", board.UID, len(board.Templating.List), len(board.Panels))
	}
	return board.Panels
}

func text(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// promtool runs the tool that comes with Prometheus.
func promtool(t *testing.T, input string, arguments ...string) {
	t.Helper()
	binary, err := exec.LookPath("promtool")
	if err != nil && os.Getenv(redistest.Require) == "1" {
		t.Fatalf("%s is 1 and there is no promtool in PATH", redistest.Require)
	}
	if err != nil {
		t.Skipf("no promtool in PATH; %s=1 makes this a failure", redistest.Require)
	}
	command := exec.CommandContext(t.Context(), binary, arguments...)
	command.Stdin = strings.NewReader(input)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
}

func TestPrometheusTakesTheRules(t *testing.T) {
	t.Parallel()
	promtool(t, "", "check", "rules", "--lint=all", "--lint-fatal", alertsFile)
}

func TestEachAlertFiresWhenItShould(t *testing.T) {
	t.Parallel()
	promtool(t, "", "test", "rules", alertsTests)
}

func TestPrometheusTakesTheScrape(t *testing.T) {
	t.Parallel()
	_, m := told(t)
	var ours strings.Builder
	for line := range strings.Lines(scrape(t, m)) {
		if strings.Contains(line, "reassigner_") {
			ours.WriteString(line)
		}
	}
	promtool(t, ours.String(), "check", "metrics")
}

// Grafana's own variables, and what stands for them when an expression is read.
var variables = strings.NewReplacer("$__rate_interval", "5m", "$organization", ".*")

func TestPrometheusTakesTheExpressionsOfTheDashboard(t *testing.T) {
	t.Parallel()
	var read []rule
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			read = append(read, rule{Record: fmt.Sprintf("panel:%d_%s", p.ID, strings.ToLower(target.RefID)), Expr: variables.Replace(target.Expr)})
		}
	}
	file := filepath.Join(t.TempDir(), "expressions.yaml")
	data, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": read}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "", "check", "rules", file)
}

// How the expressions name what is ours.
var (
	nameOfOurs      = regexp.MustCompile(`reassigner_[a-z_]+`)
	selectorOfOurs  = regexp.MustCompile(`(reassigner_[a-z_]+)\{([^}]*)\}`)
	labelOfSelector = regexp.MustCompile(`(\w+)(?:=~|!~|!=|=)"`)
)

func TestWhatRulesAndDashboardAskForIsTold(t *testing.T) {
	t.Parallel()
	w, m := told(t)
	if err := w.Index.FinishImport(t.Context(), world.Org, w.Now()); err != nil {
		t.Fatal(err)
	}
	families, err := m.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string][]string{"reassigner_redis_memory_limit_bytes": nil} // the embedded Redis has none
	for _, f := range families {
		var names []string
		for _, pair := range f.GetMetric()[0].GetLabel() {
			names = append(names, pair.GetName())
		}
		for _, end := range []string{"_bucket", "_sum", "_count"} {
			labels[f.GetName()+end] = append(names, "le")
		}
		labels[f.GetName()] = names
	}
	asked := map[string]bool{}
	look := func(where, expr string) {
		for _, name := range nameOfOurs.FindAllString(expr, -1) {
			asked[strings.TrimSuffix(name, "_bucket")] = true
			if _, ok := labels[name]; !ok {
				t.Errorf("%s asks for %s, which /metrics has not", where, name)
			}
		}
		for _, selector := range selectorOfOurs.FindAllStringSubmatch(expr, -1) {
			for _, label := range labelOfSelector.FindAllStringSubmatch(selector[2], -1) {
				if !slices.Contains(labels[selector[1]], label[1]) {
					t.Errorf("%s asks for %s with the label %s, which it has not", where, selector[1], label[1])
				}
			}
		}
	}
	for _, r := range rules(t) {
		look(r.Alert, r.Expr)
	}
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			look("the panel "+p.Title, target.Expr)
		}
	}
	for _, f := range families {
		if name := f.GetName(); strings.HasPrefix(name, "reassigner_") && !asked[name] && !asked[name+"_count"] {
			t.Errorf("%s is neither on the dashboard nor in a rule", name)
		}
	}
}

func TestEachAlertSaysWhatToDo(t *testing.T) {
	t.Parallel()
	book := string(text(t, manual))
	tests := string(text(t, alertsTests))
	var named []string
	for _, r := range rules(t) {
		named = append(named, r.Alert)
		_, paragraph, found := strings.Cut(book, "\n### "+r.Alert+"\n\n")
		if !found {
			t.Errorf("%s has no heading in %s", r.Alert, manual)
		}
		if !strings.HasPrefix(paragraph, "Look at ") {
			t.Errorf("the paragraph of %s does not start with what to look at: %.40s", r.Alert, paragraph)
		}
		if want := "worker/metrics/" + manual + "#" + strings.ToLower(r.Alert); r.Annotations["runbook"] != want {
			t.Errorf("%s: got runbook %q, want %q", r.Alert, r.Annotations["runbook"], want)
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s lacks a summary or a description", r.Alert)
		}
		if !slices.Contains([]string{"critical", "warning"}, r.Labels["severity"]) {
			t.Errorf("%s: got severity %q", r.Alert, r.Labels["severity"])
		}
		for _, when := range []string{"fires", "is silent"} {
			if !strings.Contains(tests, "- name: "+r.Alert+" "+when+" ") {
				t.Errorf("no case in %s tells when %s %s", alertsTests, r.Alert, when)
			}
		}
	}
	for _, heading := range regexp.MustCompile(`(?m)^### (Reassigner\w+)$`).FindAllStringSubmatch(book, -1) {
		if !slices.Contains(named, heading[1]) {
			t.Errorf("%s tells of %s, which is no alert", manual, heading[1])
		}
	}
}

func TestTheDashboardIsWhole(t *testing.T) {
	t.Parallel()
	seen, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range panels(t) {
		if seen[p.ID] {
			t.Errorf("two panels have the id %d", p.ID)
		}
		seen[p.ID] = true
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				place := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if other := taken[place]; other != "" || place[0] >= 24 {
					t.Fatalf("%s stands on %q or beyond the edge", p.Title, other)
				}
				taken[place] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		if p.Title == "" || p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
			t.Errorf("panel %d lacks a title, a description, a unit or a question: %+v", p.ID, p)
		}
		for _, target := range p.Targets {
			if target.Datasource["uid"] != "${datasource}" {
				t.Errorf("%s asks %v instead of what the reader chose", p.Title, target.Datasource)
			}
		}
	}
}
