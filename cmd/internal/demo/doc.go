// Package demo is what "make run" shows, in one process: a fake platform with a merchant and its orders, an embedded
// Redis, and the whole worker, over real HTTP on loopback. The integration of a location fails, the worker moves what
// it can, and then what the platform recorded is judged: nothing shipped twice, nothing lost, nothing else touched (P1
// to P3).
//
// Package cli opens a [Stage] and plays it; a [Screen] prints what happens.
package demo
