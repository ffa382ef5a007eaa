// Package app is the whole worker as one process runs it: [New] builds it from a configuration and opens its
// listeners, [App.Start] begins to work, [App.Stop] ends everything in the reverse order, within 10 s.
//
// Which parts a process has, its roles say: the receiver takes webhooks, the worker moves delivery orders, the desk
// serves the admin listener. The process starts while Redis is away, and is not ready until Redis answers and is known
// to hold the records of the same platform. Beside what the queue brings, a worker does some things on timers
// (periodic.go); those begin at once, so that a worker that dies over and over does them too.
//
// The fake platform is not known here, nor by anything that this package imports.
package app
