// Reads a dashboard as Grafana's own types describe it, from stdin. Ends with 1 and the places of what they do not
// know: unknown fields, missing ones, and values of another type.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins()
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		read := dashboard.Dashboard{}
		err = read.UnmarshalJSONStrict(text)
	}
	// An empty list of errors is an error, too.
	if err != nil && err.Error() != "" {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
