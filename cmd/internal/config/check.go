package config

import (
	"errors"
	"os"
)

// namedPolicy is a policy file with the section of the configuration that names it.
type namedPolicy struct {
	path string
	in   *section
}

// Check is Load, and reads the policies, too, also where something else is wrong with the configuration. The error has the
// problems of all these files; that a policy cannot be read is one of the configuration, in the line that names it.
func Check(path string, getenv func(string) string) (*Config, error) {
	r, root, err := openFile(path, getenv)
	if err != nil {
		return nil, err
	}
	c := r.readConfig(root)
	var inPolicies []error
	seen := map[string]bool{}
	for _, named := range r.policies {
		if seen[named.path] || named.in.broken["policy"] {
			continue
		}
		seen[named.path] = true
		if _, err := os.ReadFile(named.path); err != nil {
			named.in.refuse("policy", "%s cannot be read: %s", named.path, ReadFailure(err))
		} else if _, err := ReadPolicy(named.path); err != nil {
			inPolicies = append(inPolicies, err)
		}
	}
	if len(r.problems) > 0 {
		inPolicies = append([]error{problems{path, sortProblems(r.problems)}}, inPolicies...)
	}
	if err := errors.Join(inPolicies...); err != nil {
		return nil, err
	}
	return r.withNotes(path, c), nil
}

// withNotes adds to a configuration what is worth a look in it.
func (r *reader) withNotes(path string, c *Config) *Config {
	if len(r.notes) > 0 {
		c.Notes = problems{path, sortProblems(r.notes)}.lines()
	}
	return c
}
