package config

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"happycolis-reassigner/policy/strictyaml"
	"happycolis-reassigner/worker/intake/kafka"
)

const (
	maxTopic = 249 // characters of a topic's name, as Kafka allows it
	maxGroup = 255 // characters of a group's name, which is a key of ours, too
)

var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// readKafka reads how a Kafka cluster is reached and what is read of it. It needs the organizations.
func (r *reader) readKafka(c *Config, top *section) {
	at := top.values["kafka"]
	s := r.readSection(at, "kafka", []string{"brokers", "topics", "topic_prefix", "group", "tls", "sasl", "organization"})
	k := &c.Kafka
	k.Brokers = s.readNames("brokers", "write it like kafka-1.example.com:9093", isBroker)
	k.Topics = s.readNames("topics", "write the name of a topic: letters, digits, dots, dashes and underscores, 249 at most", isTopic)
	k.TopicPrefix = s.readText("topic_prefix", "")
	k.Group = s.readText("group", "happycolis-reassigner")
	if len(k.Group) > maxGroup || !isID(k.Group) {
		s.refuse("group", "%q is no name of a group; write up to %d characters without spaces and braces", k.Group, maxGroup)
	}
	r.readTopicPrefix(s, k)
	r.readKafkaTLS(k, s)
	r.readSASL(k, s)
	r.readKafkaOrganization(c, s)
	if len(k.Brokers) > 0 || s.wrong || s.broken["brokers"] {
		return
	}
	for _, f := range at.Fields {
		if f.Key.Text != "brokers" && f.Key.Text != "group" && !isUnset(f.Value) {
			s.refuse("brokers", "missing, so %s has no effect; name the brokers, or take the section out", s.keyPath(f.Key.Text))
			return
		}
	}
}

// isUnset reports whether a value is the default of its key in the section kafka: nothing, an empty list, or false.
func isUnset(n strictyaml.Node) bool {
	switch n.Kind {
	case strictyaml.Absent, strictyaml.Null:
		return true
	case strictyaml.List:
		return len(n.Items) == 0
	case strictyaml.Mapping:
		return !slices.ContainsFunc(n.Fields, func(f strictyaml.Field) bool { return !isUnset(f.Value) })
	default:
		return n.Text == "" || n.Text == "false"
	}
}

func (r *reader) readTopicPrefix(s *section, k *kafka.Settings) {
	if k.TopicPrefix == "" {
		return
	}
	longest := ""
	for _, topic := range kafka.DefaultTopics(k.TopicPrefix) {
		if len(topic) > len(longest) {
			longest = topic
		}
	}
	if !isTopic(longest) {
		s.refuse("topic_prefix", "%q cannot begin the name of a topic; write letters, digits, dots, dashes and underscores, up to %d", k.TopicPrefix, maxTopic-len(longest)+len(k.TopicPrefix))
		return
	}
	for _, topic := range k.Topics {
		if !strings.HasPrefix(topic, k.TopicPrefix) {
			s.refuse("topic_prefix", "%q does not begin the topic %s; write whole names in topics, or leave the prefix out", k.TopicPrefix, topic)
		}
	}
}

// readNames returns a list of names, each of which must be right and occur once.
func (s *section) readNames(key, advice string, isRight func(string) bool) []string {
	items, _ := s.readItems(key)
	var names []string
	for _, item := range items {
		text, _, wrong := "", false, "wants a name, not "+describeKind(item)
		if item.Kind.IsScalar() {
			if text, _, wrong = s.r.resolve(item.Text); wrong == "" && !isRight(text) {
				wrong = strconv.Quote(text) + " is not understood; " + advice
			}
		}
		if wrong == "" && slices.Contains(names, text) {
			wrong = text + " is listed twice; keep one"
		}
		if wrong != "" {
			s.broken[key] = true
			s.r.refuse(item, s.keyPath(key), "%s", wrong)
			continue
		}
		names = append(names, text)
	}
	return names
}

func isBroker(text string) bool {
	host, port, err := net.SplitHostPort(text)
	n, wrong := strconv.ParseUint(port, 10, 16)
	return err == nil && host != "" && wrong == nil && n > 0 && !strings.ContainsAny(host, "/@ ")
}

func isTopic(text string) bool {
	return len(text) <= maxTopic && topicName.MatchString(text) && text != "." && text != ".."
}

// readKafkaTLS reads the certificates, which are files in PEM.
func (r *reader) readKafkaTLS(k *kafka.Settings, kafkaSection *section) {
	s := r.readSection(kafkaSection.values["tls"], "kafka.tls", []string{"enabled", "ca", "cert", "key"})
	enabled := s.readBool("enabled", false)
	paths := map[string]string{}
	for _, key := range []string{"ca", "cert", "key"} {
		if paths[key] = s.readText(key, ""); paths[key] != "" && !enabled && !s.broken["enabled"] {
			s.refuse(key, "has no effect without kafka.tls.enabled; write enabled: true, or take it out")
		}
	}
	if !enabled {
		return
	}
	k.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if ca := s.readPEM("ca", paths["ca"]); ca != nil {
		k.TLS.RootCAs = x509.NewCertPool()
		if !k.TLS.RootCAs.AppendCertsFromPEM(ca) {
			s.refuse("ca", "the file %s has no certificate in PEM; name one that has", r.resolvePath(paths["ca"]))
		}
	}
	cert, key := s.readPEM("cert", paths["cert"]), s.readPEM("key", paths["key"])
	switch {
	case paths["cert"] != "" && paths["key"] == "":
		s.refuse("cert", "needs its key; set kafka.tls.key, too")
	case paths["key"] != "" && paths["cert"] == "":
		s.refuse("key", "needs its certificate; set kafka.tls.cert, too")
	case cert != nil && key != nil:
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil { // which may quote the file
			s.refuse("cert", "the certificate and the key do not belong together, or are no PEM; name a pair")
		}
		k.TLS.Certificates = []tls.Certificate{pair}
	}
}

// readPEM returns the content of a file; nil where none is named, or it cannot be read.
func (s *section) readPEM(key, path string) []byte {
	if path == "" {
		return nil
	}
	path = s.r.resolvePath(path)
	data, err := os.ReadFile(path)
	if err != nil {
		s.refuse(key, "the file %s cannot be read (%s); make it readable", path, ReadFailure(err))
		return nil
	}
	return data
}

// readSASL reads how to log in.
func (r *reader) readSASL(k *kafka.Settings, kafkaSection *section) {
	s := r.readSection(kafkaSection.values["sasl"], "kafka.sasl", []string{"mechanism", "username", "password"})
	k.Mechanism = s.readChoice("mechanism", "", kafka.Mechanisms()...)
	k.Username, k.Password = s.readText("username", ""), s.readSecret("password")
	switch {
	case k.Mechanism != "":
		s.require("username", k.Username, "write the user to log in with")
		s.require("password", k.Password.Reveal(), "write ${NAME} or ${file:PATH}")
	case (k.Username != "" || k.Password != "") && !s.broken["mechanism"]:
		s.refuse("mechanism", "missing, so the login has no effect; write %s", strings.Join(kafka.Mechanisms(), " or "))
	}
}

// readKafkaOrganization reads of whom records are that name nobody.
func (r *reader) readKafkaOrganization(c *Config, s *section) {
	k := &c.Kafka
	k.Organization = s.readText("organization", "")
	switch {
	case k.Organization == "":
	case len(c.Organizations) != 1:
		s.refuse("organization", "%d organizations are configured, and records that name none may be of any; take it out", len(c.Organizations))
	case k.Organization != c.Organizations[0].Credentials.Organization:
		s.refuse("organization", "%q is not configured; write %s", k.Organization, c.Organizations[0].Credentials.Organization)
	}
}
