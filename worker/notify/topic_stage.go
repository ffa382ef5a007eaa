package notify

import (
	"maps"
	"time"

	"happycolis-reassigner/worker/journal"
)

// stage is how far an incident is, as people need to know it; "": nothing was told.
type stage string

// The stages of an incident.
const (
	unconfirmed stage = "unconfirmed" // it settles much longer than it should: the location cannot be read
	approval    stage = "approval"
	blocked     stage = "blocked"
	moving      stage = "moving"
	stopped     stage = "stopped"
	over        stage = "closed"
	dismissed   stage = "dismissed"
)

// unconfirmedAfter is how long behind the settle window an incident is unconfirmed.
const unconfirmedAfter = 2 * time.Minute

// stageTopic tells how far incidents are, one message for each stage, once the first news waited long enough.
func stageTopic() topic {
	return topic{key: "stage", gather: (*Alerts).gatherIncidents, news: incidentNews{
		refresh: func(n *diff, s incidentState, e *notified) {
			e.Noticed = trueSince(e.Noticed, n.isStageNews(s, *e), n.at)
		},
		diff: (*diff).diffStages,
		text: (*diff).stageText,
		sent: func(n *diff, s incidentState, e *notified) {
			at, noticed := n.stageOf(s), e.Noticed
			if key := n.returnKey(s); key != "" {
				e.ToldAt = maps.Clone(e.ToldAt)
				if e.ToldAt == nil {
					e.ToldAt = map[string]time.Time{}
				}
				e.ToldAt[key] = n.at
			}
			e.Stage, e.Noticed, e.IndexIncomplete, e.Gate = at, time.Time{}, e.IndexIncomplete || s.IndexIncomplete, ""
			switch at {
			case blocked:
				e.Gate, e.RemindedAt, e.Since = s.blockingGate().Gate, n.at, noticed
			case approval:
				e.RemindedAt, e.Since = n.at, noticed
			case over: // the report has the numbers
				e.NeedsPerson, e.WaitsSince, e.Counted = s.countNeedsPerson(), time.Time{}, n.at
			default:
			}
		},
	}}
}

func (n *diff) diffStages() (messages [][]incidentState) {
	ripe := n.selectIncidents(func(_ incidentState, e notified) bool { return !e.Noticed.IsZero() && n.at.Sub(e.Noticed) >= gatherFor })
	if len(ripe) == 0 {
		return nil
	}
	for _, at := range []stage{blocked, approval, unconfirmed, moving, stopped, dismissed, over} {
		messages = append(messages, n.selectIncidents(func(s incidentState, e notified) bool {
			return !e.Noticed.IsZero() && n.stageOf(s) == at
		}))
	}
	return messages
}

func (n *diff) stageOf(s incidentState) stage {
	switch s.State {
	case journal.Settling:
		if n.at.Sub(s.SettlingSince()) > n.Settle+unconfirmedAfter {
			return unconfirmed
		}
		return ""
	case journal.AwaitingApproval:
		return approval
	case journal.Blocked:
		return blocked
	case journal.Draining, journal.Watching:
		return moving
	case journal.Stopped:
		return stopped
	case journal.Closed:
		return over
	case journal.Dismissed:
		return dismissed
	}
	return ""
}

// isStageNews reports whether the stage of an incident, or what makes its numbers doubtful, is news.
func (n *diff) isStageNews(s incidentState, e notified) bool {
	at := n.stageOf(s)
	switch {
	case at == "", at == dismissed && e.Stage == "":
		return false
	case s.HasByHand() && at == moving && e.Stage == approval && s.ApprovedAt.Before(e.RemindedAt):
		return false // what waited is gone by itself: nobody approved anything
	}
	if told, is := e.ToldAt[n.returnKey(s)]; is && e.Stage != "" && n.at.Sub(told) < n.Remind && !(s.IndexIncomplete && !e.IndexIncomplete) {
		return false
	}
	return at != e.Stage || at == blocked && s.blockingGate().Gate != e.Gate || s.IndexIncomplete && !e.IndexIncomplete
}

// returnKey names the stage of an incident if it may come back to it without an operator: it moves again, other delivery
// orders wait for an approval, or a gate that looks at the locations blocks it. The same is then not told again before it
// would be as a reminder. "": whoever is told has to know at once, also if it was so shortly before.
func (n *diff) returnKey(s incidentState) string {
	switch at := n.stageOf(s); at {
	case moving, approval:
		return string(at)
	case blocked:
		if gate := s.blockingGate().Gate; gate == "blast_radius" || gate == "second_observation" {
			return string(at) + " " + gate
		}
	default:
	}
	return ""
}
