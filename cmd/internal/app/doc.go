// Package app is the whole worker as one process runs it: [New] makes it from a configuration and opens its listeners,
// [App.Start] starts the work, [App.Stop] ends everything in the reverse order, within 10 s. Package cli calls it for
// "serve", and package demo for "demo".
//
// The roles decide which parts a process has: receiver takes webhooks, worker moves delivery orders, desk serves the
// admin listener. The process starts while Redis is away, and is not ready until Redis answers and is known to hold
// records of the same platform. Besides the tasks of the queue, a worker does some things on timers (periodic.go);
// those run once at the start, too, so that a worker that is restarted again and again still does them.
//
// Neither this package nor any that it imports imports the fake platform.
package app
