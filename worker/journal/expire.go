package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
)

// scanPage is how many keys Redis looks at for one page of a walk.
const scanPage = 1000

// Expire removes the incidents that were over before a moment, with all that hangs on them, at most most
// reassignments in one call. An incident is not over while it is open, while a reassignment of it is under
// way or needs an operator, or while its lineage has another that is. It returns how many incidents and
// reassignments were removed. What was begun and not finished, the next call goes on with.
func (j *Journal) Expire(ctx context.Context, organization string, before time.Time, most int) (incidents, rows int, err error) {
	k := keys(organization)
	ids, err := j.rdb.ZRangeByScore(ctx, k.incidents(), &redis.ZRangeBy{Min: "-inf", Max: fmt.Sprint(before.UnixMilli())}).Result()
	if err != nil {
		return 0, 0, fmt.Errorf("listing old incidents: %w", err)
	}
	tallies, err := j.Tallies(ctx, organization, ids)
	if err != nil {
		return 0, 0, err
	}
	for i, id := range ids {
		if tallies[i].InProgress() > 0 || tallies[i].States[NeedsPerson] > 0 {
			continue
		}
		inc, err := j.Incident(ctx, organization, id)
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrNewer) || errors.Is(err, ErrCorrupt) {
			continue
		}
		if err != nil {
			return incidents, rows, err
		}
		if inc.State.IsOpen() || !inc.endedAt().Before(before) {
			continue
		}
		n, whole, err := j.expireRows(ctx, inc, most-rows)
		rows += n
		if err != nil || rows >= most {
			return incidents, rows, err
		}
		if whole {
			gone, err := j.expireIncident(ctx, inc)
			if err != nil {
				return incidents, rows, err
			}
			incidents += gone
		}
	}
	return incidents, rows, nil
}

// endedAt is when the incident was over.
func (i *Incident) endedAt() time.Time {
	if i.ClosedAt.IsZero() {
		return i.UpdatedAt
	}
	return i.ClosedAt
}

// expireRows removes the reassignments of an incident. whole tells that none is left.
func (j *Journal) expireRows(ctx context.Context, inc *Incident, most int) (n int, whole bool, err error) {
	for r, err := range j.Rows(ctx, inc.Organization, inc.ID) {
		switch {
		case err != nil:
			return n, false, err
		case n >= most, r.SchemaVersion == 0, r.SchemaVersion > SchemaVersion:
			return n, false, nil
		}
		gone, err := j.expireRow(ctx, r)
		if err != nil || !gone {
			return n, false, err
		}
		n++
	}
	return n, true, nil
}

func (j *Journal) expireRow(ctx context.Context, r *Reassignment) (bool, error) {
	k := keys(r.Organization)
	names := []string{}
	for _, name := range r.searchNames() {
		names = append(names, k.name(name))
	}
	gone, err := expireRecord.Run(ctx, j.rdb,
		redisscript.Keys{"record": k.record(r.ID), "rows": k.rows(r.Incident), "open": k.open(), "lineage": k.lineage(), "watch": k.watch(),
			"due": k.due(), "nudged": k.signalled(), "locks": k.locks(), "names": names},
		redisscript.Args{"id": r.ID, "root": r.Root, "delivery_orders": r.watchedDeliveryOrders(), "orders": r.Orders, "ended_states": endedStates}).Bool()
	if err != nil {
		return false, fmt.Errorf("forgetting reassignment %s: %w", r.ID, err)
	}
	return gone, nil
}

// watchedDeliveryOrders are those that the record watches or watched.
func (r *Reassignment) watchedDeliveryOrders() []string {
	all := append([]string{r.DeliveryOrder, r.Replacement}, r.PastReplacements...)
	return slices.DeleteFunc(all, func(id string) bool { return id == "" })
}

// searchNames are what the record may be found by.
func (r *Reassignment) searchNames() []string {
	all := slices.Concat(r.watchedDeliveryOrders(), []string{r.OrderNumber}, r.Orders[:min(len(r.Orders), maxOrders)])
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

func (j *Journal) expireIncident(ctx context.Context, inc *Incident) (int, error) {
	k := keys(inc.Organization)
	if _, err := j.ClearCooldown(ctx, inc.Organization, inc.LocationID, inc.ID); err != nil {
		return 0, err
	}
	groups, err := j.rdb.HKeys(ctx, k.counts(inc.ID)).Result()
	if err != nil {
		return 0, fmt.Errorf("forgetting incident %s: %w", inc.ID, err)
	}
	for i, group := range groups {
		groups[i] = k.group(inc.ID, group)
	}
	gone, err := expireIncident.Run(ctx, j.rdb,
		redisscript.Keys{"incident": k.incident(inc.ID), "rows": k.rows(inc.ID), "incidents": k.incidents(), "counts": k.counts(inc.ID), "groups": groups},
		redisscript.Args{"id": inc.ID, "ended_states": closedStates}).Int()
	if err != nil {
		return 0, fmt.Errorf("forgetting incident %s: %w", inc.ID, err)
	}
	return gone, nil
}

// ExpireCorrupt removes, of the keys given, those that are left under the name of an incident that is
// removed: plans, queues and whatever else was kept beside it.
func (j *Journal) ExpireCorrupt(ctx context.Context, organization string, found []string, before time.Time) error {
	k := keys(organization)
	for _, name := range found {
		rest, ofIncident := strings.CutPrefix(name, k.incident(""))
		id, _, beside := strings.Cut(rest, ":")
		opened, ok := openedAtOf(id)
		if !ofIncident || !beside || !ok || !opened.Before(before) {
			continue
		}
		known, err := j.rdb.Exists(ctx, k.incident(id)).Result()
		if err == nil && known == 0 {
			err = j.rdb.Del(ctx, name).Err()
		}
		if err != nil {
			return fmt.Errorf("removing what is left of incident %s: %w", id, err)
		}
	}
	return nil
}

// openedAtOf reads the time that an incident's id begins with.
func openedAtOf(id string) (time.Time, bool) {
	const stamp = "20060102T150405"
	rest, ok := strings.CutPrefix(id, "inc-")
	if !ok || len(rest) < len(stamp) {
		return time.Time{}, false
	}
	at, err := time.Parse(stamp, rest[:len(stamp)])
	return at, err == nil
}

// ScanKeys hands over all keys of an organization, page by page, and goes on where the last call ended. One call
// looks at pages pages of all keys that Redis has; those of others are left out.
func (j *Journal) ScanKeys(ctx context.Context, organization string, pages int, do func(found []string) error) error {
	k := keys(organization)
	text, err := orEmpty(j.rdb.Get(ctx, k.scanCursor()).Result())
	if err != nil {
		return fmt.Errorf("walking over keys: %w", err)
	}
	at, _ := strconv.ParseUint(text, 10, 64) // what cannot be read is the beginning
	var node redis.Cmdable = j.rdb
	if cluster, ok := j.rdb.(*redis.ClusterClient); ok {
		if node, err = cluster.MasterForKey(ctx, k.scanCursor()); err != nil {
			return fmt.Errorf("walking over keys: %w", err)
		}
	}
	for range pages {
		var found []string
		if found, at, err = node.Scan(ctx, at, globEscaper.Replace(k.key(""))+"*", scanPage).Result(); err != nil {
			return fmt.Errorf("walking over keys: %w", err)
		}
		if err := do(found); err != nil {
			return err
		}
		if at == 0 {
			break
		}
	}
	if err := j.rdb.Set(ctx, k.scanCursor(), at, 0).Err(); err != nil {
		return fmt.Errorf("walking over keys: %w", err)
	}
	return nil
}

// globEscaper takes their meaning from the signs of a pattern.
var globEscaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`)

// TrimAudit removes the entries of the audit log that are older than a moment.
func (j *Journal) TrimAudit(ctx context.Context, organization string, before time.Time) error {
	if err := j.rdb.XTrimMinID(ctx, keys(organization).audit(), fmt.Sprint(before.UnixMilli())).Err(); err != nil {
		return fmt.Errorf("trimming the audit log: %w", err)
	}
	return nil
}
