package index

import (
	"embed"

	"happycolis-reassigner/worker/redisscript"
)

// lua has the scripts of the index; each says in its file what it does. Time is Redis's clock, since the clocks of several
// workers differ.
//
//go:embed lua/*.lua
var lua embed.FS

// Of what is told.
var (
	putScript      = redisscript.New(lua, "put.lua")
	markSeenScript = redisscript.New(lua, "see.lua")
	noteCanceled   = redisscript.New(lua, "note_canceled.lua")
	putLocation    = redisscript.New(lua, "put_place.lua")
	putShipment    = redisscript.New(lua, "put_shipment.lua")
	putStock       = redisscript.New(lua, "put_stock.lua")
	finishImport   = redisscript.New(lua, "finish_import.lua")
	expireEntries  = redisscript.New(lua, "expire_entries.lua")
)

// Of what handovers were promised.
var (
	reserveScript      = redisscript.New(lua, "take.lua")
	releaseScript      = redisscript.New(lua, "release.lua")
	commitScript       = redisscript.New(lua, "settle.lua")
	nextFreeScript     = redisscript.New(lua, "frees.lua")
	listStaleScript    = redisscript.New(lua, "review.lua")
	availabilityScript = redisscript.New(lua, "shelf.lua")
)

// withDates adds the arguments of dates.lua to those of a script that includes it.
func withDates(args redisscript.Args) redisscript.Args {
	args["future_most_ms"] = maxFuture
	return args
}

// withSeen adds the arguments of seen.lua, and of dates.lua.
func withSeen(args redisscript.Args) redisscript.Args {
	args["late_ms"], args["gaps_most"] = lateMillis, maxGaps
	return withDates(args)
}

// The first word of the answer of put and putStock.
const (
	putOlder    = int64(0) // the stored entry is newer
	putStored   = int64(1)
	putRepeated = int64(-1) // the message was processed before; nothing was stored
	putPartial  = int64(-2) // nothing was stored: the stored body and facts have to complete the entry first
)
