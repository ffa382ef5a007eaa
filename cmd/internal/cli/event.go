package cli

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"happycolis-reassigner/cmd/internal/app"
	"happycolis-reassigner/cmd/internal/config"
	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/happycolis/webhook"
	"happycolis-reassigner/worker/intake"
)

func (c *cli) event() *cobra.Command {
	command := asGroup(&cobra.Command{Use: "event", Short: "Send a webhook as the platform would"})
	command.AddCommand(c.eventSend())
	return command
}

// sending has the flags of event send.
type sending struct {
	sample, body, secretEnv, config, url               string
	organization, location, integration, deliveryOrder string
	kafka                                              bool
}

func (c *cli) eventSend() *cobra.Command {
	var s sending
	command := &cobra.Command{
		Use: "send --sample NAME | --body FILE", Short: "Sign and send a sample webhook to a running receiver", Args: cobra.NoArgs,
		Long: "Sign and send a webhook to a running receiver: a sample with a new message id and date, and whatever ids are given,\n" +
			"or a file as it is. With --kafka it is written to the topic of its type, in its envelope. Samples: " + strings.Join(webhook.Samples(), ", ") + ".",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.config = c.configFile(s.config)
			body, err := s.payload()
			if err != nil {
				return err
			}
			if s.kafka {
				return c.sendRecord(cmd.Context(), s, body)
			}
			key, err := c.signingKey(s, body)
			if err != nil {
				return err
			}
			if s.url == "" {
				address := "127.0.0.1:8080"
				if s.config != "" {
					if address, err = c.peekAddress(s.config, address, "listen"); err != nil {
						return err
					}
				}
				s.url = "http://" + address + intake.Path
			}
			return c.send(cmd, s.url, body, key)
		},
	}
	f := command.Flags()
	f.StringVar(&s.sample, "sample", "", "name of a sample, or the end of it, as errored")
	f.StringVar(&s.body, "body", "", "file to send as it is")
	f.StringVar(&s.secretEnv, "secret-env", "", "environment variable that holds the client secret")
	f.StringVar(&s.config, "config", "", "configuration file to take the client secret and the address from (or REASSIGNER_CONFIG)")
	f.StringVar(&s.organization, "organization", "", "organizationId of the header")
	f.StringVar(&s.location, "location", "", "location id")
	f.StringVar(&s.integration, "integration", "", "id of the integration")
	f.StringVar(&s.deliveryOrder, "delivery-order", "", "id of the delivery order")
	f.BoolVar(&s.kafka, "kafka", false, "write it to its Kafka topic instead, as the section kafka of --config says")
	f.StringVar(&s.url, "url", "", "where to send it (default: the receiver of --config, or of this machine)")
	return command
}

// payload returns the body to send.
func (s *sending) payload() ([]byte, error) {
	switch {
	case (s.sample == "") == (s.body == ""):
		return nil, usageError("name --sample NAME or --body FILE, one of them")
	case s.body != "":
		data, err := os.ReadFile(s.body)
		if err != nil {
			return nil, usageError("reading %s: %s", s.body, config.ReadFailure(err))
		}
		return data, nil
	}
	raw, err := sampleNamed(s.sample)
	if err != nil {
		return nil, err
	}
	var event struct {
		Header map[string]any `json:"header"`
		Body   map[string]any `json:"body"`
	}
	if err := json.Unmarshal(raw, &event); err != nil {
		return nil, exitError(ExitFailed, "reading the sample: %w", err)
	}
	event.Header["messageId"] = "sent-" + strings.ToLower(rand.Text())
	event.Header["date"] = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	set := func(object map[string]any, key, value string) {
		if value != "" {
			object[key] = value
		}
	}
	set(event.Header, "organizationId", s.organization)
	kind, _ := event.Header["type"].(string)
	switch {
	case strings.HasPrefix(kind, "location/fulfillment_service_integration/"):
		set(event.Body, "locationId", s.location)
		set(event.Body, "id", s.integration)
	case strings.HasPrefix(kind, "location/"):
		set(event.Body, "id", s.location)
	default:
		set(event.Body, "locationId", s.location)
		if strings.HasPrefix(kind, "delivery_order/") {
			set(event.Body, "id", s.deliveryOrder)
			set(event.Body, "organizationId", s.organization)
		}
	}
	return json.Marshal(event)
}

// sampleNamed returns the sample with this name, or the only one whose name ends with it.
func sampleNamed(name string) ([]byte, error) {
	if raw, ok := webhook.Sample(name); ok {
		return raw, nil
	}
	var found []string
	for _, sample := range webhook.Samples() {
		if strings.HasSuffix(sample, "-"+strings.ReplaceAll(name, "_", "-")) {
			found = append(found, sample)
		}
	}
	if len(found) != 1 {
		return nil, usageError("--sample: %q names no sample, or several; there are: %s", name, strings.Join(webhook.Samples(), ", "))
	}
	raw, _ := webhook.Sample(found[0])
	return raw, nil
}

// signingKey returns the client secret, from the environment or from the organization in the configuration.
func (c *cli) signingKey(s sending, body []byte) (happycolis.Secret, error) {
	if s.secretEnv == "" && s.config == "" {
		return "", usageError("name the client secret: --secret-env VARIABLE or --config FILE")
	}
	if s.secretEnv != "" {
		key := config.TrimEnds(c.getenv(s.secretEnv))
		if key == "" {
			return "", usageError("--secret-env: the environment variable %s is not set", s.secretEnv)
		}
		return happycolis.Secret(key), nil
	}
	organization := s.organization
	if e, err := webhook.Parse(body); err == nil && organization == "" {
		organization = e.Organization
	}
	key, err := config.PeekSecret(s.config, c.getenv, organization)
	if err != nil {
		return "", &exit{ExitUsage, err}
	}
	return key, nil
}

func (c *cli) send(cmd *cobra.Command, address string, body []byte, key happycolis.Secret) error {
	request, err := http.NewRequestWithContext(cmd.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return usageError("--url: write a URL like http://127.0.0.1:8080%s", intake.Path)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(webhook.SignatureHeader, webhook.Sign(body, key.Reveal()))
	const answerMost = 10 * time.Second
	response, err := (&http.Client{Timeout: answerMost}).Do(request)
	if err != nil {
		return exitError(ExitUnreachable, "%s cannot be reached (%s)", request.URL.Host, app.ConnectionFailure(err))
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
	told := fmt.Sprintf("HTTP %d %s", response.StatusCode, strings.TrimSpace(string(text)))
	switch {
	case response.StatusCode == http.StatusUnauthorized:
		return exitError(ExitUnreachable, "the receiver does not know this signature: %s", told)
	case response.StatusCode/100 != 2:
		return exitError(ExitFailed, "the receiver refused it: %s", told)
	}
	if isParked(text) {
		return exitError(ExitFailed, "the receiver could not use it: %s. Does it serve the organization, and know the type? Why it was parked: the console, under Parked", told)
	}
	c.stdout.Println(told)
	return nil
}

// isParked reports whether an answer of the receiver says that it parked the webhook.
func isParked(answer []byte) bool {
	var told struct {
		Result intake.Result `json:"result"`
	}
	return json.Unmarshal(answer, &told) == nil && told.Result == intake.Kept
}
