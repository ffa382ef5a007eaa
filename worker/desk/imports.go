package desk

import "sync"

// importing is where an import stands that somebody began.
type importing struct {
	organization, user, list, location, thirdPartyApp, cursor string

	from  int
	again bool // what failed, in whichever lines
}

func (i Import) begun(organization, user string) importing {
	return importing{organization, user, i.List, i.Location, i.ThirdPartyApp, i.Cursor, i.From, len(i.Again) > 0}
}

// imports are those in the audit log whose next chunk is awaited. What is forgotten, at a restart or where
// there are many, is recorded once more.
type imports struct {
	mu      sync.Mutex
	awaited map[importing]bool
}

// importsMost is how many imports are awaited at once.
const importsMost = 1000

func (i *imports) recorded(at importing) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.awaited[at]
}

// goesOn awaits what follows a chunk that was done.
func (i *imports) goesOn(at importing, chunk Import, result Imported) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.awaited, at)
	if chunk.Finish || chunk.Location != "" && result.Next == "" {
		return
	}
	if i.awaited == nil || len(i.awaited) >= importsMost {
		i.awaited = map[importing]bool{}
	}
	if at.cursor = result.Next; chunk.Location == "" && !at.again {
		at.from = result.Done
	}
	i.awaited[at] = true
}
