package demo

import "time"

// Organization is the merchant of the demo and of the sandbox.
const Organization = "demo-organization"

// OrdersMost bounds the demo: at the documented rate it takes some 5 minutes for 1,000 orders.
const OrdersMost = 100_000

// Options are the switches of the demo.
type Options struct {
	Orders           int
	Seed             int64
	JSON             bool // nothing is told to people
	Cancel, Fallback string
	Flaky            int           // percent of requests
	Latency          time.Duration // of the platform
}

// How the platform answers, as the demo offers it.
var (
	CancelAnswers   = []string{"sync", "async", "refused", "never"}
	FallbackAnswers = []string{"accepts", "rejects", "silent"}
)
