package policy

import (
	"fmt"
	"slices"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
)

// String is the decision in a few words: the outcome, then the candidates, best first, or
// the reason, and "wait" where waiting may help.
func (d Decision) String() string {
	words := []string{string(d.Outcome)}
	for _, c := range d.Candidates {
		words = append(words, c.String())
	}
	if d.Reason != "" {
		words = append(words, d.Reason)
	}
	if d.Wait || d.Suspects {
		words = append(words, "wait")
	}
	return strings.Join(words, " ")
}

// Want is what somebody expects of a decision: the beginning of its String.
type Want struct{ words []string }

// ParseWant reads "reassign lyon-warehouse", "reassign", "leave", "needs_person" or
// "needs_person no_candidate".
func ParseWant(wish string) (Want, error) {
	outcomes := []string{string(Reassign), string(Leave), string(NeedsPerson)}
	words := strings.Fields(wish)
	if len(words) == 0 || !slices.Contains(outcomes, words[0]) {
		first := strictyaml.Node{Kind: strictyaml.Text, Text: strings.Join(words[:min(1, len(words))], "")}
		return Want{}, fmt.Errorf("what is wanted begins with %s, not %s%s", strings.Join(outcomes, ", "), quote(first), suggestWord(first, outcomes))
	}
	reasons := []string{ReasonPolicyRule, ReasonFactUnknown, ReasonNoCandidate, ReasonPolicyLeave}
	if len(words) > 1 && words[0] != string(Reassign) && !slices.Contains(reasons, words[1]) {
		reason := strictyaml.Node{Kind: strictyaml.Text, Text: words[1]}
		return Want{}, fmt.Errorf("unknown reason %s%s; known: %s", quote(reason), suggestWord(reason, reasons), strings.Join(reasons, ", "))
	}
	return Want{words}, nil
}

// Met reports whether the decision is as wanted. A candidate may be named by its slug or
// by its id.
func (w Want) Met(d Decision) bool {
	got := strings.Fields(d.String())
	for i, c := range d.Candidates {
		if i+1 < len(w.words) && w.words[i+1] == c.ID {
			got[i+1] = c.ID
		}
	}
	return len(w.words) <= len(got) && slices.Equal(w.words, got[:len(w.words)])
}
