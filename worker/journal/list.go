package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/api"
	"happycolis-reassigner/worker/redisscript"
)

// listPage is how many records are read at once; memory stays flat however many there are.
const listPage = 200

// Rows yields the records of an incident, page by page, in the order of their ids. A record that cannot be read is
// yielded as a stub with state needs_person and reason journal_corrupt. After an error nothing more is yielded.
func (j *Journal) Rows(ctx context.Context, organization, incident string) iter.Seq2[*Reassignment, error] {
	return func(yield func(*Reassignment, error) bool) {
		k := keys(organization)
		after := "-"
		for {
			ids, err := j.rdb.ZRangeByLex(ctx, k.rows(incident), &redis.ZRangeBy{Min: after, Max: "+", Count: listPage}).Result()
			if err != nil {
				yield(nil, fmt.Errorf("listing reassignments: %w", err))
				return
			}
			if len(ids) == 0 {
				return
			}
			after = "(" + ids[len(ids)-1]
			if !j.yieldPage(ctx, organization, ids, yield) {
				return
			}
		}
	}
}

// GetOrStub returns one record as Rows yields it: a stub where it cannot be read. The error wraps ErrNotFound where
// its incident has no record of that id, or ErrNewer.
func (j *Journal) GetOrStub(ctx context.Context, organization, id string) (*Reassignment, error) {
	r, err := j.Get(ctx, organization, id)
	if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNotFound) {
		return r, err
	}
	incident, _, _ := strings.Cut(id, "/")
	if there := j.rdb.ZScore(ctx, keys(organization).rows(incident), id).Err(); errors.Is(there, redis.Nil) {
		return nil, err
	} else if there != nil {
		return nil, fmt.Errorf("reading reassignment %s: %w", id, there)
	}
	j.yieldPage(ctx, organization, []string{id}, func(found *Reassignment, problem error) bool {
		r, err = found, problem
		return false
	})
	return r, err
}

func (j *Journal) yieldPage(ctx context.Context, organization string, ids []string, yield func(*Reassignment, error) bool) bool {
	k := keys(organization)
	replies := make([]*redis.SliceCmd, len(ids))
	if _, err := j.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			replies[i] = p.HMGet(ctx, k.record(id), "version", "body")
		}
		return nil
	}); err != nil {
		return yield(nil, fmt.Errorf("reading reassignments: %w", err))
	}
	for i, reply := range replies {
		r := &Reassignment{}
		version, err := decodeRecord(reply.Val(), r)
		if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNotFound) {
			if r, err = j.corruptStub(ctx, organization, ids[i], reply.Val()); err != nil {
				return yield(nil, err)
			}
		}
		r.Version = version
		if !yield(r, nil) {
			return false
		}
	}
	return true
}

// corruptStub returns what is known of a record that cannot be read, and has it counted as one that needs an operator.
// The stub's SchemaVersion is 0: only an operator can close it.
func (j *Journal) corruptStub(ctx context.Context, organization, id string, fields []any) (*Reassignment, error) {
	if err := j.markCorrupt(ctx, organization, id, fields); err != nil {
		return nil, err
	}
	incident, deliveryOrder, _ := strings.Cut(id, "/")
	r := &Reassignment{Identity: Identity{ID: id, Organization: organization, Incident: incident, DeliveryOrder: deliveryOrder},
		State:  NeedsPerson,
		Reason: JournalCorrupt}
	root, err := orEmpty(j.rdb.HGet(ctx, keys(organization).lineage(), r.Identity.DeliveryOrder).Result())
	if err != nil {
		return nil, fmt.Errorf("reading reassignment %s: %w", id, err)
	}
	r.Identity.Root = root
	return r, nil
}

// markCorrupt has a record that cannot be decoded count among those that need an operator.
func (j *Journal) markCorrupt(ctx context.Context, organization, id string, fields []any) error {
	k := keys(organization)
	incident, _, _ := strings.Cut(id, "/")
	version, _ := fields[0].(string)
	body, _ := fields[1].(string)
	if err := markCorrupt.Run(ctx, j.rdb,
		redisscript.Keys{"record": k.record(id), "rows": k.rows(incident), "counts": k.counts(incident)},
		redisscript.Args{"id": id, "version": version, "body": body, "group_prefix": k.group(incident, ""), "state": NeedsPerson,
			"reason": groupKey(NeedsPerson, JournalCorrupt), "severities": Severities(), "severity_prefix": k.severity(""),
			"severity": api.SeverityOf(JournalCorrupt, NotReleased)}).Err(); err != nil {
		return fmt.Errorf("counting reassignment %s, which cannot be read: %w", id, err)
	}
	return nil
}

// Find returns the ids of the records, newest or not, that match a delivery order id, an order id or an order number;
// none is no error.
func (j *Journal) Find(ctx context.Context, organization, name string) ([]string, error) {
	ids, err := j.rdb.SMembers(ctx, keys(organization).name(name)).Result()
	if err != nil {
		return nil, fmt.Errorf("finding %q: %w", name, err)
	}
	return ids, nil
}
