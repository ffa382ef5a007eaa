package ledger_test

import "testing"

func negativeFigures(t *testing.T, s *store) {
	s.stock(t, 0, -10, 0)
	s.left(t, 0)
	s.take(t, claim("re_1", 1), false)
	s.stock(t, 3, -10, 1)
	s.left(t, 3)
	s.take(t, claim("re_1", 4), false)
	s.stock(t, -5, 0, 2)
	s.left(t, 0)
	s.take(t, claim("re_1", 1), false)
}
