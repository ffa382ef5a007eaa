package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/matrix"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/email/smtp"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"happycolis-reassigner/happycolis"
)

// Sender brings a message to people. Its errors are Failures.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Target is where messages go to.
type Target struct {
	Name    string // its place in the configuration; never its URL, which is a secret
	Service string // slack, smtp, ...
	// Organizations are those that it is told of, and then of nothing that all share; none: it is told of everything.
	Organizations []string
	Sender
}

// IsToldOf reports whether the target is told of an organization, or with "" of what all share.
func (t Target) IsToldOf(organization string) bool {
	return len(t.Organizations) == 0 || slices.Contains(t.Organizations, organization)
}

// IsOf reports whether the target is told of nothing but these organizations.
func (t Target) IsOf(organizations []string) bool {
	return len(t.Organizations) > 0 && !slices.ContainsFunc(t.Organizations, func(id string) bool { return !slices.Contains(organizations, id) })
}

// Failure is why a message could not be sent: one of a few words, since the library's errors may quote the
// URL, and services their own texts.
type Failure string

// The failures.
const (
	TooSlow        Failure = "no answer in time"
	Unreachable    Failure = "cannot be reached"
	Unknown        Failure = "the host name is not known"
	Distrusted     Failure = "its certificate is not trusted"
	Unauthorized   Failure = "the credentials are refused"
	Refused        Failure = "the message is refused"
	Redirected     Failure = "it answers with a redirect, which is not followed; write the URL that it leads to"
	TooManyHanging Failure = "earlier messages hang"
	Failed         Failure = "failed"
)

func (f Failure) Error() string { return string(f) }

// ErrTarget says what is wrong with the URL of a target, without the URL.
var ErrTarget = errors.New("not the URL of a service that alerts can be sent through")

// Limits of sending.
const (
	maxSendTime = 15 * time.Second // for one message
	maxHanging  = 3                // messages to one target that were given up and have not come back
)

// NewTarget reads the URL of a target. The error wraps ErrTarget and tells nothing of the URL but, at most,
// its service. Nothing is sent, and nobody is asked.
func NewTarget(name string, address happycolis.Secret) (Target, error) {
	services := &router.ServiceRouter{}
	service, u, err := services.ExtractServiceName(address.Reveal())
	service = strings.ToLower(service)
	if err != nil || service == "logger" || !slices.Contains(services.ListServices(), service) {
		return Target{}, fmt.Errorf("%w; one begins with slack://, teams://, smtp://, pagerduty:// or generic+https://, see docs/operations.md", ErrTarget)
	}
	if service == matrix.Scheme { // it logs in while it is set up
		if err = (&matrix.Config{}).SetURL(u); u.Host == "" {
			err = Failed
		}
	} else {
		_, err = serviceOf(address)
	}
	if err != nil {
		return Target{}, fmt.Errorf("%w: something is missing or wrong in this %s URL", ErrTarget, service)
	}
	return Target{Name: name, Service: service, Sender: &shoutrrrSender{service: service, address: address, hanging: make(chan struct{}, maxHanging)}}, nil
}

// shoutrrrSender sends through the library. The service is made anew for each message: it keeps state while it
// sends, and a message that was given up may still use it.
type shoutrrrSender struct {
	service string
	address happycolis.Secret
	hanging chan struct{}
}

// titled are the services that have a place of their own for a title.
var titled = []string{"bark", "generic", "gotify", "join", "ntfy", "opsgenie", "pushbullet", "pushover", "smtp"}

// Send implements Sender.
func (s *shoutrrrSender) Send(ctx context.Context, m Message) error {
	select {
	case s.hanging <- struct{}{}:
	default:
		return TooManyHanging
	}
	ctx, cancel := context.WithTimeout(ctx, maxSendTime)
	defer cancel()
	result := make(chan error, 1)
	go func() { // most of the library takes no context
		defer func() { <-s.hanging }()
		result <- s.sendURL(ctx, m)
	}()
	select {
	case err := <-result:
		return failureOf(err)
	case <-ctx.Done():
		return TooSlow
	}
}

func (s *shoutrrrSender) sendURL(ctx context.Context, m Message) (err error) {
	defer recoverFailure(&err)
	service, err := serviceOf(s.address)
	if err != nil {
		return err
	}
	if post := workflowOf(service); post != nil {
		return post.send(ctx, m)
	}
	params := types.Params{}
	if slices.Contains(titled, s.service) {
		params[types.TitleKey] = m.Title
	}
	if mail, is := service.(*smtp.Service); is {
		params[types.TitleKey] = mailHeaders(m.Title, mail.Config.FromAddress)
	}
	return service.Send(m.Text, &params)
}

func serviceOf(address happycolis.Secret) (service types.Service, err error) {
	defer recoverFailure(&err)
	if service, err = (&router.ServiceRouter{}).Locate(address.Reveal()); err == nil {
		refuseRedirects(reflect.ValueOf(service), clientDepth)
	}
	return service, err
}

// recoverFailure makes a failure of a panic: the library has them on URLs that are wrong in ways of their own.
func recoverFailure(err *error) {
	if recover() != nil {
		*err = Failed
	}
}

// failureOf finds the word for an error of the library. Some of its services wrap errors as text, so the
// text is searched; none of it is kept.
func failureOf(err error) error {
	var f Failure
	var timeout net.Error
	var asked *url.Error
	var dns *net.DNSError
	text := ""
	if err != nil {
		text = strings.ToLower(err.Error())
	}
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
	}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	case has(strings.ToLower(string(Redirected))):
		return Redirected
	case errors.As(err, &timeout) && timeout.Timeout(), has("deadline exceeded", "timeout", "timed out"):
		return TooSlow
	case errors.As(err, &dns), has("no such host", "server misbehaving"):
		return Unknown
	case has("x509:", "tls:", "certificate"):
		return Distrusted
	case errors.As(err, &asked), has("connection refused", "connection reset", "no route to host", "dial tcp", "unreachable"):
		return Unreachable
	case has("unauthorized", "forbidden", "authenticat", "invalid_token", "invalid_auth") || denied.MatchString(text):
		return Unauthorized
	case refusal.MatchString(text):
		return Refused
	}
	return Failed
}

var (
	denied  = regexp.MustCompile(`\b40[13]\b`)
	refusal = regexp.MustCompile(`\b[45]\d\d\b`)
)
