package ops

import (
	"time"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/cache"
)

// importPosition identifies the next chunk of an import that has begun.
type importPosition struct {
	organization, user, list, location, thirdPartyApp, cursor string

	from  int
	again bool // of lines that failed, whichever they are
}

func positionOf(i api.ImportRequest, organization, user string) importPosition {
	return importPosition{organization, user, i.List, i.Location, i.ThirdPartyApp, i.Cursor, i.From, len(i.Again) > 0}
}

// pendingImportKept is how long the next chunk of an import is awaited. What is forgotten is recorded once more.
const pendingImportKept = 24 * time.Hour

// pendingImports are those in the audit log whose next chunk is awaited.
type pendingImports = cache.Cache[importPosition, struct{}]

// awaitNextChunk awaits what follows a chunk that was done.
func (a *Actions) awaitNextChunk(at importPosition, chunk api.ImportRequest, result api.ImportResult) {
	a.pending.Drop(at)
	if chunk.Finish || chunk.Location != "" && result.Next == "" {
		return
	}
	if at.cursor = result.Next; chunk.Location == "" && !at.again {
		at.from = result.Done
	}
	a.pending.Put(a.Now(), at, struct{}{}, pendingImportKept)
}
