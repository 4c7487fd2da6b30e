package main

import (
	"strings"
	"testing"
)

// What goes wrong is told in the format that was asked for, as far as that could be read.
func TestErrorFormat(t *testing.T) {
	const asText, asJSON = "error: ", `{"time":"2026-11-20T12:00:00Z","level":"ERROR","msg":`
	for line, want := range map[string]string{
		"collect":                                   asText,
		"collect --log-format json":                 asJSON + `"-o DIR is missing","hint":"name the folder for the snapshot"}` + "\n",
		"collect --log-format json --quiet":         asJSON + `"-o DIR is missing"`,
		"collect --log-format text":                 asText,
		"collect --log-format xml -o DIR":           asText,
		"collect --log-format json --frobnicate":    asJSON + `"unknown flag: --frobnicate"`,
		"collect --frobnicate --log-format json":    asText,
		"audit nowhere --log-format=json":           asJSON,
		"audit --log-format=json":                   asJSON,
		"scan more --log-format json":               asJSON,
		"version --log-format json":                 asText,
		"report nowhere.json":                       asText,
		"scan --log-format json --config nowhere":   asJSON,
		"collect --log-format json -o out --from x": asJSON,
	} {
		f := newFakeTerminal(0, 0)
		if code := f.run(t.Context(), strings.Fields(line)); code != exitBroken {
			t.Errorf("%s: got exit code %d, want %d", line, code, exitBroken)
		}
		got := f.sent.String()
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q…", line, got, want)
		}
		if want != asText {
			if err := jsonLines(got); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		} else if strings.Count(got, "\n") != 2 || !strings.Contains(got, "\nhint: ") {
			t.Errorf("%s: got %q, want an error and a hint", line, got)
		}
	}
}
