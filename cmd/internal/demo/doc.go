// Package demo is the story that "make run" tells, in one process: a fake platform with a merchant and its orders, an
// embedded Redis, the whole worker over real HTTP on loopback. The integration of a location breaks, the worker moves
// what it can, and then the platform's own books are judged: nothing shipped twice, nothing lost, nothing else touched.
//
// A [Stage] is opened and played; a [Screen] tells of it.
package demo
