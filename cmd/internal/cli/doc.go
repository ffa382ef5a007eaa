// Package cli is the command line: one file for each verb, the client of the admin API that the verbs call, and the
// exit codes, on which other programs rely. [Run] is the whole program.
//
// A verb that acts requires a reason, shows what it applies to and asks, or requires --yes. Output for programs is
// JSON alone on stdout; output for people goes through package terminal, which makes foreign text harmless.
package cli
