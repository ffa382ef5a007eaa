package journal

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
)

// scanPage is how many keys Redis examines for one page of a scan.
const scanPage = 1000

// Expire deletes the incidents that were over before a moment, with all that is stored for them; at most most
// reassignments in one call. An incident is not over while it is open, while a reassignment of it is in progress or
// needs an operator, or while another record of its lineage is or does. It returns how many incidents and
// reassignments were deleted. A call that was interrupted, or reached its limit, is continued by the next.
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

// endedAt is when the incident was over; UTC.
func (i *Incident) endedAt() time.Time {
	if i.ClosedAt.IsZero() {
		return i.UpdatedAt
	}
	return i.ClosedAt
}

// expireRows deletes the reassignments of an incident, most at the most. whole reports that none is left.
func (j *Journal) expireRows(ctx context.Context, inc *Incident, most int) (n int, whole bool, err error) {
	for r, err := range j.Rows(ctx, inc.Organization, inc.ID) {
		switch {
		case err != nil:
			return n, false, err
		case n >= most, r.SchemaVersion == 0, r.SchemaVersion > SchemaVersion, r.Severity() != "":
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
	k := keys(r.Identity.Organization)
	names := []string{}
	for _, name := range r.searchNames() {
		names = append(names, k.name(name))
	}
	gone, err := expireRecord.Run(ctx, j.rdb,
		redisscript.Keys{"record": k.record(r.Identity.ID), "rows": k.rows(r.Identity.Incident), "open": k.open(), "lineage": k.lineage(), "watch": k.watch(),
			"due": k.due(), "nudged": k.signalled(), "locks": k.locks(), "names": names},
		redisscript.Args{"id": r.Identity.ID, "root": r.Identity.Root, "delivery_orders": r.watchedDeliveryOrders(), "orders": r.Identity.Orders, "ended_states": endedStates}).Bool()
	if err != nil {
		return false, fmt.Errorf("forgetting reassignment %s: %w", r.Identity.ID, err)
	}
	return gone, nil
}

// watchedDeliveryOrders are the delivery orders whose events concern the record, now or formerly.
func (r *Reassignment) watchedDeliveryOrders() []string {
	all := append([]string{r.Identity.DeliveryOrder, r.Replacement.ID}, r.Replacement.Past...)
	return slices.DeleteFunc(all, func(id string) bool { return id == "" })
}

// searchNames are the names by which Find finds the record.
func (r *Reassignment) searchNames() []string {
	all := slices.Concat(r.watchedDeliveryOrders(), []string{r.Identity.OrderNumber}, r.Identity.Orders[:min(len(r.Identity.Orders), maxOrders)])
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

// DeleteLeftovers deletes, of the keys given, those that still belong to an incident that was deleted: plans, queues and
// whatever else was stored beside it.
func (j *Journal) DeleteLeftovers(ctx context.Context, organization string, found []string, before time.Time) error {
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

// openedAtOf returns the opening time with which an incident's id begins; false if it does not begin with one.
func openedAtOf(id string) (time.Time, bool) {
	const stamp = "20060102T150405"
	rest, ok := strings.CutPrefix(id, "inc-")
	if !ok || len(rest) < len(stamp) {
		return time.Time{}, false
	}
	at, err := time.Parse(stamp, rest[:len(stamp)])
	return at, err == nil
}

// ScanKeys calls do with the keys of an organization, page by page, and continues where the last call ended. One call
// examines pages pages of all keys in Redis; keys of other organizations are left out.
func (j *Journal) ScanKeys(ctx context.Context, organization string, pages int, do func(found []string) error) error {
	k := keys(organization)
	text, err := orEmpty(j.rdb.Get(ctx, k.scanCursor()).Result())
	if err != nil {
		return fmt.Errorf("walking over keys: %w", err)
	}
	at, _ := strconv.ParseUint(text, 10, 64) // a cursor that cannot be read: start again
	if at, err = j.scanFrom(ctx, organization, at, pages, do); err != nil {
		return err
	}
	if err := j.rdb.Set(ctx, k.scanCursor(), at, 0).Err(); err != nil {
		return fmt.Errorf("walking over keys: %w", err)
	}
	return nil
}

// EachKey calls do with all keys of an organization, page by page. It changes nothing.
func (j *Journal) EachKey(ctx context.Context, organization string, do func(found []string) error) error {
	_, err := j.scanFrom(ctx, organization, 0, math.MaxInt, do)
	return err
}

// scanFrom examines pages from a cursor on, and returns the cursor of the next; 0 after the last.
func (j *Journal) scanFrom(ctx context.Context, organization string, at uint64, pages int, do func(found []string) error) (next uint64, err error) {
	k := keys(organization)
	var node redis.Cmdable = j.rdb
	if cluster, ok := j.rdb.(*redis.ClusterClient); ok {
		if node, err = cluster.MasterForKey(ctx, k.scanCursor()); err != nil {
			return at, fmt.Errorf("walking over keys: %w", err)
		}
	}
	for range pages {
		var found []string
		if found, at, err = node.Scan(ctx, at, globEscaper.Replace(k.key(""))+"*", scanPage).Result(); err != nil {
			return at, fmt.Errorf("walking over keys: %w", err)
		}
		if err := do(found); err != nil {
			return at, err
		}
		if at == 0 {
			break
		}
	}
	return at, nil
}

// MatchNames returns, of the keys given, the names of records that have text in them, in capitals or not: Find takes them.
func (j *Journal) MatchNames(organization string, found []string, text string) (names []string) {
	part := strings.ToLower(text)
	for _, key := range found {
		if name, is := strings.CutPrefix(key, keys(organization).name("")); is && strings.Contains(strings.ToLower(name), part) {
			names = append(names, name)
		}
	}
	return names
}

// globEscaper escapes the characters that have a meaning in a pattern of SCAN.
var globEscaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`)

// TrimAudit deletes the entries of the audit log that are older than a moment.
func (j *Journal) TrimAudit(ctx context.Context, organization string, before time.Time) error {
	if err := j.rdb.XTrimMinID(ctx, keys(organization).audit(), fmt.Sprint(before.UnixMilli())).Err(); err != nil {
		return fmt.Errorf("trimming the audit log: %w", err)
	}
	return nil
}
