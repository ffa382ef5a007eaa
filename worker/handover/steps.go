package handover

import (
	"context"

	"happycolis-reassigner/worker/handover/orders"
	"happycolis-reassigner/worker/journal"
)

// A step is one row of the table. do looks whether the step is done already (a crash or a lost reply may
// lie behind us) and does it if not. undo takes it back, as long as the release has not begun; a row
// without one changes nothing, or cannot be taken back. Both return nil where they are done, or what else becomes of the
// reassignment: see outcome.go.
type step struct {
	name  string
	state journal.State
	do    func(*attempt, context.Context) error
	undo  func(*attempt, context.Context) error
}

// The names of the steps, as history and journal show them.
const (
	stepMove           = "move"
	stepPrepare        = "prepare"
	stepRelease        = "release"
	stepConfirmRelease = "confirm_release"
	stepCheck          = "check"
	stepSend           = "send"
	stepConfirm        = "confirm"
)

// stepTable is the table. move stands alone: it is the whole way of a DRAFT. The others are walked from top
// to bottom.
func stepTable() []step {
	return []step{
		{name: stepMove, state: journal.Preparing, do: (*attempt).moveDraft},
		{name: stepPrepare, state: journal.Preparing, do: (*attempt).prepareReplacement, undo: (*attempt).undoCreate},
		{name: stepRelease, state: journal.Releasing, do: (*attempt).releaseOriginal},
		{name: stepConfirmRelease, state: journal.ConfirmingRelease, do: (*attempt).confirmRelease},
		{name: stepCheck, state: journal.Checking, do: (*attempt).checkBeforeSend},
		{name: stepSend, state: journal.Sending, do: (*attempt).sendReplacement},
		{name: stepConfirm, state: journal.Confirming, do: (*attempt).confirmAcceptance},
	}
}

func findStep(name string) (step, bool) {
	for _, s := range stepTable() {
		if s.name == name {
			return s, true
		}
	}
	return step{}, false
}

func stepAfter(name string) string {
	rows := stepTable()
	for i, s := range rows[:len(rows)-1] {
		if s.name == name {
			return rows[i+1].name
		}
	}
	return ""
}

// resumeStep is the first step that the record does not prove done: where a retry goes on, after the
// fresh read that every step begins with.
func resumeStep(r *journal.Reassignment) string {
	switch {
	case !r.ReleaseBegan() && r.Replacement.ID != "":
		return stepPrepare
	case !r.ReleaseBegan():
		return ""
	case r.Intent != nil && r.Intent.RefusedUnverified:
		return stepRelease
	case !r.Released():
		return stepConfirmRelease
	case r.Replacement.ID == "":
		return ""
	case !r.Sent():
		return stepCheck
	default:
		return stepConfirm
	}
}

// undoSteps takes back what was done, last row first, and ends as the record's Undo says.
func (x *attempt) undoSteps(ctx context.Context) error {
	rows := stepTable()
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].undo == nil || x.r.Undo.Late {
			continue
		}
		if err := rows[i].undo(x, ctx); !isOutcome[nextStep](err) {
			return err
		}
	}
	then := *x.r.Undo
	switch then.Then {
	case journal.Left:
		return left(then.Reason)
	case journal.Reassigned:
		return reassigned{}
	default:
		return needsPerson(then.Reason)
	}
}

// StepsFor is the steps that a delivery order of that status goes, in order, once it is decided.
func StepsFor(status string) []string {
	if status == orders.StatusDraft {
		return []string{stepMove}
	}
	var names []string
	for _, s := range stepTable() {
		if s.name != stepMove {
			names = append(names, s.name)
		}
	}
	return names
}
