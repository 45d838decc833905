// Command health judges Kubernetes objects as Argo CD and Flux do. Its only argument is the Lua script that Argo CD
// publishes for the kind. It reads one JSON object a line from stdin and prints one JSON object a line: the health that
// the script returns, and the status that kstatus computes, which is the library of Flux.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type verdict struct {
	Argo    string `json:"argo"`
	Message string `json:"message"`
	Kstatus string `json:"kstatus"`
}

func main() {
	script, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 4<<20)
	encoder := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		result, err := judge(string(script), lines.Bytes())
		if err != nil {
			log.Fatal(err)
		}
		if err := encoder.Encode(result); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

func judge(script string, text []byte) (verdict, error) {
	// Reads integers as int64, as both tools do.
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(text); err != nil {
		return verdict{}, err
	}
	computed, err := status.Compute(object)
	if err != nil {
		return verdict{}, err
	}
	health, message, err := runLua(script, object.Object)
	return verdict{Argo: health, Message: message, Kstatus: computed.Status.String()}, err
}

func runLua(script string, object map[string]any) (string, string, error) {
	state := lua.NewState()
	defer state.Close()
	state.SetGlobal("obj", luaValue(state, object))
	if err := state.DoString(script); err != nil {
		return "", "", err
	}
	table, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return "", "", fmt.Errorf("the script returns a %s", state.Get(-1).Type())
	}
	message := ""
	if text, ok := table.RawGetString("message").(lua.LString); ok {
		message = string(text)
	}
	return lua.LVAsString(table.RawGetString("status")), message, nil
}

func luaValue(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case bool:
		return lua.LBool(value)
	case int64:
		return lua.LNumber(value)
	case float64:
		return lua.LNumber(value)
	case string:
		return lua.LString(value)
	case []any:
		table := state.NewTable()
		for _, item := range value {
			table.Append(luaValue(state, item))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for name, field := range value {
			table.RawSetString(name, luaValue(state, field))
		}
		return table
	}
	return lua.LNil
}
