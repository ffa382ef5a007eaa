package demo

import "time"

// Organization is the id of the merchant in the demo and in the sandbox.
const Organization = "demo-organization"

// OrdersMost is the largest number of orders: at the documented rate limit 1,000 orders take about 5 minutes.
const OrdersMost = 100_000

// Options are the flags of the demo.
type Options struct {
	Orders           int
	Seed             int64
	JSON             bool // no output for people
	Cancel, Fallback string
	Flaky            int           // percent of requests
	Latency          time.Duration // of the platform
}

// How the platform behaves, as values of the flags.
var (
	CancelAnswers   = []string{"sync", "async", "refused", "never"}
	FallbackAnswers = []string{"accepts", "rejects", "silent"}
)
