package graphapi_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
)

// Two answers to one part, or one under a number that was not sent, are none.
func TestPartsAnsweredTwiceAreSentAgain(t *testing.T) {
	part := func(id, body string) string { return `{"id":"` + id + `","status":200,"body":` + body + `}` }
	for name, parts := range map[string][]string{
		"twice":          {part("0", `{"id":"x"}`), part("1", `{"id":"1"}`), part("0", `{"id":"0"}`)},
		"twice the same": {part("0", `{"id":"0"}`), part("1", `{"id":"1"}`), part("0", `{"id":"0"}`)},
		"thrice":         {part("0", `{"id":"x"}`), part("1", `{"id":"1"}`), part("0", `{"id":"y"}`), part("0", `{"id":"z"}`)},
		"with a sign":    {part("1", `{"id":"1"}`), part("+0", `{"id":"x"}`)},
		"negative":       {part("1", `{"id":"1"}`), part("-0", `{"id":"x"}`)},
		"with zeros":     {part("00", `{"id":"x"}`), part("1", `{"id":"1"}`)},
		"both":           {part("0", `{"id":"0"}`), part("1", `{"id":"1"}`), part("00", `{"id":"x"}`)},
		"both, turned":   {part("00", `{"id":"x"}`), part("0", `{"id":"0"}`), part("1", `{"id":"1"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			answer := fakegraph.Answer{Body: `{"responses":[` + strings.Join(parts, ",") + `]}`}
			g := fakegraph.Start(t).On(thing(0), fakegraph.Answer{Body: `{"id":"again"}`}).Spoil(fakegraph.Spoil{Outer: answer})
			requests := []graphapi.Request{{Path: thing(0)}, {Path: thing(1)}}
			if got, want := outcomes(t, g.Client(claims()), requests), (map[int]string{0: `{"id":"again"}`, 1: `{"id":"1"}`}); !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			// Where it stays so, the part was not answered.
			g.Spoil(slices.Repeat([]fakegraph.Spoil{{Outer: answer}}, 20)...)
			if got := outcomes(t, g.Client(claims()), requests); !strings.HasSuffix(got[0], "the batch was answered without this part") || got[1] != `{"id":"1"}` {
				t.Errorf("got %v", got)
			}
		})
	}
}

// What its reader cannot use is not kept: a run that is taken up asks for it again.
func TestAnswersThatAreNoPageAreNotKept(t *testing.T) {
	for _, body := range []string{`{}`, `{"id":"no collection"}`, `{"value":{}}`, `{"value":[],"value":[]}`, `[]`} {
		g, journal := fakegraph.Start(t).On(things, fakegraph.Answer{Body: body}), newMemory()
		got := gather(t, journaling(t, g, journal), graphapi.Request{Path: things})
		if !strings.Contains(got.errs[0], "HTTP 200: the answer cannot be read: ") || len(journal.pages()) != 0 {
			t.Errorf("%s: got %+v, the journal holds %q", body, got, journal.pages())
		}
		g.On(things, fakegraph.Value(row("a")))
		gather(t, journaling(t, g, journal), graphapi.Request{Path: things}).check(t, map[int][]string{0: {row("a")}}, map[int]int{0: -1}, map[int]string{})
		if len(journal.pages()) != 1 {
			t.Errorf("%s: a page was not kept", body)
		}
	}
	// Keep comes first: what it drops is neither seen nor kept.
	g, journal := fakegraph.Start(t).On(things, fakegraph.Value(`{"id":"a","key":"x"}`)), newMemory()
	keep := func(json.RawMessage) (json.RawMessage, error) { return json.RawMessage(`{"value":[{"id":"a"}]}`), nil }
	gather(t, journaling(t, g, journal), graphapi.Request{Path: things, Keep: keep}).check(t, map[int][]string{0: {row("a")}}, map[int]int{0: -1}, map[int]string{})
	if text := journal.text(); strings.Contains(text, "key") || !strings.Contains(text, `{"id":"a"}`) {
		t.Errorf("the journal holds %s", text)
	}
}
