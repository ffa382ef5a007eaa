// Package orders is what can be said of a delivery order by looking at it: whether it covers units, whether its location
// began to work on it, what has to take its place, and whether the delivery orders of its parent order cover a unit twice.
// Its functions are pure: they read nothing but their arguments, and change nothing.
package orders
