package journal

import (
	"embed"

	"happycolis-reassigner/worker/redisscript"
)

// lua has the scripts of the journal; each says in its file what it does. Time is Redis's clock, since the clocks of
// several workers differ.
//
//go:embed lua/*.lua
var lua embed.FS

// The scripts about records.
var (
	enrollRecord         = redisscript.New(lua, "enroll.lua")
	saveRecord           = redisscript.New(lua, "save.lua")
	markCorrupt          = redisscript.New(lua, "count_corrupt.lua")
	releaseCanaryWaiters = redisscript.New(lua, "wake.lua")
	signalRecord         = redisscript.New(lua, "nudge.lua")
	listDue              = redisscript.New(lua, "due.lua")
	deferDue             = redisscript.New(lua, "defer_due.lua")
	lockOrder            = redisscript.New(lua, "lock.lua")
	unlockOrder          = redisscript.New(lua, "unlock.lua")
	expireRecord         = redisscript.New(lua, "expire_row.lua")
	copyApproved         = redisscript.New(lua, "copy_approved.lua")
)

// The scripts about incidents, and about data that belongs to no single record.
var (
	openIncident   = redisscript.New(lua, "open_incident.lua")
	saveIncident   = redisscript.New(lua, "save_incident.lua")
	noteObserved   = redisscript.New(lua, "note_observed.lua")
	approvePlan    = redisscript.New(lua, "approve.lua")
	dropPlan       = redisscript.New(lua, "drop_plan.lua")
	expireIncident = redisscript.New(lua, "expire_incident.lua")
	endCooling     = redisscript.New(lua, "end_cooling.lua")
	resumeScope    = redisscript.New(lua, "resume.lua")
	noteServed     = redisscript.New(lua, "serve.lua")
)

// The states that are passed to scripts.
var (
	endedStates     = statesThat(States(), State.IsOver)
	restingStates   = statesThat(States(), State.IsAtRest)
	movingStates    = statesThat(IncidentStates(), IncidentState.IsMoving)
	reopeningStates = append(statesThat(IncidentStates(), IncidentState.IsMoving), AwaitingApproval)
	closedStates    = statesThat(IncidentStates(), func(s IncidentState) bool { return !s.IsOpen() })
)

func statesThat[S any](all []S, hold func(S) bool) []S {
	var some []S
	for _, s := range all {
		if hold(s) {
			some = append(some, s)
		}
	}
	return some
}
