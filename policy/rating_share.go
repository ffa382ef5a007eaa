package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"happycolis-reassigner/policy/strictyaml"
)

// share spreads delivery orders over the candidates, by weight.
type share struct {
	weights map[string]int // by the name of the candidate as listed
	sum     int
}

func readShare(r *reader, arg strictyaml.Node) rating {
	p := share{weights: map[string]int{}}
	switch {
	case arg.Kind != strictyaml.Mapping:
		r.refuse(arg, "share wants a weight for each candidate, like {lyon-warehouse: 60, lille-warehouse: 40}, not %s", quote(arg))
	case len(arg.Fields) == 0:
		r.refuse(arg, "share is empty; give each candidate its weight, like {lyon-warehouse: 60, lille-warehouse: 40}")
	}
	for _, f := range arg.Fields {
		name := r.candidate(f.Key, "share")
		if _, again := p.weights[name]; again && name != "" {
			r.refuse(f.Key, "%s is written twice in share", quote(f.Key))
		}
		p.weights[name] = r.count(f.Value, "a share")
		p.sum += p.weights[name]
	}
	return p
}

// rate draws one number per delivery order and candidate, weighted so that the highest
// falls to each candidate as often as its share says (rendezvous hashing). So the choice
// is always the same for one delivery order, and where a candidate is refused, its
// delivery orders fall to the others by their shares, and nobody else's move.
func (p share) rate(f Facts, c Candidate, at listing) (score float64, word, seen string) {
	weight := p.weights[at.name]
	if weight == 0 {
		return math.Inf(-1), "share", "none"
	}
	sum := sha256.Sum256([]byte(f.DeliveryOrder + "\x00" + c.ID))
	const bits = 53 // of a float64's fraction: the draw is above 0 and below 1
	draw := (float64(binary.BigEndian.Uint64(sum[:])>>(64-bits)) + 0.5) / (1 << bits)
	return float64(weight) / -math.Log(draw), "share", fmt.Sprintf("%d of %d", weight, p.sum)
}
