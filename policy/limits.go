package policy

// Limits of what stands in a policy file, beside those of [strictyaml] of the file itself. They are far above what
// anybody writes by hand.
const (
	maxRules      = 200       // in a policy
	maxCandidates = 50        // in a rule
	maxNames      = 100       // in any other list
	maxNameLength = 200       // characters of the name of a rule or of a location
	maxNesting    = 4         // any and not within each other
	maxCount      = 1_000_000 // of units, handovers and shares
)
