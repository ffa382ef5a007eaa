package wiring_test

import (
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/tasks"
	"happycolis-reassigner/worker"
	"happycolis-reassigner/worker/handover"
	"happycolis-reassigner/worker/handover/decision"
	"happycolis-reassigner/worker/incident"
	"happycolis-reassigner/worker/wiring"
)

// queue is a queue that is never asked.
type queue struct{ tasks.Queue }

// TestNoPartIsForgotten wants each part that another one points at to be there: a field that is added to a part and not
// connected here is nil.
func TestNoPartIsForgotten(t *testing.T) {
	t.Parallel()
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"}) // nothing connects
	defer rdb.Close()
	w := wiring.New(wiring.Options{Stores: wiring.NewStores(rdb, time.Second, 5), Queue: queue{}, Organizations: map[string]*worker.Organization{},
		Handover: handover.Settings{Statuses: []string{"DRAFT"}, LeaveAutomatic: true, MaxHops: 3}, Incident: incident.Settings{Settle: time.Minute},
		Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	events := w.IntakeOptions(w.Stores)
	events.Redis, events.Queue = rdb, queue{}
	for _, part := range []any{w, w.Handover, w.Handover.Decider, w.Incidents, w.Incidents.Planner, &events} {
		fields := reflect.ValueOf(part).Elem()
		for i := range fields.NumField() {
			field := fields.Type().Field(i)
			isPart := slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Interface, reflect.Map}, fields.Field(i).Kind())
			if isPart && field.IsExported() && fields.Field(i).IsNil() {
				t.Errorf("%s.%s is not connected", fields.Type(), field.Name)
			}
		}
	}
	if w.Handover.Settings.Settle != time.Minute || len(w.Incidents.Settings.Statuses) != 1 {
		t.Errorf("the settings that both sections share are %s and %q", w.Handover.Settings.Settle, w.Incidents.Settings.Statuses)
	}
	want := decision.Settings{Statuses: []string{"DRAFT"}, LeaveAutomatic: true, MaxHops: 3, Settle: time.Minute}
	if got := w.Handover.Decider.Settings; !reflect.DeepEqual(got, want) {
		t.Errorf("the settings that a decision depends on are %+v, want %+v", got, want)
	}
	if events.HasWatcher == nil || events.Signal == nil || events.Now == nil {
		t.Error("the intake lacks what asks for a watcher, what signals, or its clock")
	}
}
