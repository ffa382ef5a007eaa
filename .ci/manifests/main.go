// Command manifests decodes Kubernetes manifests strictly into the types of the API: a field that no type has, or one
// with a value of another type, is an error. It is a module of its own, so that these types are nobody's dependency.
package main

import (
	"bytes"
	"fmt"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	failed := false
	for _, file := range os.Args[1:] {
		if err := check(file); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func check(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for i, document := range bytes.Split(data, []byte("\n---\n")) {
		if err := decode(document); err != nil {
			return fmt.Errorf("document %d: %w", i+1, err)
		}
	}
	return nil
}

func decode(document []byte) error {
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal(document, &kind); err != nil {
		return err
	}
	types := map[string]any{
		"v1 ConfigMap": &corev1.ConfigMap{}, "v1 Service": &corev1.Service{},
		"apps/v1 Deployment": &appsv1.Deployment{}, "policy/v1 PodDisruptionBudget": &policyv1.PodDisruptionBudget{},
	}
	name := kind.APIVersion + " " + kind.Kind
	into, known := types[name]
	if !known {
		return fmt.Errorf("%s is a kind that is not checked here; add it", name)
	}
	return yaml.UnmarshalStrict(document, into)
}
