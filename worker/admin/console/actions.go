package console

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/api"
)

// Every action has two pages: one that shows, from a dry run, what it would do and asks for the reason; and one with
// the result. The number that the first page showed is sent along as "expect": if another number matches by then,
// nothing is done.

// actionForm is an action that the reader is about to do, from the query of a link or from a form.
type actionForm struct {
	Verb         string
	Organization string
	Incident     string
	Location     string
	ReasonCode   string
	ID           string // of one delivery order, where it is about one
	Expect       string // the number that the first page showed; of a plan, how many of its rows were approved
	Hash         string // of the plan that the first page showed
	Limit        string // how many of it may move; "": all
	Cursor       string // of an import that is continued
	Reason       string
	Back         string // the page to return to
}

func readActionForm(r *http.Request) actionForm {
	get := func(name string) string { return strings.TrimSpace(r.FormValue(name)) }
	return actionForm{Verb: r.PathValue("verb"), Organization: get("organization"), Incident: get("incident"), Location: get("location"),
		ReasonCode: get("reason_code"), ID: get("id"), Expect: get("expect"), Hash: get("hash"), Limit: get("limit"),
		Cursor: get("cursor"), Reason: get("reason"), Back: admin.LocalPath(get("back"))}
}

// verbs are the actions, each with its words and what it calls of package ops.
var verbs = map[string]struct {
	word, does string
	do         func(*Console, *http.Request, actionForm, bool) (outcome, error)
}{
	api.VerbRetry: {"Retry", "It goes on at the first step that is not proven done, after fresh reads. Where somebody cancelled the replacement, another is made.", (*Console).orderVerb},
	api.VerbLeave: {"Leave", "It stays where it is and the row is closed. What was prepared and not sent is withdrawn.", (*Console).orderVerb},
	api.VerbProceed: {"Proceed", "The replacement is sent although the release was never confirmed. Only do this once the warehouse said that it will not ship: you answer for it.",
		(*Console).orderVerb},
	"approve": {"Approve", "Exactly this plan is executed. What changed since is left to a person, what arrives later waits for another approval.", (*Console).approveVerb},
	"open":    {"Empty", "An incident of this location is opened, whatever its integration reads: you answer for it that it does not ship. Nothing moves before its plan is approved, and it lasts until you close or stop it.", (*Console).openVerb},
	"close":   {"Close", "The location ships again: what is not released is left there, what was prepared is taken back, and what is released is finished. If it reads ERROR by then, the incident goes on as one of a location that failed.", (*Console).closeVerb},
	"stop":    {"Stop", "Nothing more begins, and what was prepared is taken back. The location stays held until it reads ACTIVE or the incident is unblocked; one that was opened by hand, until the latter.", (*Console).stopVerb},
	"unblock": {"Unblock", "It is lifted for this incident only; what is judged after it is judged as before.", (*Console).unblockVerb},
	"pause":   {"Pause", "Nothing more is sent to the platform, also not to finish what was begun. Deadlines stand still.", (*Console).pauseVerb},
	"resume":  {"Resume", "What waits goes on at once.", (*Console).pauseVerb},
	"import":  {"Read again", "What the index knows to be in flight here is read anew, order by order. What it does not know is not found so: that takes a list of orders, with reassigner import FILE.", (*Console).importVerb},
}

func verbLabel(verb string) string { return cmp.Or(verbs[verb].word, verb) }

// outcome is what an action would do, or did.
type outcome struct {
	Matched, Done int
	Refused       []api.RefusedRow
	Orders        []api.OrderRow
	Hash          string // of the plan, where the action is about one
	Text          string // instead of numbers of delivery orders
	Cursor        string // not empty: there is more to do
	Plan          *planBody
}

// confirmBody is the page that asks for confirmation.
type confirmBody struct {
	actionForm
	Word, Does string
	About      string
	Would      outcome
}

// viewConfirm renders what an action would do, and asks for the reason.
func (c *Console) viewConfirm(r *http.Request) (*view, error) {
	if admin.UserOf(r).Role != admin.Operator {
		return nil, &problem{http.StatusForbidden, "A viewer may only look. Ask an operator."}
	}
	w := readActionForm(r)
	v, known := verbs[w.Verb]
	if !known {
		return notFoundPage(r)
	}
	would, err := v.do(c, r, w, true)
	if err != nil {
		return nil, err
	}
	about, err := c.describeForm(r, w)
	if err != nil {
		return nil, err
	}
	w.Expect, w.Hash = strconv.Itoa(would.Matched), would.Hash
	if would.Plan != nil {
		w.Expect = strconv.Itoa(would.Plan.Approved)
	}
	return &view{template: "confirm", still: true, title: v.word, body: confirmBody{actionForm: w, Word: v.word, Does: v.does, About: about, Would: would}}, nil
}

// describeForm says what an action is about, by the names that people know.
func (c *Console) describeForm(r *http.Request, w actionForm) (string, error) {
	about, id, lead := "everything", cmp.Or(w.ID, w.Incident, w.Location), ""
	switch {
	case w.ID != "":
		about, lead = "delivery order "+w.ID, "order "
	case w.ReasonCode != "":
		about = "everything with the reason " + w.ReasonCode + " in incident " + w.Incident
	case w.Incident != "" && slices.Contains([]string{api.VerbRetry, api.VerbLeave, api.VerbProceed}, w.Verb):
		about = "everything that needs a person in incident " + w.Incident
	case w.Incident != "":
		about = "incident " + w.Incident
	case w.Location != "":
		about = "location " + w.Location
	}
	name, err := c.nameOf(r, w.Organization, id)
	switch {
	case err != nil || name == "" || name == id:
		return about, err
	case w.ID == "" && w.Incident == "":
		return "location " + name, nil
	}
	return lead + name + ", " + about, nil
}

// nameOf returns the slug or order number of what has an id, in the organization or in any; "" where it has none.
func (c *Console) nameOf(r *http.Request, organization, id string) (name string, err error) {
	organizations, err := c.query.OrganizationIDs(organization)
	for i := 0; i < len(organizations) && name == "" && err == nil; i++ {
		name, err = c.query.NameOf(r.Context(), organizations[i], id)
	}
	return name, err
}

// doneBody is the page with the result.
type doneBody struct {
	actionForm
	Word, About string
	Did         outcome
}

// runAction does the action. If all of it succeeded it redirects back, and the page there says so.
func (c *Console) runAction(r *http.Request) (*view, error) {
	w := readActionForm(r)
	v, known := verbs[w.Verb]
	if !known {
		return notFoundPage(r)
	}
	if w.Reason == "" {
		return nil, &problem{http.StatusBadRequest, "A reason is missing: write in a few words why. It is kept in the audit log."}
	}
	did, err := v.do(c, r, w, false)
	if err != nil {
		return nil, err
	}
	if len(did.Refused) == 0 && did.Cursor == "" && w.Verb != "import" {
		to, err := url.Parse(w.Back)
		if err != nil {
			return nil, fmt.Errorf("leading back: %w", err)
		}
		q := to.Query()
		q.Set("did", w.Verb)
		q.Set("count", strconv.Itoa(did.Done))
		to.RawQuery = q.Encode()
		return &view{to: to.String()}, nil
	}
	about, err := c.describeForm(r, w)
	if err != nil {
		return nil, err
	}
	return &view{template: "done", still: true, title: v.word, body: doneBody{actionForm: w, Word: v.word, About: about, Did: did}}, nil
}

// noticeText is the message about the action that led to this page. Its text is chosen from ours, whatever the address
// contains.
func noticeText(r *http.Request) string {
	q := r.URL.Query()
	v, known := verbs[q.Get("did")]
	if !known {
		return ""
	}
	n, err := strconv.Atoi(q.Get("count"))
	if err != nil || n <= 0 {
		return v.word + ": done."
	}
	return fmt.Sprintf("%s: done for %s.", v.word, plural(n, "delivery order", "delivery orders"))
}

func (c *Console) orderVerb(r *http.Request, w actionForm, dry bool) (outcome, error) {
	want := api.ActionRequest{Reason: w.Reason, DryRun: dry, Filter: api.Filter{Organization: w.Organization, Incident: w.Incident, Location: w.Location, ReasonCode: w.ReasonCode}}
	if w.ID != "" {
		want.IDs, want.Filter = []string{w.ID}, api.Filter{Organization: w.Organization}
	}
	if n, err := strconv.Atoi(w.Expect); err == nil && !dry {
		want.Expect = &n
	}
	do := map[string]func(context.Context, string, api.ActionRequest) (api.ActionResult, error){
		api.VerbRetry: c.actions.RetryOrders, api.VerbLeave: c.actions.LeaveOrders, api.VerbProceed: c.actions.ProceedOrders,
	}[w.Verb]
	did, err := do(r.Context(), admin.UserOf(r).Name, want)
	return outcome{Matched: did.Matched, Done: did.Done, Refused: did.Refused, Orders: did.Orders}, err
}

// approveVerb approves the plan that was shown. Where there is none, or it is too old, it refers to the page of the
// incident, where one can be made.
func (c *Console) approveVerb(r *http.Request, w actionForm, dry bool) (outcome, error) {
	if dry {
		inc, err := c.findIncident(r, w.Incident)
		if err != nil {
			return outcome{}, err
		}
		if err := c.query.Incidents.CheckApprovable(r.Context(), inc); err != nil {
			return outcome{}, err
		}
		p := c.planOf(inc)
		if p.Plan == nil || p.Stale {
			return outcome{}, &problem{http.StatusConflict, "There is no plan that could be approved. Make one on the page of the incident."}
		}
		text := "Of " + plural(p.Orders, "delivery order", "delivery orders") + " at " + locationLabel(inc) + " it moves " + formatThousands(p.Moves) + "."
		if p.Holding > 0 {
			text += " " + plural(p.Holding, "waits", "wait") + " for capacity first."
		}
		return outcome{Hash: p.Hash, Plan: p, Text: text}, p.loadRows(r.Context(), c.query.Journal)
	}
	want := api.ApproveRequest{Reason: w.Reason, Hash: w.Hash}
	if n, err := strconv.Atoi(w.Expect); err == nil {
		want.Approved = &n
	}
	if w.Limit != "" {
		var err error
		if want.Limit, err = strconv.Atoi(w.Limit); err != nil || want.Limit < 1 {
			return outcome{}, &problem{http.StatusBadRequest, "The limit is a number of delivery orders, from 1."}
		}
	}
	_, err := c.actions.ApproveIncident(r.Context(), admin.UserOf(r).Name, w.Incident, want)
	return outcome{}, err
}

// stopVerb shows what is in progress before it stops an incident.
func (c *Console) stopVerb(r *http.Request, w actionForm, dry bool) (outcome, error) {
	inc, err := c.actions.StopIncident(r.Context(), admin.UserOf(r).Name, w.Incident, api.PauseRequest{Reason: w.Reason, DryRun: dry})
	if err != nil || !dry {
		return outcome{}, err
	}
	return describeInProgress(inc.UnderWay), nil
}

// describeInProgress says what becomes of what is in progress once nothing more may begin.
func describeInProgress(u api.InProgress) outcome {
	if u.NotBegun+u.Prepared+u.Released == 0 {
		return outcome{Text: "Nothing is under way."}
	}
	return outcome{Orders: u.InDoubt[:min(len(u.InDoubt), planShown)], Text: "Not begun, and left: " + formatThousands(u.NotBegun) +
		". Prepared, and taken back: " + formatThousands(u.Prepared) + ". Released, and finished in any case: " + formatThousands(u.Released) + "."}
}

// unblockVerb says what it would lift before it does so.
func (c *Console) unblockVerb(r *http.Request, w actionForm, dry bool) (outcome, error) {
	inc, err := c.actions.UnblockIncident(r.Context(), admin.UserOf(r).Name, w.Incident, api.PauseRequest{Reason: w.Reason, DryRun: dry})
	if err != nil || !dry {
		return outcome{}, err
	}
	return outcome{Text: "This lifts " + inc.Lifts + "."}, nil
}

func (c *Console) pauseVerb(r *http.Request, w actionForm, dry bool) (outcome, error) {
	do := map[string]func(context.Context, string, api.PauseRequest) (api.PauseResult, error){"pause": c.actions.Pause, "resume": c.actions.Resume}[w.Verb]
	_, err := do(r.Context(), admin.UserOf(r).Name, api.PauseRequest{Organization: w.Organization, Location: w.Location, Reason: w.Reason, DryRun: dry})
	return outcome{}, err
}

// importPages is how many pages of a location are imported per request, so that the reader sees progress in between.
const importPages = 2

func (c *Console) importVerb(r *http.Request, w actionForm, dry bool) (outcome, error) {
	if dry {
		rows, err := c.query.ListLocations(r.Context(), w.Organization)
		if err != nil {
			return outcome{}, err
		}
		for _, row := range rows {
			if row.LocationID == w.Location || textOf(row.Location) == w.Location {
				return outcome{Matched: row.InFlight, Text: plural(row.InFlight, "delivery order is", "delivery orders are") + " known to be in flight there."}, nil
			}
		}
		return outcome{}, &problem{http.StatusNotFound, "Nothing was heard of that location yet."}
	}
	did := outcome{Cursor: w.Cursor}
	for range importPages {
		got, err := c.actions.ImportChunk(r.Context(), admin.UserOf(r).Name,
			api.ImportRequest{Organization: w.Organization, Location: w.Location, Cursor: did.Cursor, Reason: w.Reason})
		if err != nil {
			return did, err
		}
		did.Done += got.DeliveryOrders
		for _, s := range got.Skipped {
			did.Refused = append(did.Refused, api.RefusedRow{DeliveryOrderID: s.ID, Why: "skipped: " + s.Kind})
		}
		for _, f := range got.Failed {
			did.Refused = append(did.Refused, api.RefusedRow{DeliveryOrderID: f.ID, Why: "failed: " + f.Why})
		}
		if did.Cursor = got.Next; did.Cursor == "" {
			break
		}
	}
	did.Text = plural(did.Done, "delivery order was", "delivery orders were") + " read."
	return did, nil
}
