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

var (
	putScript      = redisscript.New(lua, "put.lua")
	markSeenScript = redisscript.New(lua, "see.lua")
	noteCanceled   = redisscript.New(lua, "note_canceled.lua")
	putLocation    = redisscript.New(lua, "put_place.lua")
	putShipment    = redisscript.New(lua, "put_shipment.lua")
	finishImport   = redisscript.New(lua, "finish_import.lua")
	expireEntries  = redisscript.New(lua, "expire_entries.lua")
)

// withArrival adds the arguments of arrived.lua to those of a script that includes it.
func (x *Index) withArrival(args redisscript.Args) redisscript.Args {
	args["came_ms"] = dateText(x.arrived)
	return args
}

// withSeen adds the arguments of seen.lua, and of arrived.lua.
func (x *Index) withSeen(args redisscript.Args) redisscript.Args {
	args["old_ms"] = OldAfter.Milliseconds()
	return x.withArrival(args)
}

// The first word of the answer of put, and of a script that StoreOnce runs.
const (
	putOlder    = int64(0) // the stored entry is newer
	putStored   = int64(1)
	putRepeated = int64(-1) // the message was processed before; nothing was stored
	putPartial  = int64(-2) // nothing was stored: the stored body and facts have to complete the entry first
)
