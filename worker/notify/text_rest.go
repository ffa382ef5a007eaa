package notify

import (
	"fmt"
	"strings"
	"time"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/wording"
)

// silenceText says that no webhook comes.
func (n *diff) silenceText() Message {
	h := n.snapshot.webhooks
	last := "The newest is of " + n.localTime(h.last) + "."
	if h.last.IsZero() {
		last = "None ever came; the index was imported " + n.localTime(h.since) + "."
	}
	return n.message("No webhook for "+formatDuration(n.at.Sub(h.silentSince()))+", while "+wording.Count(h.inFlight, "delivery order is", "delivery orders are")+" in flight",
		last,
		"The platform stops its queue at the first refused webhook, until somebody unblocks it by hand: look at the health of the webhooks in HappyColis.",
		"See whether the receiver is reached from outside: reassigner event send --config FILE --sample stock-reference-updated --organization "+n.organization+" --url https://YOUR_HOST/webhooks/happycolis",
		"Until then the sweep still finds locations that fail, and new delivery orders are not known.")
}

// heardText says that webhooks come again.
func (n *diff) heardText(since time.Time) Message {
	return n.message("Webhooks come again, after "+formatDuration(n.at.Sub(since)),
		"None came since "+n.localTime(since)+". What happened in between may not be known, unless the platform sends it late.",
		"Mend one location: reassigner import --location LOCATION")
}

// lostText says that Redis forgot what was under way.
func (n *diff) lostText() Message {
	m := n.message("URGENT: Redis lost what the worker knew; nothing moves by itself until the orders are imported",
		"It was noticed "+n.localTime(n.dataLostAt)+". What was under way then is not known.",
		"If there is a backup, put it back. Else import what the shop exports, and approve the incidents that wait then: reassigner import FILE",
		"See that Redis keeps what it is told: appendonly yes, maxmemory-policy noeviction.")
	m.Urgent = true
	return m
}

// fullText says that Redis fills up.
func (v snapshot) fullText(time.Time) Message {
	return v.message(fmt.Sprintf("Redis has used %.0f%% of its memory", 100*v.memory.UsedShare()),
		fmt.Sprintf("%s of %s (maxmemory).", formatBytes(v.memory.Used), formatBytes(v.memory.Limit)),
		"When it is full webhooks cannot be kept, and the first one that is refused blocks the platform's queue.",
		"Give it more memory, or keep less: retention.incidents in the configuration. See what fills it: redis-cli --bigkeys")
}

func (v snapshot) notFullText(time.Time) Message {
	return v.message(fmt.Sprintf("Redis has room again: %.0f%% of its memory is used", 100*v.memory.UsedShare()),
		fmt.Sprintf("%s of %s (maxmemory).", formatBytes(v.memory.Used), formatBytes(v.memory.Limit)))
}

// evictsText says that Redis may throw away what it was told.
func (v snapshot) evictsText(time.Time) Message {
	return v.message("Redis may throw away what the worker knows: its maxmemory-policy is "+v.memory.EvictionPolicy,
		"When its memory runs short it drops keys unasked. A lease that it dropped lets two work at one order; a record that it dropped is an order nobody looks after.",
		"Set it at once, and in Redis's own configuration too: redis-cli CONFIG SET maxmemory-policy noeviction")
}

func (v snapshot) keepsText(time.Time) Message {
	return v.message("Redis keeps what it is told: its maxmemory-policy is noeviction")
}

// unservedText says that released delivery orders are nobody's, since their organization was taken out of the
// configuration.
func (v snapshot) unservedText(time.Time) Message {
	released := 0
	var lines []string
	for _, u := range v.unserved {
		released += u.Released
		lines = append(lines, fmt.Sprintf("- %s: %s, of which %d have no replacement that was sent", u.Organization,
			wording.Count(u.Released, "delivery order", "delivery orders"), u.Unsent))
	}
	m := v.message("URGENT: "+wording.Count(released, "delivery order was", "delivery orders were")+" released, and the organization is not configured any more",
		strings.Join(lines[:min(len(lines), maxLines)], "\n"),
		"Nobody finishes them: what has no replacement nobody ships.",
		"Put the organization back into the configuration until they are finished. If nothing else of it should begin, stop its incidents then: reassigner incidents stop ID --reason \"WHY\"")
	m.Urgent = true
	return m
}

func (v snapshot) servedText(time.Time) Message {
	return v.message("What was released is looked after again: its organization is configured, or all is finished")
}

// refusedText says that the policy that is in force is not the one in the file.
func (v snapshot) refusedText(s Settings) func(time.Time) Message {
	return func(time.Time) Message {
		return v.message("A changed policy was refused: the former one stays in force",
			"The reload of "+formatTime(v.policyRefusedAt, s.Zone)+" found mistakes.",
			"See all of them: reassigner config check FILE",
			"Then reload it: SIGHUP to the worker")
	}
}

func (v snapshot) acceptedText(time.Time) Message {
	return v.message("The policy was reloaded: what the file says is in force")
}

// apartText says whose clocks are not the platform's. Once told of, they are told of until they are close again.
func (v snapshot) apartText(time.Time) Message {
	wrong := v.clocksOff(clocksApart)
	var lines []string
	for _, c := range wrong[:min(len(wrong), maxLines)] {
		lines = append(lines, "- "+offBy(c)+" HappyColis's")
	}
	if rest := len(wrong) - maxLines; rest > 0 {
		lines = append(lines, fmt.Sprintf("- and %d more", rest))
	}
	title := fmt.Sprintf("%d clocks are more than %s from HappyColis's", len(wrong), clocksApart)
	if len(wrong) == 1 {
		title, lines = "The clock of "+offBy(wrong[0])+" HappyColis's", nil
	}
	return v.message(title, strings.Join(lines, "\n"),
		"Dates tell which of two messages is the newer, and what lies in the future counts as dated when it came. Waits may end early or late.",
		"Set it, and keep it with NTP. Where all of ours are off by the same, it is HappyColis's: tell its support.",
		"Compare: reassigner doctor --config FILE")
}

// offBy is a clock, and how far it is from the platform's.
func offBy(c happycolis.Clock) string {
	way := "ahead of"
	if c.Ahead < 0 {
		way = "behind"
	}
	return fmt.Sprintf("%s is %s %s", c.Host, c.Ahead.Abs().Round(time.Second), way)
}

func (v snapshot) agreeText(time.Time) Message {
	return v.message("The clocks agree with HappyColis's again")
}

// TestMessage is a message that says nothing has happened: it shows that a target is reached.
func TestMessage() Message {
	return snapshot{}.message("A trial of the alerts of happycolis-reassigner", "Nothing has happened. Somebody wanted to know whether this arrives.")
}
