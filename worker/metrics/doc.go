// Package metrics tells Prometheus what the worker does: what the packages report as it happens (requests,
// webhooks, steps of handovers, findings of the sweep), and what Redis holds at the moment of a scrape
// (incidents, reassignments, the index, the queues).
//
// The packages do not know this package. Each has a few optional functions that tell of what happens there;
// whoever puts the packages together hands it the ones of Metrics.
//
// What Redis holds is the same whichever process is asked: with several processes take the maximum over
// them, not the sum. It is read within maxReadTime and kept for keptFor; if Redis does not answer in time, the
// gauges are missing, reassigner_scrape_success says 0, and everything else is told all the same.
//
// Labels are organizations, locations, codes and names of our own: no ids of orders and nobody's data. How
// many values a label may take is bounded; what is beyond is summed up as "other".
package metrics
