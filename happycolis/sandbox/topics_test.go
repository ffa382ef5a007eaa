package sandbox_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"happycolis-reassigner/happycolis/sandbox"
)

// published has the topics of what was published.
type published struct {
	topics []string
	values []string
	err    error
}

func (p *published) Publish(topic string, value []byte) error {
	p.topics, p.values = append(p.topics, topic), append(p.values, string(value))
	return p.err
}

func TestEventsArePublishedToTheirTopicsWithoutAnEnvelope(t *testing.T) {
	t.Parallel()
	p, to := sandbox.New(sandbox.Options{}), &published{}
	p.AddOrganization(sandbox.Organization{ID: org})
	p.SubscribeTopics(org, to)
	p.AddLocation(sandbox.Location{ID: paris, Organization: org, Slug: "paris", Active: true, IntegrationID: "fsi_1"})
	p.Break("paris")
	p.Announce("location/type_changed", "paris")
	p.RunDue()
	want := []string{"location.created", "location.fulfillment-service-integration.errored", "location.type_changed"}
	if diff := cmp.Diff(want, to.topics); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	if got := to.values[1]; got[0] != '{' || got[:len(`{"accessToken"`)] != `{"accessToken"` {
		t.Errorf("got %s, want the payload alone", got)
	}
	to.err = errors.New("no broker")
	p.Announce("location/updated", "paris")
	p.RunDue()
	if blocked, why := p.Blocked(org); !blocked || why != "location/updated: no broker" {
		t.Errorf("a record that was not written did not block the queue: %t, %q", blocked, why)
	}
}
