// Command goldens runs templates on Go's own text/template with Sprig, and says what comes out. One case a line
// goes in, one answer a line comes out, both as JSON; see cases.go for their shapes. With "names" it lists the
// functions, with "zones" the time zones that Go knows.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
	"syscall"
	"time"
)

// maxMemory ends this process when a template grows beyond it, before the machine suffers.
const maxMemory = 4 << 30

func main() {
	time.Local = time.UTC // as in a container
	check(os.Setenv("ZONEINFO", zoneData()))
	limit := syscall.Rlimit{Cur: maxMemory, Max: maxMemory}
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &limit); err != nil {
		log.Fatal(err)
	}
	if len(os.Args) > 1 {
		subcommands[os.Args[1]]()
		return
	}
	answer()
}

var subcommands = map[string]func(){"names": printNames, "zones": printZones}

func answer() {
	lines := bufio.NewReader(os.Stdin)
	answers := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(answers)
	encoder.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var c Case
		if err := json.Unmarshal(line, &c); err != nil {
			log.Fatalf("not a case: %v: %s", err, line)
		}
		answer := run(c)
		if err := encoder.Encode(answer); err != nil {
			log.Fatal(err)
		}
		if answer.Refused == tooLong {
			// Nothing stops a template that runs on but the end of its process; the asker starts another one.
			answers.Flush()
			return
		}
		// The asker waits for its answer, but a batch goes out as one.
		if lines.Buffered() == 0 {
			answers.Flush()
		}
	}
}
