// Package policy decides where a stuck delivery order should go. It is the one
// place where the user's wishes live, and it is pure: [Facts] go in, a [Decision]
// comes out; it reads no clock, no network and no file.
//
//	bytes of a YAML file
//	   Parse     size > tokens > tree > words     every problem at once, with its place
//	   *Policy   rules in the order written, a default, the revision of the file
//	   Needs     Facts of the order > the locations that must be read for it
//	   Words     the words it uses: what need not be known need not be gathered
//	   Decide    Facts > first matching rule > fences > ratings > Decision
//	   Decision  outcome, candidates best first, and the trace: wanted, seen
//
// # The words
//
// A rule has three sorts of words. A predicate (under when) looks at the delivery
// order and says whether the rule is meant; any and not are predicates that contain
// others. A fence (under must) looks at one
// candidate and says whether it may be used; some fences are always on and cannot be
// written. A rating (under prefer) puts the admitted candidates in order. Every word is
// one file, <sort>_<word>.go, and one line in registry.go; README.md is their manual.
//
// # What is not known
//
// A fact may be unknown ([Fact]). No word ever guesses: it answers holds, fails or
// unknown. A rule with a failing predicate does not match, whatever else is unknown. A
// rule with an unknown predicate and no failing one stops the search: the delivery order
// needs a person, unless the rule says unknown: skip. A candidate about which a fence
// does not know is not admitted. any holds when one entry is known to hold, and fails when
// all are known to fail; not turns holds and fails around; what is unknown stays unknown.
// So learning a fact never takes a delivery order from the rule that matched it, unless a
// rule before it says unknown: skip.
//
// # What nobody has room for
//
// Where nothing but the fence capacity stands in the way, the decision needs a person, but
// says so (Wait): the caller may hold the delivery order until there is room. The package
// counts nothing itself. It takes what was counted (Used) and gives back the limits
// (Capacity), against which the caller counts the handover that it begins.
//
// # Trying a policy
//
// ParseFacts reads facts that a person wrote, Explain tells a decision in sentences, and
// Want holds it against what was expected: together they are the tests of a policy.
//
// # Totality
//
// Whatever can be wrong with a policy is found by Parse, all of it at once: words that are
// not known, with the nearest one that is; limits that contradict each other; rules that
// could never decide. Decide has no error: for every policy that Parse returned and for all
// facts there is a decision, always the same one.
package policy
