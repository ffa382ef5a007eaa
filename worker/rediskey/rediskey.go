// Package rediskey names the keys of the product in Redis. All begin alike, and nothing else spells how, so that the
// product can share a Redis with others.
//
// What stands between { and } is the hash tag: keys of the same tag lie in one slot of a cluster, so that one script may
// touch all of them.
package rediskey

const prefix = "reassigner:"

// Of is a key of an organization. All keys of one organization lie in one slot.
func Of(organization, name string) string { return prefix + "{" + organization + "}:" + name }

// Shared is a key that belongs to no organization. All of these lie in one slot.
func Shared(name string) string { return Of("*", name) }

// Clocks is where how far the clocks of hosts are from the platform's is kept.
func Clocks() string { return Shared("clocks") }

// Login is a key of what is counted of logins. All of these lie in one slot.
func Login(name string) string { return Of("login", name) }

// Alone is a key that no script touches together with another: it lies in whatever slot it falls into.
func Alone(name string) string { return prefix + name }
