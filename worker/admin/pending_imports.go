package admin

import "sync"

// importPosition is where an import stands that somebody began.
type importPosition struct {
	organization, user, list, location, thirdPartyApp, cursor string

	from  int
	again bool // what failed, in whichever lines
}

func (i ImportRequest) position(organization, user string) importPosition {
	return importPosition{organization, user, i.List, i.Location, i.ThirdPartyApp, i.Cursor, i.From, len(i.Again) > 0}
}

// pendingImports are those in the audit log whose next chunk is awaited. What is forgotten, at a restart or where
// there are many, is recorded once more.
type pendingImports struct {
	mu      sync.Mutex
	awaited map[importPosition]bool
}

// maxPendingImports is how many imports are awaited at once.
const maxPendingImports = 1000

func (i *pendingImports) isRecorded(at importPosition) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.awaited[at]
}

// awaitNext awaits what follows a chunk that was done.
func (i *pendingImports) awaitNext(at importPosition, chunk ImportRequest, result ImportResult) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.awaited, at)
	if chunk.Finish || chunk.Location != "" && result.Next == "" {
		return
	}
	if i.awaited == nil || len(i.awaited) >= maxPendingImports {
		i.awaited = map[importPosition]bool{}
	}
	if at.cursor = result.Next; chunk.Location == "" && !at.again {
		at.from = result.Done
	}
	i.awaited[at] = true
}
