// Package metrics exports to Prometheus what the worker does: what the packages report as it happens (requests,
// webhooks, steps of handovers, findings of the sweep), and what Redis holds at the moment of a scrape (incidents,
// reassignments, the index, the queues).
//
// The other packages do not import this one. Each has optional functions that it calls when something happens; whoever
// wires the packages (cmd/internal/app) passes the methods of Metrics as these functions.
//
// What Redis holds is the same whichever process is scraped: with several processes take the maximum over them, not
// the sum. It is read within maxReadTime and cached for keptFor. If Redis does not answer in time, these gauges are
// missing, reassigner_scrape_success is 0, and everything else is exported all the same.
//
// Labels are organizations, locations, codes and our own names: no ids of orders and no personal data (P6). The number
// of values of a label is bounded; values beyond the bound are summed up as "other". Durations are in seconds, sizes
// in bytes.
package metrics
