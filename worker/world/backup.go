package world

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/handover/orders"
)

// Backup is what Redis held at one moment, without the audit log.
type Backup struct {
	hashes  map[string]map[string]string
	sorted  map[string][]redis.Z
	sets    map[string][]string
	strings map[string]string
}

// Backup copies what Redis holds now.
func (w *World) Backup(ctx context.Context) (Backup, error) {
	b := Backup{map[string]map[string]string{}, map[string][]redis.Z{}, map[string][]string{}, map[string]string{}}
	for _, key := range w.Redis.Keys() {
		var err error
		switch kind := w.client.Type(ctx, key).Val(); kind {
		case "hash":
			b.hashes[key], err = w.client.HGetAll(ctx, key).Result()
		case "zset":
			b.sorted[key], err = w.client.ZRangeWithScores(ctx, key, 0, -1).Result()
		case "set":
			b.sets[key], err = w.client.SMembers(ctx, key).Result()
		case "string":
			b.strings[key], err = w.client.Get(ctx, key).Result()
		}
		if err != nil {
			return b, fmt.Errorf("copying %s: %w", key, err)
		}
	}
	return b, nil
}

// Restore replaces what Redis holds by a backup; the queue loses its tasks, and the worker is built anew.
func (w *World) Restore(ctx context.Context, b Backup) error {
	w.Redis.FlushAll()
	w.Queue.Wipe()
	_, err := w.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for key, h := range b.hashes {
			p.HSet(ctx, key, h)
		}
		for key, z := range b.sorted {
			p.ZAdd(ctx, key, z...)
		}
		for key, s := range b.sets {
			for _, member := range s {
				p.SAdd(ctx, key, member)
			}
		}
		for key, s := range b.strings {
			p.Set(ctx, key, s, 0)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	return w.buildWorker()
}

// Import reads the delivery orders of orders into the index, as the verb does, and finishes the import.
func (w *World) Import(ctx context.Context, parents ...string) error {
	for _, id := range parents {
		found, err := w.Handover.Organizations[Org].ForBackground.DeliveryOrders(ctx, id)
		if err != nil {
			return err
		}
		suspects := orders.OrphanCandidates(found)
		for i := range found {
			entry := orders.IndexEntry(&found[i])
			entry.Suspect = suspects[entry.ID]
			if _, err := w.Index.Put(ctx, Org, entry, ""); err != nil {
				return err
			}
		}
	}
	return w.Index.FinishImport(ctx, Org, w.workerNow())
}
