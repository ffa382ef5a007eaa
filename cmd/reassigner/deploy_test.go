package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"happycolis-reassigner/cmd/internal/apptest"

	"github.com/goccy/go-yaml"
)

// manifest is what is looked at of a Kubernetes object; .ci/manifests decodes them whole.
type manifest struct {
	Kind     string
	Metadata struct{ Name string }
	Data     map[string]string
	Spec     struct {
		Replicas int
		Template struct {
			Spec struct {
				Containers []struct {
					Image          string
					Args           []string
					EnvFrom        []map[string]any `yaml:"envFrom"`
					ReadinessProbe map[string]any   `yaml:"readinessProbe"`
					LivenessProbe  map[string]any   `yaml:"livenessProbe"`
				}
			}
		}
	}
}

func readManifests(t *testing.T) []manifest {
	t.Helper()
	data, err := os.ReadFile("../../docs/deploy/kubernetes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []manifest
	for _, document := range bytes.Split(data, []byte("\n---\n")) {
		var m manifest
		if err := yaml.Unmarshal(document, &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func TestTheManifestsRunEachRoleWithProbesAndSecretsFromOutside(t *testing.T) {
	t.Parallel()
	replicas := map[string]int{}
	for _, m := range readManifests(t) {
		if m.Kind != "Deployment" {
			continue
		}
		c := m.Spec.Template.Spec.Containers[0]
		role := c.Args[slices.Index(c.Args, "--role")+1]
		replicas[role] = m.Spec.Replicas
		if _, tag, ok := strings.Cut(c.Image, ":"); !ok || tag == "latest" {
			t.Errorf("%s: the image %s has no version", m.Metadata.Name, c.Image)
		}
		if len(c.EnvFrom) == 0 || c.ReadinessProbe == nil || c.LivenessProbe == nil {
			t.Errorf("%s lacks secrets from the environment, or a probe", m.Metadata.Name)
		}
	}
	if replicas["receiver"] != 2 || replicas["worker"] == 0 || replicas["desk"] == 0 {
		t.Errorf("got the replicas %v, want 2 receivers, a worker and a desk", replicas)
	}
}

func TestTheConfigurationInTheManifestsIsInOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, m := range readManifests(t) {
		for name, text := range m.Data {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	env := apptest.Environment("REASSIGNER_PASSWORD", "p", "REDIS_URL", "rediss-cluster://redis:6379", "HAPPYCOLIS_CLIENT_SECRET", "s")
	if got := runVerb(t, env, "config", "check", filepath.Join(dir, "reassigner.yaml")); got.code != 0 {
		t.Errorf("config check: %d %s", got.code, got.stderr)
	}
}
