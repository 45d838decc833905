package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
)

const (
	// maxOutput is a Secret's own limit.
	maxOutput = 1 << 20
	maxTime   = 5 * time.Second
	tooLong   = "time"
	// runs is how often a case is run to see whether its answer is always the same: Go walks maps in random order.
	runs = 8
)

// withheld are the functions of Sprig that a SealedSecret's template cannot call.
var withheld = []string{"env", "expandenv", "getHostByName"}

func functions() template.FuncMap {
	all := sprig.GenericFuncMap()
	for _, name := range withheld {
		delete(all, name)
	}
	return all
}

func printNames() {
	for _, name := range slices.Sorted(maps.Keys(functions())) {
		fmt.Println(name)
	}
}

func run(c Case) Answer {
	first := runInTime(c)
	for range runs - 1 {
		if first.Refused != "" {
			break
		}
		if !same(runInTime(c), first) {
			return Answer{Name: c.Name, Refused: "unstable"}
		}
	}
	return first
}

func same(a, b Answer) bool {
	equal := func(a, b *Bytes) bool { return a == b || a != nil && b != nil && *a == *b }
	return equal(a.Output, b.Output) && equal(a.Error, b.Error) && a.Refused == b.Refused
}

func runInTime(c Case) Answer {
	done := make(chan Answer, 1)
	go func() { done <- runOnce(c) }()
	select {
	case answer := <-done:
		return answer
	case <-time.After(maxTime):
		return Answer{Name: c.Name, Refused: tooLong}
	}
}

func runOnce(c Case) (answer Answer) {
	answer.Name = c.Name
	defer func() {
		if p := recover(); p != nil {
			answer = Answer{Name: c.Name, Refused: fmt.Sprintf("panic: %v", p)}
		}
	}()
	out, err := render(c)
	switch {
	case errors.Is(err, errTooMuch):
		answer.Refused = "size"
	case err != nil:
		text := Bytes(err.Error())
		answer.Error = &text
	default:
		answer.Output = &out
	}
	return answer
}

func render(c Case) (Bytes, error) {
	name := c.Template
	if name == "" {
		name = "t"
	}
	parsed := template.New(name)
	if !c.Bare {
		parsed.Funcs(functions())
	}
	_, err := parsed.Parse(string(c.Text))
	if err != nil {
		return "", err
	}
	// With map[string]string a missing key is "<no value>" as a field and empty by index. With map[string]any it
	// would be "<no value>" both times.
	data := make(map[string]string, len(c.Data))
	for key, value := range c.Data {
		data[key] = string(value)
	}
	var out limited
	err = parsed.Execute(&out, data)
	return Bytes(out.String()), err
}

var errTooMuch = errors.New("too much output")

type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxOutput {
		return 0, errTooMuch
	}
	return l.Buffer.Write(p)
}
