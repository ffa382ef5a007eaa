package journal

import "context"

// What the tests look at behind the journal.
const (
	ListPage     = listPage
	LeaseSlack   = leaseSlack
	WaitGrace    = waitGrace
	RedriveGrace = requeueGrace
	HistoryMost  = maxHistory
)

// StoodStill is the sum behind Journal.PausedDuration.
var StoodStill = pausedDuration

// RecordKey, IncidentKey, DueKey, LocksKey and PausedKey are where Redis has what they name.
func RecordKey(organization, id string) string       { return keys(organization).record(id) }
func IncidentKey(organization, id string) string     { return keys(organization).incident(id) }
func CountsKey(organization, incident string) string { return keys(organization).counts(incident) }
func DueKey(organization string) string              { return keys(organization).due() }
func LocksKey(organization string) string            { return keys(organization).locks() }
func ServedKey() string                              { return servedKey }
func PausedKey(organization string) string           { return keys(organization).paused() }

// PlanKey is where the rows of a frozen plan stand.
func PlanKey(organization, incident string, p *Plan) string {
	return keys(organization).plan(incident, p.Key)
}

// Spoilt is what whoever reads a record that cannot be read does next.
func (j *Journal) Spoilt(ctx context.Context, organization, id string, fields []any) error {
	return j.markCorrupt(ctx, organization, id, fields)
}
