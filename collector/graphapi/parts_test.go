package graphapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
)

func TestSameHost(t *testing.T) {
	for address, want := range map[string]bool{
		"https://manage.office.com/api":      true,
		"https://MANAGE.office.com:443/api":  true,
		"http://manage.office.com/api":       false,
		"https://manage.office.com:8443/api": false,
		"https://ada@manage.office.com/api":  false,
		"https://manage.office.com.example/": false,
		"/api":                               false,
		"https://%zz":                        false,
	} {
		if got := graphapi.SameHost("https://manage.office.com", address); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
	if graphapi.SameHost(":", "https://manage.office.com") {
		t.Error("no base")
	}
}

func TestElements(t *testing.T) {
	long := `{"a":["` + strings.Repeat("x", 200000) + `\"\u00e9",{}]}`
	for _, c := range []struct {
		text string
		want []string
		err  string
	}{
		{`[]`, nil, ""},
		{"\xef\xbb\xbf[1, {\"a\": [2]}, null]\n", []string{`1`, `{"a": [2]}`, `null`}, ""},
		{``, nil, "unexpected EOF"},
		{`[1,`, []string{`1`}, "unexpected EOF"},
		{`[1`, []string{`1`}, "unexpected EOF"},
		{`[1 2]`, []string{`1`}, "comma after array element"},
		{`[1,]`, []string{`1`}, `']' stands where a value is expected`},
		{`[{"a":"x` + "\n" + `"}]`, nil, `stands where text is expected`},
		{`[{"a":tru}]`, nil, `'}' stands where true is expected`},
		{`[{"a":01}]`, nil, `'1' stands where a comma is expected`},
		{`[12,` + long + `,-0.5e+3]`, []string{`12`, long, `-0.5e+3`}, ""},
		{`[` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `]`, nil, "nested too deep"},
		{`[1] [2]`, []string{`1`}, "more stands behind its end"},
		{`{"value":[]}`, nil, "{ stands where [ is expected"},
		{`null`, nil, "stands where [ is expected"},
	} {
		var got []string
		err := graphapi.Elements(iotest.OneByteReader(strings.NewReader(c.text)), func(element json.RawMessage) error {
			got = append(got, string(element))
			return nil
		})
		if !slices.Equal(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: %v, %v", c.text, got, err)
		}
	}
	broken := errors.New("broken")
	for text, want := range map[string][]string{`[{"a":1}`: {`{"a":1}`}, `[{"a":1},{`: {`{"a":1}`}, `[{}]`: {`{}`}} {
		var got []string
		err := graphapi.Elements(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), func(element json.RawMessage) error {
			got = append(got, string(element))
			return nil
		})
		if !slices.Equal(got, want) || !errors.Is(err, broken) {
			t.Errorf("%q of a body that breaks: %v, %v", text, got, err)
		}
	}
	full := errors.New("full")
	if err := graphapi.Elements(strings.NewReader(`[1,2]`), func(json.RawMessage) error { return full }); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}

func TestPause(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "x": 0, "-1": 0, "2": 2001 * time.Millisecond, "0.5": 501 * time.Millisecond} {
		h := http.Header{"Retry-After": {text}, "Retry-After-Ms": {"99"}}
		if got := graphapi.Pause(h, fakegraph.Now()); got != want || h.Get("Retry-After-Ms") != "99" {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestWidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := graphapi.NewWidth(2)
		for range 2 {
			if err := w.Enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		waits := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			return w.Enter(ctx)
		}
		if err := waits(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a third one: %v", err)
		}
		w.Leave(true) // one is left, which is all that a refusal allows
		if err := waits(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after a refusal: %v", err)
		}
		w.Quit()
		if err := waits(); err != nil {
			t.Errorf("%v", err)
		}
	})
}

// What is asked for unkept is asked for every time, and lies on no disk.
func TestUnkept(t *testing.T) {
	g := fakegraph.Start(t).On("/v1.0/things", fakegraph.Answer{Status: 201, Body: `{"id":"1"}`})
	client := g.Client(claims(), func(o *graphapi.Options) { o.Journal = untouched{t} })
	if _, _, err := client.Claims(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var made struct{ ID string }
		if err := client.Unkept().Post(t.Context(), "/v1.0/things", map[string]int{"size": 1}, &made); err != nil || made.ID != "1" {
			t.Errorf("%+v %v", made, err)
		}
	}
	sent := g.Requests("/v1.0/things")
	if len(sent) != 2 || sent[0].Method != http.MethodPost || sent[0].Body != `{"size":1}` {
		t.Errorf("%+v", sent)
	}
}

// untouched is a journal that nobody may use.
type untouched struct{ t *testing.T }

func (u untouched) Recall(string, func(json.RawMessage) error) (graphapi.Kept, bool, error) {
	u.t.Error("an answer is looked for")
	return graphapi.Kept{}, false, nil
}

func (u untouched) Record(string) graphapi.Record {
	u.t.Error("an answer is kept")
	return nil
}

func (u untouched) Forget(...string) error { return nil }
