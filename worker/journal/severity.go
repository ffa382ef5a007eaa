package journal

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/api"
)

// Severity returns how dangerous it is that the row waits for an operator; "" where it waits for none.
func (r *Reassignment) Severity() Severity {
	if r.State == NeedsPerson {
		return api.SeverityOf(r.Reason, r.Phase())
	}
	return ""
}

// CountSeverities returns how many rows of an organization, of all its incidents, wait for an operator, by severity. Like
// the groups of an incident, they are kept beside the records and change in the same script.
func (j *Journal) CountSeverities(ctx context.Context, organization string) (map[Severity]int, error) {
	return j.countSeverities(ctx, organization, "-", "+")
}

// CountIncidentSeverities is CountSeverities for the rows of one incident.
func (j *Journal) CountIncidentSeverities(ctx context.Context, organization, incident string) (map[Severity]int, error) {
	from, to := rowsOf(incident)
	return j.countSeverities(ctx, organization, from, to)
}

func (j *Journal) countSeverities(ctx context.Context, organization, from, to string) (map[Severity]int, error) {
	replies := map[Severity]*redis.IntCmd{}
	if _, err := j.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, s := range Severities() {
			replies[s] = p.ZLexCount(ctx, keys(organization).severity(s), from, to)
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("counting what waits for an operator: %w", err)
	}
	counts := map[Severity]int{}
	for s, reply := range replies {
		counts[s] = int(reply.Val())
	}
	return counts, nil
}

// rowsOf returns between which ids, as ranges by name have them, the records of an incident are.
func rowsOf(incident string) (from, to string) {
	return "[" + incident + "/", "(" + incident + "0" // '0' is the character after '/'
}

// SeverityPage returns a page of the rows of an organization that wait for an operator with a severity, of the oldest
// incident first, or with an incident those of it alone. after and next are as in GroupPage.
func (j *Journal) SeverityPage(ctx context.Context, organization, incident string, s Severity, after string, most int) (rows []*Reassignment, next string, err error) {
	from, to := "-", "+"
	if incident != "" {
		from, to = rowsOf(incident)
	}
	if after != "" {
		from = "(" + after
	}
	return j.readPage(ctx, organization, keys(organization).severity(s), from, to, most)
}
