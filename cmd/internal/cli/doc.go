// Package cli is the command line: one file a verb, the client of the admin API that the verbs ask, and the exit
// codes, on which other programs rely. [Run] is the whole program.
//
// A verb that acts wants a reason, shows what it is about and asks, or wants --yes. What it prints for programs is
// JSON alone on stdout; what it prints for people goes through package terminal.
package cli
