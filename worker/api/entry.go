package api

import "time"

// Entry is one line of history: what happened when, in which step, and by which operator, if by one.
type Entry struct {
	At   time.Time `json:"at"`
	Step string    `json:"step,omitempty"`
	Note string    `json:"note"`
	By   string    `json:"by,omitempty"`
}
