package config

import (
	"cmp"
	"fmt"
	"net"
	"strings"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/policy/strictyaml"
	"happycolis-reassigner/worker/intake/kafka"
)

// PeekAddress reads one listening address from a configuration file, as it is reached from this machine. It needs
// neither the rest of the file nor its secrets. Without the key, or without a value, it returns otherwise.
func PeekAddress(file string, getenv func(string) string, otherwise string, keys ...string) (string, error) {
	r, n, err := openFile(file, getenv)
	if err != nil {
		return "", err
	}
	for _, key := range keys {
		n = n.Child(key)
	}
	address := otherwise
	if n.Kind.IsScalar() && n.Text != "" {
		text, _, wrong := r.resolve(n.Text)
		if wrong != "" {
			return "", fmt.Errorf("%s: %s: %s", file, strings.Join(keys, "."), wrong)
		}
		address = text
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("%s: %s: %q is not an address", file, strings.Join(keys, "."), address)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// PeekKafka reads the section kafka of a configuration file. It needs no other secrets of the file.
func PeekKafka(file string, getenv func(string) string) (kafka.Settings, error) {
	r, root, err := openFile(file, getenv)
	if err != nil {
		return kafka.Settings{}, err
	}
	owner, _, _ := r.resolve(root.Child("kafka").Child("organization").Text)
	c := &Config{Organizations: []Organization{{Credentials: happycolis.Credentials{Organization: owner}}}} // Load checks whose it is
	r.readKafka(c, &section{r: r, at: root, values: map[string]strictyaml.Node{"kafka": root.Child("kafka")}, broken: map[string]bool{}})
	if len(r.problems) > 0 {
		return kafka.Settings{}, problems{file, sortProblems(r.problems)}
	}
	if len(c.Kafka.Brokers) == 0 {
		return kafka.Settings{}, fmt.Errorf("%s: kafka.brokers: missing; name the brokers", file)
	}
	return c.Kafka, nil
}

// PeekSecret reads the client secret of an organization from a configuration file; if the file has only one
// organization, of that one, whatever its id.
func PeekSecret(file string, getenv func(string) string, organization string) (happycolis.Secret, error) {
	r, root, err := openFile(file, getenv)
	if err != nil {
		return "", err
	}
	items := root.Child("organizations").Items
	for _, item := range items {
		id, _, wrong := r.resolve(item.Child("id").Text)
		if wrong != "" || id != organization && len(items) > 1 {
			continue
		}
		key, _, wrong := r.resolve(item.Child("client_secret").Text)
		if wrong != "" || key == "" {
			return "", fmt.Errorf("%s: the client_secret of organization %s: %s", file, id, cmp.Or(wrong, "missing"))
		}
		return happycolis.Secret(key), nil
	}
	return "", fmt.Errorf("%s has no organization %q; name one with --organization", file, organization)
}
