package app

import (
	"context"
	"sync"
	"time"
)

// Times of a stop, from its beginning. Webhooks that come before the shutdown delay of 5 s at most ends have the
// receiver's patience of 3 s.
const (
	patienceMost = 8 * time.Second                     // then webhooks do not wait for Redis: they are spooled or refused
	closeMost    = patienceMost + 500*time.Millisecond // then requests that are not answered are cut
	stopMost     = closeMost + 250*time.Millisecond    // then Stop returns; the rest of the 10 s is for a busy machine
)

// Stop ends everything, within stopMost even while Redis is away, and may be called twice:
//
//	0 s                 not ready; the worker stops; webhooks are taken; every answer asks to close its connection
//	the shutdown delay  no new connections; requests on those that are there are answered
//	the worker ended    requests in progress end, then idle connections are closed, then the spool and the clients of Redis
func (a *App) Stop() {
	a.stopOnce.Do(func() {
		a.isStopping.Store(true)
		defer time.AfterFunc(patienceMost, a.endPatience).Stop()
		done := make(chan bool, 1)
		go func() { done <- a.stopAll() }()
		ended := false
		select {
		case ended = <-done:
		case <-time.After(stopMost):
		}
		if !ended {
			a.log.Warn("shutdown timed out; unfinished work goes on after its lease ends")
		}
		a.endPatience()
	})
}

// stopAll reports whether the worker ended in time.
func (a *App) stopAll() bool {
	closing, cancel := context.WithTimeout(context.Background(), closeMost)
	defer cancel()
	working := a.stopWork()
	if a.serving {
		for _, l := range a.listeners() {
			l.AskToClose()
		}
		time.Sleep(a.cfg.ShutdownDelay)
	}
	for _, l := range a.listeners() {
		l.StopAccepting()
	}
	ended := true
	select {
	case <-working:
	case <-a.patience.Done():
		ended = false
	}
	var ending sync.WaitGroup
	for _, l := range a.listeners() {
		ending.Go(func() { l.CloseWithin(closing) })
	}
	ending.Wait()
	if a.spool != nil {
		if err := a.spool.Close(); err != nil {
			a.log.Warn("closing the spool failed; what is in it stays for the next start", "error", err)
		}
	}
	if !ended {
		return false
	}
	if a.desk != nil {
		_ = a.desk.Close()
	}
	for _, client := range a.clients {
		_ = client.Close()
	}
	if a.embedded != nil {
		a.embedded.Close()
	}
	return true
}

// stopWork has the worker end. The channel is closed once it has, which may be never while Redis is away.
func (a *App) stopWork() <-chan struct{} {
	if a.stopping != nil {
		a.stopping()
	}
	ended := make(chan struct{})
	go func() {
		if a.servers != nil && a.isReady() {
			a.servers.Stop()
		}
		a.running.Wait()
		close(ended)
	}()
	return ended
}
