package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// Sources are what a policy may ask for beside its own text. A policy that asks for what is not given is refused.
type Sources struct {
	// Zone returns a time zone by its name, as tzdata names it, or an error if there is none.
	Zone func(name string) (*time.Location, error)
}

// Parse reads a policy. The error is [Problems]: everything that is wrong with the file,
// in the order of its lines.
func (s Sources) Parse(data []byte) (*Policy, error) {
	root, problems := readDocument(data)
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	r := &reader{sources: s, names: map[string]struct{}{}, words: map[string]struct{}{}}
	p := r.policy(root)
	if len(r.problems) > 0 {
		return nil, r.problems.sorted()
	}
	sum := sha256.Sum256(data)
	p.revision = hex.EncodeToString(sum[:])[:revisionLength]
	p.text = string(data)
	p.names, p.words = slices.Sorted(maps.Keys(r.names)), slices.Sorted(maps.Keys(r.words))
	return p, nil
}

// Parse reads a policy that asks for nothing beside its own text: [Sources.Parse] without sources.
func Parse(data []byte) (*Policy, error) { return Sources{}.Parse(data) }
