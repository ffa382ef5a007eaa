package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/apptest"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/cmd/internal/demo"
	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/journal"
)

// people are who may log in there.
var people = []admin.User{{Name: "ops", Password: "ops-password", Role: admin.Operator}, {Name: "eve", Password: "eve-password", Role: admin.Viewer}}

// browseEvery is how often a page is looked at.
const browseEvery = 100 * time.Millisecond

// slowPlatform is how long the platform takes for an answer, so that a drain can be watched.
const slowPlatform = 60 * time.Millisecond

// openedDesk is the whole product over loopback with users, and a merchant whose orders are known to it.
func openedDesk(t *testing.T, mode string, users []admin.User, change ...func(*config.Config)) *demo.Stage {
	t.Helper()
	s, err := demo.Open(demo.Options{Orders: 60, Seed: 5, JSON: true, Latency: slowPlatform}, apptest.Quiet, append(change, func(c *config.Config) {
		c.Users, c.Incident.Mode = users, mode
	})...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *browser) login(name, password string) {
	b.t.Helper()
	b.sees("Log in")
	b.fill("name", name)
	b.fill("password", password)
	b.press("Log in")
}

func TestAPersonAtTheConsole(t *testing.T) {
	t.Parallel()
	s := openedDesk(t, "automatic", people)
	b := openBrowser(t, "http://"+s.App.AdminAddress().String())

	b.open("/orders")
	b.look("login")
	b.expect("status of 401")
	b.login("ops", "wrong")
	b.sees("Name or password is wrong.")
	b.look("login-wrong")
	b.login("ops", "ops-password")
	b.sees("There was no incident yet") // where the stranger wanted to go
	b.look("orders-empty")
	for name, path := range map[string]string{"overview-calm": "/", "incidents-empty": "/incidents", "parked-empty": "/parked", "audit-empty": "/audit", "policy": "/policy"} {
		b.open(path)
		b.look(name)
	}

	b.open("/")
	b.sees("No open incident")
	b.do("marking the page", chromedp.Evaluate("window.stayed = true", nil))
	s.Platform.Break(sandbox.Paris)
	b.sees("opened") // by itself
	if !evaluate[bool](b, "window.stayed === true") {
		t.Error("the page was loaded anew; it should be live")
	}
	b.click("paris-warehouse")
	b.sees("What happened")
	b.watchesTheBar()
	b.look("incident")
	b.open("/")
	b.look("overview")
	b.open("/incidents")
	b.look("incidents")
	b.open("/orders")
	b.look("orders")

	b.open("/orders?state=reassigned")
	b.do("opening a reassigned order", chromedp.Click("#orders tbody th a"))
	b.sees("Confirm at the fallback")
	b.look("order-reassigned")

	b.retriesOne()
	b.pausesAndResumes()
	b.stopsAndUnblocks()
	body := `{"header":{"organizationId":"` + demo.Organization + `","messageId":"m","type":"moon/landed"},"body":{}}`
	if status, answer := postTo(&member{public: s.App.PublicAddress().String()}, []byte(body), demo.SandboxOrganization(demo.Organization).ClientSecret); status != http.StatusOK {
		t.Errorf("a webhook of an unknown type: got %d %s", status, answer)
	}
	b.open("/parked")
	b.sees("moon/landed")
	b.look("parked")
	b.open("/audit")
	b.sees("the address was mended")
	b.look("audit")
	b.expect("status of 404")
	b.open("/orders/nothing-like-it")
	b.sees("No incident has a delivery order")
	b.look("not-found")

	b.open("/")
	b.do("logging out", chromedp.Click(".who button"))
	b.login("eve", "eve-password")
	b.sees("paris-warehouse")
	if evaluate[bool](b, "!!document.querySelector('a[href^=\"/confirm\"]')") {
		t.Error("a viewer is offered an action")
	}
	b.look("overview-viewer")
	b.expect("status of 403")
	b.open("/confirm/pause")
	b.sees("A viewer may only look")
	b.look("refused")
	b.expect("fonts.googleapis.com") // the queue's web UI asks for fonts there; its Content-Security-Policy keeps them from leaving
	b.expect("Manifest fetch")       // which browsers do without a login
	b.open("/monitoring/")
	b.sees("Queues")
}

// watchesTheBar waits until everything is at rest, and wants to have seen how it came to that.
func (b *browser) watchesTheBar() {
	b.t.Helper()
	b.do("marking the page", chromedp.Evaluate("window.stayed = true", nil))
	seen := map[string]bool{}
	for end := time.Now().Add(browseMost); time.Now().Before(end); time.Sleep(browseEvery) {
		text := evaluate[string](b, "document.querySelector('#progress .lead')?.innerText ?? ''")
		if text != "" {
			seen[text] = true
		}
		if strings.Contains(text, "100 %") && evaluate[bool](b, "document.querySelector('#air').innerText.includes('Nothing is under way')") {
			break
		}
	}
	if len(seen) < 3 {
		b.t.Errorf("the bar was seen at %v; it should move while one looks", seen)
	}
	if !evaluate[bool](b, "window.stayed === true") {
		b.t.Error("the page was loaded anew; it should be live")
	}
}

// retriesOne opens an order that no fallback takes, reads why, and retries it by keyboard.
func (b *browser) retriesOne() {
	b.t.Helper()
	b.open("/orders?state=needs_person&reason=no_candidate")
	b.do("opening an order", chromedp.Click("#orders tbody th a"))
	b.sees("Why: the decision")
	if why := evaluate[string](b, "document.querySelector('#why').innerText"); !strings.Contains(why, "wanted") || !strings.Contains(why, "saw") {
		b.t.Errorf("the decision does not explain itself:\n%s", why)
	}
	b.look("order-needs-person")
	b.click("Retry")
	b.sees("It is kept in the audit log")
	b.look("confirm-retry")
	b.do("writing a reason", chromedp.SendKeys("#why", "the address was mended"+kb.Enter, chromedp.ByID))
	b.sees("Retry: done for 1 delivery order.")
	b.look("order-retried")
}

func (b *browser) pausesAndResumes() {
	b.t.Helper()
	b.open("/")
	b.click("Pause everything")
	b.fill("why", "the carrier is on strike")
	b.press("Pause")
	b.sees("Everything is paused")
	b.look("overview-paused")
	b.click("Resume")
	b.sees("What waits goes on at once")
	b.fill("why", "it is over")
	b.press("Resume")
	b.sees("Resume: done.")
	if evaluate[bool](b, "document.body.innerText.includes('Everything is paused')") {
		b.t.Error("the pause still shows")
	}
}

// stopsAndUnblocks ends the incident, and reads its report.
func (b *browser) stopsAndUnblocks() {
	b.t.Helper()
	b.open("/incidents")
	b.click("paris-warehouse")
	b.click("Stop")
	b.sees("Nothing is under way.")
	b.look("confirm-stop")
	b.fill("why", "the warehouse takes over by hand")
	b.press("Stop")
	b.sees("It was stopped.")
	b.sees("Report") // by itself, once all is at rest
	b.look("incident-stopped")
	b.click("Unblock")
	b.sees("This lifts the stop.")
	b.fill("why", "the warehouse is done")
	b.press("Unblock")
	b.sees("closed")
	b.look("incident-closed")
}

// TestAPersonApprovesAPlanAtTheConsole: nothing moves before an operator looked at what would.
func TestAPersonApprovesAPlanAtTheConsole(t *testing.T) {
	t.Parallel()
	redis := embeddedStore(t)
	s := openedDesk(t, "approve", nil, func(c *config.Config) { c.Redis = redis.url })
	b := openBrowser(t, "http://"+s.App.AdminAddress().String())
	b.open("/incidents")
	s.Platform.Break(sandbox.Paris)
	b.click("paris-warehouse")
	b.sees("It waits for an approval.")
	b.look("incident-waits")
	b.press("Make the plan")
	b.sees("Where they would go")
	b.look("incident-planned")
	b.click("Approve")
	b.sees("How many may move?")
	b.look("confirm-approve")
	for operation, n := range s.Platform.Books().Requests {
		if slices.Contains([]string{"deliveryOrderUpdate", "deliveryOrderCreate", "deliveryOrderCancel"}, operation) {
			t.Errorf("%s was sent %d times before the approval", operation, n)
		}
	}
	b.fill("why", "it looks right")
	b.press("Approve")
	b.sees("Approve: done.")
	b.sees("100 %")
	planned := &journal.Forecast{Organization: demo.Organization, At: time.Now(), All: true, Revision: "of-yesterday",
		Orders: 69, Targets: map[string]int{"lyon-warehouse": 19}, Requests: 170, PerSecond: 16,
		Locations: []journal.LocationForecast{{Location: "paris-warehouse", Orders: 41, Moves: 19, Persons: 22, Targets: []journal.TargetForecast{{Location: "lyon-warehouse", Orders: 19}}},
			{Location: "lyon-warehouse", Orders: 28, Persons: 28}}}
	client, err := app.DialRedis(redis.url, nil, app.PromptRedis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() }) // nothing is unwritten
	if err := journal.New(client, time.Second, 0).SaveForecast(t.Context(), planned); err != nil {
		t.Fatal(err)
	}
	b.open("/policy")
	b.sees("If a location failed: the last plan of all of them")
	b.look("policy-planned")
}

func TestTheConsoleWithoutRedisAndByKeyboard(t *testing.T) {
	t.Parallel()
	redis := embeddedStore(t)
	s := openedDesk(t, "automatic", nil, func(c *config.Config) { c.Redis = redis.url })
	b := openBrowser(t, "http://"+s.App.AdminAddress().String())
	b.open("/")
	b.do("pressing Tab", chromedp.KeyEvent(kb.Tab))
	if got := evaluate[string](b, "document.activeElement.className"); got != "skip" {
		t.Errorf("the first thing that Tab reaches is %q, want the link to the content", got)
	}
	b.do("following it", chromedp.KeyEvent(kb.Enter), chromedp.Poll("document.activeElement.id === 'main'", nil))
	b.expect("status of 503")
	b.expect("ERR_INCOMPLETE_CHUNKED_ENCODING")
	redis.away()
	b.sees("This page is not live any more.")
	b.look("not-live")
	b.open("/incidents")
	b.sees("Redis is away")
	b.look("redis-away")
	redis.back()
	b.sees("There was no incident yet") // by itself
	if evaluate[bool](b, "document.body.innerText.includes('not live')") {
		t.Error("it is live again, and says that it is not")
	}
}
