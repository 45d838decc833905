// Reads objects of the Prometheus operator, one JSON a line, from stdin, as its own types describe them. Ends with 1
// and the first object that has an unknown field or a value of another type.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	v1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if err := read(lines.Bytes()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func read(line []byte) error {
	var kind struct{ Kind string }
	if err := json.Unmarshal(line, &kind); err != nil {
		return err
	}
	types := map[string]any{
		"ServiceMonitor": &v1.ServiceMonitor{},
		"PodMonitor":     &v1.PodMonitor{},
		"PrometheusRule": &v1.PrometheusRule{},
	}
	object, known := types[kind.Kind]
	if !known {
		return fmt.Errorf("%s: unknown kind", kind.Kind)
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(object); err != nil {
		return fmt.Errorf("%s: %w", kind.Kind, err)
	}
	return nil
}
