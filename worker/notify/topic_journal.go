package notify

import "context"

// journalTopic tells that Redis lost what was under way, until the orders are imported again.
func journalTopic() topic {
	return topic{key: "journal", gather: (*Alerts).gatherDataLoss, news: condition{
		diff: func(n *diff) standing { return standing{lasts: !n.dataLostAt.IsZero(), forget: n.dataLostAt.IsZero()} },
		text: (*diff).lostText,
	}}
}

func (a *Alerts) gatherDataLoss(ctx context.Context, v *snapshot) error {
	lostAt, err := a.Journal.DataLossAt(ctx, v.organization)
	if err != nil || lostAt.IsZero() {
		return err
	}
	known, err := a.Index.Coverage(ctx, v.organization)
	if err == nil && !known.Imported.After(lostAt) {
		v.dataLostAt = lostAt
	}
	return err
}

// lostText says that Redis forgot what was under way.
func (n *diff) lostText() Message {
	m := n.message("URGENT: Redis lost what the worker knew; nothing moves by itself until the orders are imported",
		"It was noticed "+n.localTime(n.dataLostAt)+". What was under way then is not known.",
		"If there is a backup, put it back. Else import what the shop exports, and approve the incidents that wait then: reassigner import FILE"+n.inOrganization(),
		"See that Redis keeps what it is told: appendonly yes, maxmemory-policy noeviction.")
	m.Urgent = true
	return m
}
