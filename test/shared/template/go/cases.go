package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Case is one template and its data.
type Case struct {
	Name string           `json:"name"`
	Text Bytes            `json:"text"`
	Data map[string]Bytes `json:"data"`
	// Template is the template's own name, which its errors give; "t" when empty.
	Template string `json:"template"`
	// Bare is without Sprig's functions, some of which hide Go's own.
	Bare bool `json:"bare"`
}

// Answer is what became of a case: exactly one of Output, Error and Refused is set.
type Answer struct {
	Name   string `json:"name"`
	Output *Bytes `json:"output,omitempty"`
	Error  *Bytes `json:"error,omitempty"`
	// Refused says why there is no answer that could be compared.
	Refused string `json:"refused,omitempty"`
}

// Bytes is a JSON string or, where it is not UTF-8, an object {"base64": …}.
type Bytes string

type wrapped struct {
	Base64 string `json:"base64"`
}

func (b Bytes) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(b)) {
		return json.Marshal(string(b))
	}
	return json.Marshal(wrapped{base64.StdEncoding.EncodeToString([]byte(b))})
}

func (b *Bytes) UnmarshalJSON(data []byte) error {
	var plain string
	if json.Unmarshal(data, &plain) == nil {
		*b = Bytes(plain)
		return nil
	}
	var w wrapped
	if err := json.Unmarshal(data, &w); err != nil {
		return fmt.Errorf("neither a string nor {\"base64\": …}: %w", err)
	}
	raw, err := base64.StdEncoding.DecodeString(w.Base64)
	*b = Bytes(raw)
	return err
}
