package console

import (
	"net/http"

	"happycolis-reassigner/worker/admin"
	"happycolis-reassigner/worker/api"
)

// openVerb says what an incident by hand would be about before it opens one.
func (c *Console) openVerb(r *http.Request, w actionForm, dry bool) (outcome, error) {
	would, err := c.actions.OpenIncident(r.Context(), admin.UserOf(r).Name,
		api.PauseRequest{Organization: w.Organization, Location: w.Location, Reason: w.Reason, DryRun: dry})
	if err != nil || !dry {
		return outcome{}, err
	}
	where := textOf(would.Location)
	if where == "" {
		where = would.LocationID
	}
	text := "First switch " + where + " off in HappyColis, so that it gets no more orders. " +
		plural(would.InFlight, "delivery order is", "delivery orders are") + " known to be in flight there."
	if t := would.Towards; t.NotSent+t.Sent > 0 {
		text += " On their way there: " + formatThousands(t.NotSent) + " not sent, pointed elsewhere before they are; " + formatThousands(t.Sent) + " sent, which this incident takes over."
	}
	return outcome{Text: text}, nil
}

// closeVerb shows what is in progress before it closes an incident.
func (c *Console) closeVerb(r *http.Request, w actionForm, dry bool) (outcome, error) {
	inc, err := c.actions.CloseIncident(r.Context(), admin.UserOf(r).Name, w.Incident, api.PauseRequest{Reason: w.Reason, DryRun: dry})
	if err != nil || !dry {
		return outcome{}, err
	}
	return describeInProgress(inc.UnderWay), nil
}
