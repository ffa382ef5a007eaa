package spool

// Crash ends the process that has the spool without a word: its locks are free, and nothing else is done.
func (s *Spool) Crash() {
	close(s.closing)
	s.writer.Wait()
	for _, q := range append(s.queues(), s.kept) {
		if q != nil {
			_ = q.lock.Close()
		}
	}
}

// FailWrites makes the next write fail.
func (s *Spool) FailWrites() { _ = s.own.log.Close() }
