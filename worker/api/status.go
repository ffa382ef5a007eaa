package api

import "time"

// TimeZoneHeader of an answer names the zone in which people read times; in JSON they are UTC.
const TimeZoneHeader = "X-Reassigner-Time-Zone"

// CSRFHeader, with the value 1, marks a request of a program. No foreign web page can send it: a browser would ask this
// host first, by a preflight request, and is told nothing.
const CSRFHeader = "X-Reassigner-CSRF"

// Status is the answer of GET /api/status.
type Status struct {
	Version       string                 `json:"version"`
	User          string                 `json:"user"`
	Role          string                 `json:"role"`
	Organizations []OrganizationStatus   `json:"organizations"`
	Alerts        []AlertTarget          `json:"alerts"` // none: no alerts are sent
	Redis         RedisMemory            `json:"redis"`
	Unserved      []UnservedOrganization `json:"unserved"` // not configured any more, with releases that nobody finishes
}

// OrganizationStatus is the state of one organization.
type OrganizationStatus struct {
	ID      string            `json:"id"`
	Index   Coverage          `json:"index"`
	Failing map[string]string `json:"failing"` // location id to the id of its open incident
	Rate    RateLimit         `json:"rate"`    // the platform's own count; limit 0: not known in the last minute
	Pauses  []Pause           `json:"pauses"`
	Sweep   Sweep             `json:"sweep"` // the last one
}

// Coverage is how complete the index is.
type Coverage struct {
	Since       time.Time `json:"since,omitzero"`    // since when it receives webhooks, by Redis's clock
	Last        time.Time `json:"last,omitzero"`     // when the last webhook came, by Redis's clock
	Imported    time.Time `json:"imported,omitzero"` // when the last full import ended
	Known       int       `json:"known"`             // how many delivery orders it has
	BehindSince time.Time `json:"behind,omitzero"`   // not zero: webhooks come late now; date of the first such
	Gaps        []Gap     `json:"gaps,omitempty"`    // the latest gaps that have ended
}

// RateLimit is what the platform said last of its rate limit.
type RateLimit struct {
	Limit     int       `json:"limit"` // requests a minute; 0: not known
	Remaining int       `json:"remaining"`
	At        time.Time `json:"at"`
}

// AllLocations is the scope of a pause of every location of an organization.
const AllLocations = "*"

// Pause is a pause in force: nothing is sent to the platform for what it covers.
type Pause struct {
	Scope  string    `json:"scope"` // AllLocations or a location id
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// Sweep is what the last sweep of an organization did.
type Sweep struct {
	At         time.Time `json:"at,omitzero"`
	Open       int       `json:"open"`           // open incidents, each of which was observed
	Locations  int       `json:"places"`         // locations without an incident that are worth reading
	Read       int       `json:"asked"`          // how many of those were read this time
	Reconciled int       `json:"settled"`        // rows that needed an operator, seem settled, and were driven on
	Requests   int       `json:"requests"`       // requests to the platform
	Next       string    `json:"next,omitempty"` // the location that was read last; the next sweep continues after it
}

// AlertTarget is whether alerts reach one of their targets.
type AlertTarget struct {
	Name         string     `json:"name"`
	Service      string     `json:"service"`
	SentAt       *time.Time `json:"sent_at"`       // the last message that arrived; null: none yet
	FailingSince *time.Time `json:"failing_since"` // null: it does not fail
	Failures     int        `json:"failures"`      // in a row
	Error        string     `json:"error"`         // the last one; ""
}

// RedisMemory is how much memory Redis uses, in bytes, and what it does at its limit.
type RedisMemory struct {
	Used           int64  `json:"used"`
	Limit          int64  `json:"limit"`           // maxmemory; 0: there is no limit, or Redis does not say
	EvictionPolicy string `json:"evict,omitempty"` // maxmemory-policy where it is not noeviction; of a cluster, of any node
}

// UnservedOrganization is one that no worker serves any more, with what is released and not over.
type UnservedOrganization struct {
	Organization string    `json:"organization_id"`
	Since        time.Time `json:"since"`    // when a worker last served it
	Released     int       `json:"released"` // delivery orders whose release began and that are not over
	Unsent       int       `json:"unsent"`   // of those, how many replacements were not sent: nobody ships them
}

// LocationRow is a location in the index.
type LocationRow struct {
	OrganizationID string  `json:"organization_id"`
	LocationID     string  `json:"location_id"`
	Location       *string `json:"location"`
	InFlight       int     `json:"in_flight"`
	IncidentID     *string `json:"incident_id"`
	Paused         bool    `json:"paused"`
}

// AuditRow is one action of an operator.
type AuditRow struct {
	OrganizationID string    `json:"organization_id"`
	At             time.Time `json:"at"`
	User           string    `json:"user"`
	Verb           string    `json:"verb"`
	Target         string    `json:"target"`
	Name           *string   `json:"name"` // the slug or order number of Target, where it has one
	Reason         string    `json:"reason"`
	Result         string    `json:"result"`
}

// AuditAsked is the result of the row that is written before an action; what it came to is written after it, in another.
const AuditAsked = "asked"

// JoinAudit leaves out, of the newest rows of the audit log, those that say what was asked where another says what came of it.
func JoinAudit(rows []AuditRow) []AuditRow {
	type action struct{ organization, user, verb, target, reason string }
	ended := map[action]int{}
	var joined []AuditRow
	for _, row := range rows {
		key := action{row.OrganizationID, row.User, row.Verb, row.Target, row.Reason}
		if row.Result != AuditAsked {
			ended[key]++
		} else if ended[key] > 0 {
			ended[key]--
			continue
		}
		joined = append(joined, row)
	}
	return joined
}

// ParkedRow is a webhook that was signed correctly but not understood.
type ParkedRow struct {
	OrganizationID string    `json:"organization_id"`
	At             time.Time `json:"at"`
	Type           string    `json:"type,omitempty"`
	Size           int       `json:"size"`
	SHA256         string    `json:"sha256"`
	Reason         string    `json:"reason"`
}

// PolicyFile is where an organization's policy was read from, and whether the last reading succeeded.
type PolicyFile struct {
	File     string    `json:"file"`
	LoadedAt time.Time `json:"loaded_at"`
	// FailedAt and Problem are of a later reading that failed: the former policy stays in force.
	FailedAt time.Time `json:"failed_at,omitzero"`
	Problem  string    `json:"problem,omitempty"`
}

// PolicyRow is the policy in force for one organization, in this process.
type PolicyRow struct {
	OrganizationID string `json:"organization_id"`
	PolicyFile
	Revision  string   `json:"revision"`
	Locations []string `json:"locations"` // that the policy names
	Words     []string `json:"words"`     // the predicates, fences and ratings that it uses
	Text      string   `json:"text"`      // as it was written
}
