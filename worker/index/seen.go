package index

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"happycolis-reassigner/worker/redisscript"
)

// IsSeen reports whether a webhook with this message id was processed already.
func (x *Index) IsSeen(ctx context.Context, organization, message string) (bool, error) {
	n, err := x.rdb.Exists(ctx, keys(organization).seen(message)).Result()
	if err != nil {
		return false, fmt.Errorf("asking for message: %w", err)
	}
	return n > 0, nil
}

// MarkSeen records that a message was processed; date is that of its header, zero if it has none. Call it after the
// message's effect: a crash in between then repeats the effect instead of losing it.
func (x *Index) MarkSeen(ctx context.Context, organization, message string, date time.Time) error {
	k := keys(organization)
	by, err := markSeenScript.Run(ctx, x.rdb, redisscript.Keys{"seen": k.seen(message), "meta": k.meta()},
		x.withSeen(redisscript.Args{"date_ms": dateText(date), "seen_ttl_s": seenTTL(message)})).Result()
	x.reportFuture(organization, by)
	return wrapError("noting message", err)
}

// SharedScripts has dates.lua, arrived.lua and seen.lua for the scripts of others that StoreOnce runs.
var SharedScripts fs.FS = lua

// StoreOnce runs a script of another store that stores what a message says, and marks the message as seen in the same
// step. The script includes arrived.lua and seen.lua and answers as put.lua does; it is handed keys.seen, keys.meta, args.date_ms
// and args.seen_ttl_s besides its own. The error wraps ErrRepeated where the message was processed before.
func (x *Index) StoreOnce(ctx context.Context, organization, message string, date time.Time, script *redisscript.Script,
	names redisscript.Keys, arguments redisscript.Args) error {
	k := keys(organization)
	names["seen"], names["meta"] = k.seen(message), k.meta()
	arguments["date_ms"], arguments["seen_ttl_s"] = dateText(date), seenTTL(message)
	answer, err := script.Run(ctx, x.rdb, names, x.withSeen(arguments)).Slice()
	if err != nil {
		return err
	}
	if answer[0] == putRepeated {
		return ErrRepeated
	}
	x.reportFuture(organization, answer[1])
	return nil
}

// seenTTL is for how many seconds a message is kept as seen, as an argument of a script; "" where there is no message.
func seenTTL(message string) string {
	if message == "" {
		return ""
	}
	return strconv.Itoa(int(seenFor.Seconds()))
}
