// Command readers reads files with the YAML reader of Kubernetes and prints one JSON object for each. A file named
// .json is read by Go's JSON decoder as well, and both must agree.
package main

import (
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"reflect"

	"sigs.k8s.io/yaml"
)

func main() {
	encoder := json.NewEncoder(os.Stdout)
	for _, path := range os.Args[1:] {
		if err := encoder.Encode(read(path)); err != nil {
			log.Fatal(err)
		}
	}
}

func read(path string) map[string]any {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	var fromYAML map[string]any
	if err := yaml.Unmarshal(text, &fromYAML); err != nil {
		log.Fatalf("%s: as YAML: %v", path, err)
	}
	if filepath.Ext(path) != ".json" {
		return fromYAML
	}
	var fromJSON map[string]any
	if err := json.Unmarshal(text, &fromJSON); err != nil {
		log.Fatalf("%s: as JSON: %v", path, err)
	}
	if !reflect.DeepEqual(fromYAML, fromJSON) {
		log.Fatalf("%s: YAML and JSON differ", path)
	}
	return fromJSON
}
