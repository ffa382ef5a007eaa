package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/worker/redistest"
)

// axeVariable names a file with the accessibility checker axe-core, which is not ours to keep.
const axeVariable = "AXE_CORE"

// browser is a headless Chromium that looks at one service. The test fails on anything that a page complains
// of, and on any request to another machine.
type browser struct {
	t    *testing.T
	ctx  context.Context
	base string
	axe  string // the checker's source; "" where there is none
	dir  string // of the pictures

	mu       sync.Mutex
	problems []string
	expected map[string]bool // parts of complaints that a step brings about by intent
}

// browseMost bounds one step of a browser, on a busy machine.
const browseMost = time.Minute

func openBrowser(t *testing.T, base string) *browser {
	t.Helper()
	binary, err := exec.LookPath("chromium")
	if err != nil && os.Getenv(redistest.Require) == "1" {
		t.Fatalf("%s is 1 and there is no chromium in PATH", redistest.Require)
	}
	if err != nil && os.Getenv(picturesVariable) != "" {
		t.Fatalf("%s is set and there is no chromium in PATH to take pictures with", picturesVariable)
	}
	if err != nil {
		t.Skipf("no chromium in PATH; %s=1 makes this a failure", redistest.Require)
	}
	b := &browser{t: t, base: base, dir: t.ArtifactDir(), expected: map[string]bool{}}
	b.loadAxe()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	tab, end := chromedp.NewContext(ctx)
	b.ctx = tab
	t.Cleanup(func() {
		_ = chromedp.Cancel(tab) // ends the process and removes what it kept
		end()
		stop()
	})
	chromedp.ListenTarget(tab, b.heard)
	b.do("starting", network.Enable(), emulation.SetTimezoneOverride("Europe/Paris"))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, p := range b.problems {
			t.Error(p)
		}
	})
	return b
}

func (b *browser) loadAxe() {
	path := os.Getenv(axeVariable)
	if path == "" && os.Getenv(redistest.Require) == "1" {
		b.t.Fatalf("%s is 1 and %s names no file", redistest.Require, axeVariable)
	}
	if path == "" {
		b.t.Logf("accessibility is not checked: %s names no file of axe-core", axeVariable)
		return
	}
	source, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	b.axe = string(source)
}

// heard keeps what the browser complains of.
func (b *browser) heard(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err != nil || !here(u) {
			b.complain("a request left the machine: " + e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		b.complain("a script failed: " + e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			var words []string
			for _, argument := range e.Args {
				words = append(words, string(argument.Value))
			}
			b.complain("a script complains: " + strings.Join(words, " "))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
			b.complain("the browser complains: " + e.Entry.Text + " " + e.Entry.URL)
		}
	}
}

// here reports whether an address is on this machine.
func here(u *url.URL) bool {
	switch u.Scheme {
	case "data", "blob", "about":
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}

func (b *browser) complain(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for part := range b.expected {
		if strings.Contains(text, part) {
			return
		}
	}
	b.problems = append(b.problems, text)
}

// expect lets a complaint pass from now on.
func (b *browser) expect(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected[part] = true
}

// do runs actions, and tells where the browser was if one of them fails.
func (b *browser) do(what string, actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browseMost)
	if what == "starting" {
		ctx, cancel = b.ctx, func() {} // the first run starts the process, which must outlive it
	}
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		var at, text string
		_ = chromedp.Run(b.ctx, chromedp.Location(&at), chromedp.Text("main", &text)) // it is a help only
		b.t.Fatalf("%s: %v\nat %s:\n%s", what, err, at, text)
	}
}

// open loads a page.
func (b *browser) open(path string) {
	b.t.Helper()
	b.do("opening "+path, chromedp.Navigate(b.base+path), chromedp.WaitReady("main"))
}

// sees waits until the page says something. A page that is just being left cannot be asked; the next one can.
func (b *browser) sees(text string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browseMost)
	defer cancel()
	for ctx.Err() == nil {
		var said string
		if err := chromedp.Run(ctx, chromedp.Evaluate("document.body?.innerText ?? ''", &said)); err == nil && strings.Contains(said, text) {
			return
		}
		app.Sleep(ctx, browseEvery)
	}
	b.do("waiting for "+text, chromedp.Poll("false", nil, chromedp.WithPollingTimeout(browseEvery)))
}

// click follows the link, or presses the button, that says so.
func (b *browser) click(words string) {
	b.t.Helper()
	b.do("clicking "+words, chromedp.Click(fmt.Sprintf(`//main//*[self::a or self::button][starts-with(normalize-space(.), %q)]`, words), chromedp.BySearch))
}

// press presses the button of a form.
func (b *browser) press(words string) {
	b.t.Helper()
	b.do("pressing "+words, chromedp.Click(fmt.Sprintf(`//form[@method="post"]//button[starts-with(normalize-space(.), %q)]`, words), chromedp.BySearch))
}

func (b *browser) fill(id, text string) {
	b.t.Helper()
	b.do("filling "+id, chromedp.SetValue("#"+id, text, chromedp.ByID))
}

// evaluate evaluates an expression.
func evaluate[T any](b *browser, expression string) T {
	b.t.Helper()
	var v T
	b.do("asking the page", chromedp.Evaluate(expression, &v, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return v
}

// looks are how each page is looked at.
var looks = []struct {
	name          string
	width, height int64
	scheme        string
}{
	{"light", 1280, 900, "light"}, {"dark", 1280, 900, "dark"}, {"narrow", 390, 844, "light"},
}

// look takes pictures of the page that is open: light, dark and narrow. Nothing may stick out, and the
// accessibility checker may find nothing serious.
func (b *browser) look(name string) {
	b.t.Helper()
	for _, l := range looks {
		var picture []byte
		b.do("looking at "+name+", "+l.name,
			emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}),
			emulation.SetDeviceMetricsOverride(l.width, l.height, 1, false), chromedp.FullScreenshot(&picture, 100))
		if err := os.WriteFile(filepath.Join(b.dir, name+"-"+l.name+".png"), picture, 0o600); err != nil {
			b.t.Fatal(err)
		}
		if l.width == looks[0].width {
			b.renewPicture(name, l.scheme)
		}
		if wide := evaluate[int64](b, "document.documentElement.scrollWidth"); wide > l.width {
			b.t.Errorf("%s, %s: the page is %d wide, the window %d", name, l.name, wide, l.width)
		}
		for _, finding := range b.accessibility() {
			b.t.Errorf("%s, %s: %s", name, l.name, finding)
		}
	}
	b.do("back to the wide window", emulation.SetDeviceMetricsOverride(looks[0].width, looks[0].height, 1, false))
}

// accessibility returns what the checker finds serious or critical.
func (b *browser) accessibility() []string {
	b.t.Helper()
	if b.axe == "" {
		return nil
	}
	if !evaluate[bool](b, "typeof axe === 'object'") {
		b.do("loading axe-core", chromedp.Evaluate(b.axe+";0", nil))
	}
	return evaluate[[]string](b, `axe.run().then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical")
		.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " " + n.failureSummary).join(" | ")))`)
}
