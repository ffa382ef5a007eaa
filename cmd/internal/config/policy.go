package config

import (
	"errors"
	"fmt"
	"os"
	"time"

	"happycolis-reassigner/policy"
)

// ReadPolicy reads a policy file. Its error names the file in each line.
func ReadPolicy(path string) (*policy.Policy, error) {
	return readFile(path, "policy", policy.Sources{Zone: loadZone}.Parse)
}

// loadZone returns a time zone by its name. Local, which is that of whichever machine a worker runs on, is none.
func loadZone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, errors.New("the zone of the machine")
	}
	return time.LoadLocation(name)
}

// ReadFacts reads a file of facts that a policy may be tried on. Its error names the file in each line.
func ReadFacts(path string) (policy.Facts, error) { return readFile(path, "facts", policy.ParseFacts) }

func readFile[T any](path, what string, parse func([]byte) (T, error)) (parsed T, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return parsed, fmt.Errorf("%s: the %s cannot be read: %s", path, what, ReadFailure(err))
	}
	if data, err = decodeNamed(path, data); err != nil {
		return parsed, err
	}
	if parsed, err = parse(data); err != nil {
		return parsed, nameFile(path, err)
	}
	return parsed, nil
}
