package ops

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/handover"
)

// RecordQueueAction writes an action in the task queue's web UI to the audit log, before it is done there: for the
// organizations whose tasks it is about, or for all where that is not known. target is the path of its request, and listed
// are the tasks that the request names.
func (a *Actions) RecordQueueAction(ctx context.Context, user, method, target string, listed []string) error {
	served, err := a.Query.OrganizationIDs("")
	if err != nil {
		return err
	}
	ids := listed
	if id := taskOf(method, target); id != "" {
		ids = append(ids, id)
	}
	by := handover.Actor{User: user, Reason: "in the web UI of the task queue"}
	for _, id := range organizationsOf(ids, served) {
		if err := a.writeAudit(ctx, id, by, "monitoring "+strings.ToLower(method), target+namesOf(listed), api.AuditAsked); err != nil {
			return err
		}
	}
	return nil
}

// taskOf returns the id of the one task that a request of the web UI is about; "" if none or several. The path of a
// deletion ends with the id; that of a POST has the action behind it.
func taskOf(method, target string) string {
	list, id := path.Split(target)
	if !strings.HasSuffix(list, "_tasks/") {
		return ""
	}
	if method == "POST" {
		id = id[:max(0, strings.LastIndexByte(id, ':'))]
	}
	return id
}

// organizationsOf returns the organizations that these tasks belong to; all that are served where no task is named, or
// one belongs to none of them.
func organizationsOf(ids, served []string) []string {
	var owners []string
	for _, id := range ids {
		owner := tasks.OrganizationOfID(id)
		if !slices.Contains(served, owner) {
			return served
		}
		if !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
	}
	if len(owners) == 0 {
		return served
	}
	return owners
}

// maxNamed is how many tasks of one request are named in the audit log.
const maxNamed = 20

// namesOf returns the first ids of a list for the audit log, each after a space.
func namesOf(ids []string) string {
	text := ""
	for _, id := range ids[:min(len(ids), maxNamed)] {
		text += " " + id
	}
	if more := len(ids) - maxNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
