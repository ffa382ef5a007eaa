package journal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/worker/redisscript"
)

// PlanRow is a row of a frozen plan. It holds ids, codes and quantities only.
type PlanRow struct {
	DeliveryOrder string    `json:"do"`
	OrderNumber   string    `json:"number,omitempty"`
	Orders        []string  `json:"orders,omitempty"`
	From          string    `json:"from,omitempty"`
	Status        string    `json:"status,omitempty"`
	Units         int       `json:"units,omitempty"`
	Lines         string    `json:"lines,omitempty"` // Digest of SKUs and quantities
	Action        State     `json:"action"`          // Reassigned, Holding, Left or NeedsPerson
	Reason        Reason    `json:"reason,omitempty"`
	Stranded      bool      `json:"stranded,omitempty"` // no rule of the policy intends that it needs an operator
	To            string    `json:"to,omitempty"`
	ToID          string    `json:"to_id,omitempty"`     // location id; the script that guards intents reads this field, and May
	May           []string  `json:"may,omitempty"`       // of Holding: location ids; it goes to the first of them that has capacity
	Moment        time.Time `json:"moment,omitzero"`     // as of which the policy decided
	Automatic     bool      `json:"automatic,omitempty"` // it would move, and the platform may send it to its location again
}

// PlanKept is how long the rows of a frozen plan are kept, and can be approved.
const PlanKept = 24 * time.Hour

// anyTarget stands for any target, in the approval of a delivery order that an operator retried.
const anyTarget = "*"

// ErrPlanGone reports that the rows of a plan have expired; a new plan has to be made.
var ErrPlanGone = errors.New("the plan is too old")

// PlanBuilder takes the rows of a plan, page by page, stores them and counts them.
type PlanBuilder struct {
	j            *Journal
	organization string
	incident     string
	plan         Plan
	sum          hash.Hash
}

// NewPlan begins a plan of an incident. It has no effect before the incident is saved with it; what is stored of it
// until then expires after PlanKept.
func (j *Journal) NewPlan(organization, incident, revision string, at time.Time) *PlanBuilder {
	f := &PlanBuilder{j: j, organization: organization, incident: incident, sum: sha256.New(),
		plan: Plan{Key: rand.Text(), MadeAt: at.UTC().Truncate(time.Millisecond), Revision: revision,
			Targets: map[string]int{}, Left: map[Reason]int{}, Persons: map[Reason]int{}}}
	f.sum.Write([]byte(incident))
	return f
}

// Add appends rows. A delivery order that the plan already has keeps its first row: the walk may meet one twice.
func (f *PlanBuilder) Add(ctx context.Context, rows []PlanRow) error {
	if len(rows) == 0 {
		return nil
	}
	k := keys(f.organization)
	at, order := k.plan(f.incident, f.plan.Key), k.planRows(f.incident, f.plan.Key)
	bodies := make([][]byte, len(rows))
	fresh := make([]*redis.BoolCmd, len(rows))
	if _, err := f.j.rdb.Pipelined(ctx, func(p redis.Pipeliner) (err error) {
		for i, row := range rows {
			if bodies[i], err = json.Marshal(row); err != nil {
				return err
			}
			fresh[i] = p.HSetNX(ctx, at, row.DeliveryOrder, bodies[i])
		}
		p.Expire(ctx, at, PlanKept)
		return nil
	}); err != nil {
		return fmt.Errorf("freezing the plan of %s: %w", f.incident, err)
	}
	if _, err := f.j.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, row := range rows {
			if fresh[i].Val() {
				f.countRow(row, bodies[i])
				p.RPush(ctx, order, row.DeliveryOrder)
			}
		}
		p.Expire(ctx, order, PlanKept)
		return nil
	}); err != nil {
		return fmt.Errorf("freezing the plan of %s: %w", f.incident, err)
	}
	return nil
}

func (f *PlanBuilder) countRow(row PlanRow, body []byte) {
	f.sum.Write(append(body, '\n'))
	f.plan.Orders++
	if row.Automatic {
		f.plan.Automatic++
	}
	switch row.Action {
	case Reassigned:
		f.plan.Moves++
		f.plan.Targets[row.To]++
	case Holding:
		f.plan.Holding++
	case Left:
		f.plan.Left[row.Reason]++
	default:
		f.plan.Persons[row.Reason]++
	}
}

// hashLength is how many hexadecimal digits name a plan: 64 bits.
const hashLength = 16

// Plan returns the plan with its counts and its hash, after the last Add.
func (f *PlanBuilder) Plan() *Plan {
	p := f.plan
	p.Hash = hex.EncodeToString(f.sum.Sum(nil))[:hashLength]
	return &p
}

// DeletePlan deletes the rows of a plan that will not be approved any more. Rows that an approval still has to copy
// are kept until they expire.
func (j *Journal) DeletePlan(ctx context.Context, organization, incident string, p *Plan) error {
	k := keys(organization)
	if err := dropPlan.Run(ctx, j.rdb,
		redisscript.Keys{"incident": k.incident(incident), "plan": k.plan(incident, p.Key), "planned": k.planRows(incident, p.Key)},
		redisscript.Args{"plan": p.Key}).Err(); err != nil {
		return fmt.Errorf("dropping a plan of %s: %w", incident, err)
	}
	return nil
}

// PlanRows yields the rows of a frozen plan in its order, beginning with row number from (0 is the first). The error
// wraps ErrPlanGone where they have expired.
func (j *Journal) PlanRows(ctx context.Context, organization, incident string, p *Plan, from int) iter.Seq2[PlanRow, error] {
	return func(yield func(PlanRow, error) bool) {
		for from < p.Orders {
			rows, err := j.planPage(ctx, organization, incident, p, from)
			if err != nil {
				yield(PlanRow{}, fmt.Errorf("reading the plan of %s: %w", incident, err))
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			from += len(rows)
		}
	}
}

func (j *Journal) planPage(ctx context.Context, organization, incident string, p *Plan, from int) ([]PlanRow, error) {
	k := keys(organization)
	ids, err := j.rdb.LRange(ctx, k.planRows(incident, p.Key), int64(from), int64(from+listPage-1)).Result()
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, ErrPlanGone
	}
	bodies, err := j.rdb.HMGet(ctx, k.plan(incident, p.Key), ids...).Result()
	if err != nil {
		return nil, err
	}
	rows := make([]PlanRow, len(ids))
	for i, body := range bodies {
		text, ok := body.(string)
		if !ok {
			return nil, ErrPlanGone
		}
		if err := json.Unmarshal([]byte(text), &rows[i]); err != nil {
			return nil, ErrCorrupt
		}
	}
	return rows, nil
}

// Digest is a hash of what has to be shipped: equal SKUs and quantities have equal digests, whatever their order.
func Digest(lines []Line) string {
	told := make([]string, len(lines))
	for i, l := range lines {
		told[i] = fmt.Sprintf("%q %d\n", l.SKU, l.Quantity)
	}
	slices.Sort(told)
	sum := sha256.Sum256([]byte(strings.Join(told, "")))
	return hex.EncodeToString(sum[:])[:hashLength]
}
