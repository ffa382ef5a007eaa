package handover_test

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"happycolis-reassigner/happycolis/sandbox"
	"happycolis-reassigner/worker/world"
)

// ownActs are what happens to the workers, and what takes its time.
var ownActs = []string{"time", "time", "time", "crash", "crash", "a worker stands still", "a worker stands still", "another worker",
	"wipe queue", "run archived", "mood", "mood", "moods pass"}

// othersActs are what the platform does, its locations, and people there. They take no time.
var othersActs = []string{"recover", "break again", "break lyon", "blip", "a slug moves", "a location is renamed", "a location takes orders later", "revoke tokens",
	"resume order", "person cancels", "person asks to cancel", "person asks to cancel", "person cancels the order", "a cancel is confirmed",
	"a cancel is rejected", "person opens", "person moves", "warehouse starts", "warehouse accepts", "warehouse rejects"}

// act is one thing that happens.
func (p *play) act() {
	act := p.pick("act", slices.Concat(ownActs, othersActs, peoplesActs)...)
	switch act {
	case "time":
		p.pass(p.seconds("seconds", 1, p.most("how long", 10, 120, 900)))
	case "crash":
		p.Crash = &world.Crash{Nth: rapid.IntRange(1, 6).Draw(p.rt, "nth"), When: world.Moment(rapid.IntRange(0, 3).Draw(p.rt, "moment"))}
	case "a worker stands still":
		p.standsStill()
	case "another worker":
		p.must(p.ReplaceWorker())
	case "wipe queue":
		p.Queue.Wipe()
	case "run archived":
		for _, m := range p.Queue.Archived() {
			p.Queue.RunArchived(m, p.Now())
		}
	case "mood":
		p.mood()
	case "moods pass":
		p.Platform.ClearFaults()
		p.platformsWay()
	default:
		if slices.Contains(peoplesActs, act) {
			p.person(act)
			return
		}
		p.others(act)
	}
}

// others does what others do, and counts whether it was possible then.
func (p *play) others(act string) {
	var err error
	switch act {
	case "recover":
		p.Platform.Recover("loc_paris", rapid.Bool().Draw(p.rt, "announced"))
	case "break again":
		p.Platform.Break("loc_paris")
	case "break lyon":
		p.Platform.Break("loc_lyon")
	case "blip":
		p.Platform.RecoverBriefly(p.pick("blip of", "loc_paris", "loc_lyon"), p.seconds("blip", 1, 150), p.chance("the blip is announced", 2))
	case "a slug moves":
		from := p.pick("the slug of", "loc_lyon", "loc_paris", "loc_lille")
		to := map[string]string{"loc_lyon": "loc_lille", "loc_paris": "loc_lyon", "loc_lille": "loc_lyon"}[from]
		p.Platform.MoveSlug(from, to, p.newSlug())
	case "a location is renamed":
		p.Platform.Rename(p.pick("renamed", "loc_lyon", "loc_paris", "loc_lille"), p.newSlug())
	case "revoke tokens":
		p.Platform.RevokeTokens(world.Org)
	case "resume order":
		err = p.Platform.ResumeOrder(p.anyOrder())
	case "person cancels":
		err = p.Platform.PersonCancel(p.anybody())
	case "person asks to cancel":
		err = p.Platform.PersonAsksCancel(p.anybody(), p.course())
	case "person cancels the order":
		err = p.Platform.PersonCancelOrder(p.anyOrder())
	case "a cancel is confirmed":
		err = p.Platform.ConfirmCancel(p.cancelling())
	case "a cancel is rejected":
		err = p.Platform.RejectCancel(p.cancelling())
	case "a location takes orders later":
		p.Platform.SetAcceptsFrom(p.pick("takes orders later", "loc_lyon", "loc_lille"), p.Now().Add(p.seconds("later", 0, 7200)))
	case "person opens":
		err = p.Platform.PersonOpen(p.anybody())
	case "person moves":
		err = p.Platform.PersonMove(p.anybody(), p.pick("moved to", "loc_lyon", "loc_lille", "loc_paris"))
	case "warehouse starts":
		err = p.Platform.WarehouseStart(p.anybody())
	case "warehouse accepts":
		err = p.Platform.WarehouseAccept(p.asked())
	case "warehouse rejects":
		err = p.Platform.WarehouseReject(p.asked())
	default:
		p.rt.Fatalf("nobody does %q", act)
	}
	p.drawn.came("act", act, map[bool]int{true: 1}[err == nil])
}

// course draws how a cancel that an operator asked for goes on.
func (p *play) course() sandbox.Cancellation {
	c := sandbox.Cancellation{ShowCanceled: p.chance("a person's cancel is shown at once", 2), EventAtOnce: p.chance("its event is there at once", 2)}
	switch p.pick("a person's cancel", "is confirmed", "is rejected", "hangs") {
	case "is rejected":
		c.Rejected = true
	case "hangs":
		c.Hangs = true
	}
	c.After = p.seconds("after", 0, 1200)
	return c
}

func (p *play) newSlug() string {
	p.named++
	return fmt.Sprintf("warehouse-%d", p.named)
}

func (p *play) original() string { return rapid.SampledFrom(p.originals).Draw(p.rt, "original") }

func (p *play) anyOrder() string {
	return fmt.Sprintf("ord_%d", rapid.IntRange(0, p.orders-1).Draw(p.rt, "order"))
}

// anybody is an original or a replacement.
func (p *play) anybody() string {
	ids, who := p.originals, "an original"
	if made := p.replacements(); len(made) > 0 && rapid.Bool().Draw(p.rt, "a replacement") {
		ids, who = made, "a replacement"
	}
	id := rapid.SampledFrom(ids).Draw(p.rt, "whom")
	d, _ := p.Platform.Books().DeliveryOrder(id)
	p.drawn.count("whom", who+map[bool]string{true: ", a DRAFT"}[d.Status == sandbox.Draft], "an original", "an original, a DRAFT", "a replacement", "a replacement, a DRAFT")
	return id
}

func (p *play) replacements() (ids []string) {
	rows, err := p.Rows(p.ctx)
	p.must(err)
	for _, r := range rows {
		if r.Replacement.ID != "" {
			ids = append(ids, r.Replacement.ID)
		}
	}
	return ids
}

// cancelling is one of which a cancel is not ended, or anybody: a cancel that was confirmed may be rejected too.
func (p *play) cancelling() string {
	last := map[string]bool{}
	for _, e := range p.Platform.Books().Entries {
		last[e.DeliveryOrder] = e.Cancelling
	}
	var ids []string
	for _, id := range slices.Concat(p.originals, p.replacements()) {
		if last[id] {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 || rapid.Bool().Draw(p.rt, "an ended one") {
		return p.anybody()
	}
	return rapid.SampledFrom(ids).Draw(p.rt, "whose")
}

// asked returns a delivery order that its location was asked for, and that it may answer; "" if the one drawn is none.
func (p *play) asked() string {
	id := p.anybody()
	d, _ := p.Platform.Books().DeliveryOrder(id)
	if d.Location == "loc_lille" || !slices.Contains(d.Events, sandbox.EventRequested) { // what is not a warehouse never answers
		return ""
	}
	return id
}
