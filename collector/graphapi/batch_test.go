package graphapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/internal/fakegraph"
)

func thing(i int) string { return fmt.Sprintf("%s/%d", things, i) }

// numbered sets an answer for each of n things and makes the requests for them.
func numbered(g *fakegraph.Graph, n int) []graphapi.Request {
	requests := make([]graphapi.Request, n)
	for i := range requests {
		g.On(thing(i), fakegraph.Answer{Body: fmt.Sprintf(`{"id":"%d"}`, i)})
		requests[i].Path = thing(i)
	}
	return requests
}

// outcomes is what each was called with: body or error by index. It fails the test
// when it is called twice for one, or side by side.
func outcomes(t *testing.T, client *graphapi.Client, requests []graphapi.Request) map[int]string {
	t.Helper()
	found := map[int]string{}
	var inside atomic.Int32
	err := client.GetEach(t.Context(), requests, func(i int, body json.RawMessage, err error) error {
		if inside.Add(1) > 1 {
			t.Error("each is called side by side")
		}
		defer inside.Add(-1)
		if _, ok := found[i]; ok {
			t.Errorf("each is called again for %d", i)
		}
		found[i] = string(body)
		if err != nil {
			found[i] = "error: " + err.Error()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// batches lists the paths of the parts of each batch that came, in their order.
func batches(g *fakegraph.Graph) [][]string {
	var list [][]string
	for _, r := range g.Requests("") {
		if r.Batch == 0 {
			continue
		}
		for len(list) < r.Batch {
			list = append(list, nil)
		}
		list[r.Batch-1] = append(list[r.Batch-1], r.Path)
	}
	for _, paths := range list {
		slices.Sort(paths)
	}
	return list
}

func TestManyAreReadTwentyToABatch(t *testing.T) {
	g := fakegraph.Start(t)
	requests, want := numbered(g, 45), map[int]string{}
	for i := range requests {
		want[i] = fmt.Sprintf(`{"id":"%d"}`, i)
	}
	meter := &graphapi.Meter{}
	if got := outcomes(t, g.Client(claims()).Metered(meter), requests); !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	sizes := []int{}
	for _, paths := range batches(g) {
		sizes = append(sizes, len(paths))
	}
	if slices.Sort(sizes); !slices.Equal(sizes, []int{5, 20, 20}) {
		t.Errorf("batches of %v", sizes)
	}
	if usage := meter.Read(); usage.Requests != 3 || usage.Retries != 0 {
		t.Errorf("usage %+v, want 3 requests", usage)
	}
	for _, r := range g.Requests("/v1.0/$batch") {
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
			t.Errorf("%s with %v", r.Method, r.Header)
		}
	}
	if got := outcomes(t, g.Client(claims()), nil); len(got) != 0 || len(g.Requests("/v1.0/$batch")) != 3 {
		t.Errorf("nothing was asked for, and got %v", got)
	}
}

func TestVersionsAreNotMixedInABatch(t *testing.T) {
	g := fakegraph.Start(t).On("/v1.0/a", fakegraph.Answer{Body: `1`}).On("/beta/a", fakegraph.Answer{Body: `2`}).On("/v1.0/b", fakegraph.Answer{Body: `3`})
	got := outcomes(t, g.Client(claims()), []graphapi.Request{
		{Path: "/v1.0/a", Query: graphapi.Query{Select: "id,x", Filter: "a eq 'b c'", ConsistencyLevel: graphapi.Eventual, Count: true}}, {Path: "/beta/a"}, {Path: "/v1.0/b"},
	})
	if want := map[int]string{0: "1", 1: "2", 2: "3"}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for path, n := range map[string]int{"/v1.0/$batch": 1, "/beta/$batch": 1} {
		if got := len(g.Requests(path)); got != n {
			t.Errorf("%d requests to %s", got, path)
		}
	}
	part := g.Requests("/v1.0/a")[0]
	if q := part.Query; q.Get("$select") != "id,x" || q.Get("$filter") != "a eq 'b c'" || q.Get("$count") != "true" || part.Header.Get("ConsistencyLevel") != "eventual" {
		t.Errorf("the part asks with %v %v", part.Query, part.Header)
	}
	if part := g.Requests("/v1.0/b")[0]; len(part.Query)+len(part.Header) != 0 {
		t.Errorf("the part asks with %v %v", part.Query, part.Header)
	}
}

func refusal(status int, pause string) fakegraph.Answer {
	answer := fakegraph.Answer{Status: status, Body: `{"error":{"code":"TooManyRequests","message":"later"}}`}
	if pause != "" {
		answer.Header = map[string]string{"retry-after": pause} // its case is not to be relied on
	}
	return answer
}

// Only what failed in passing is sent again, after the longest pause that was asked
// for; what is refused for good is not.
func TestPartsThatFailInPassingAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegraph.Offline(t)
		requests := numbered(g, 9)
		var at []time.Time
		last := fakegraph.Answer{Body: `{"id":"1"}`, Meanwhile: func() { at = append(at, time.Now()) }}
		g.On(thing(1), refusal(429, "2"), last)
		g.On(thing(2), refusal(503, "7.5"), refusal(429, "0.5"), fakegraph.Answer{Body: `{"id":"2"}`})
		g.On(thing(3), fakegraph.Answer{Status: 424, Body: `{}`}, fakegraph.Answer{Body: `{"id":"3"}`})
		g.On(thing(4), fakegraph.Denied())
		g.On(thing(5), fakegraph.Answer{Status: 404, Body: `{"error":{"code":"Request_ResourceNotFound","message":"gone"}}`})
		g.On(thing(6), fakegraph.Answer{Status: 204})
		g.On(thing(8), fakegraph.Answer{Body: `{"error":{"code":"UnknownError"}}`}, fakegraph.Answer{Body: `{"id":"8"}`})
		g.Spoil(fakegraph.Spoil{Drop: []string{thing(7)}})
		meter, start := &graphapi.Meter{}, time.Now()
		got := outcomes(t, patient(g).Metered(meter), requests)
		want := map[int]string{
			0: `{"id":"0"}`, 1: `{"id":"1"}`, 2: `{"id":"2"}`, 3: `{"id":"3"}`, 6: "", 7: `{"id":"7"}`, 8: `{"id":"8"}`,
			4: "error: GET https://graph.test" + thing(4) + ": HTTP 403: Authorization_RequestDenied: Insufficient privileges to complete the operation.",
			5: "error: GET https://graph.test" + thing(5) + ": HTTP 404: Request_ResourceNotFound: gone",
		}
		if !maps.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		all := []string{thing(0), thing(1), thing(2), thing(3), thing(4), thing(5), thing(6), thing(7), thing(8)}
		if got := batches(g); len(got) != 3 || !slices.Equal(got[0], all) || !slices.Equal(got[1], []string{thing(1), thing(2), thing(3), thing(7), thing(8)}) || !slices.Equal(got[2], []string{thing(2)}) {
			t.Errorf("batches of %v", got)
		}
		if pause := at[0].Sub(start); pause < 7500*time.Millisecond || pause > 8*time.Second {
			t.Errorf("sent again after %v, want the longest pause, 7.5 s", pause)
		}
		usage := meter.Read()
		if total := time.Since(start); usage.Requests != 3 || usage.Retries != 2 || usage.ThrottleSeconds != total.Seconds() || usage.Waiting {
			t.Errorf("usage %+v after %v", usage, total)
		}
	})
}

func TestPartsThatNeverSucceedAreErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(g *fakegraph.Graph)
		sent  int
		want  string
	}{
		{"throttled", func(g *fakegraph.Graph) { g.On(thing(1), refusal(429, "")) }, 7, "GET {{graph}}" + thing(1) + ": HTTP 429: TooManyRequests: later"},
		{"dropped", func(g *fakegraph.Graph) {
			g.Spoil(slices.Repeat([]fakegraph.Spoil{{Drop: []string{thing(1)}}}, 99)...)
		}, 7, "GET {{graph}}" + thing(1) + ": the batch was answered without this part"},
		{"a success that is none", func(g *fakegraph.Graph) {
			g.On(thing(1), fakegraph.Answer{Body: `{"error":{"code":"UnknownError","message":"oops"}}`})
		}, 7, "GET {{graph}}" + thing(1) + ": HTTP 200: UnknownError: oops"},
		{"without an error", func(g *fakegraph.Graph) { g.On(thing(1), fakegraph.Answer{Status: 302}) }, 1, "GET {{graph}}" + thing(1) + ": HTTP 302: Found"},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := fakegraph.Offline(t)
			requests := numbered(g, 2)
			c.spoil(g)
			want := map[int]string{0: `{"id":"0"}`, 1: "error: " + strings.ReplaceAll(c.want, "{{graph}}", g.URL)}
			if got := outcomes(t, g.Client(claims()), requests); !maps.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", c.name, got, want)
			}
			if n := len(g.Requests("/v1.0/$batch")); n != c.sent {
				t.Errorf("%s: %d batches, want %d", c.name, n, c.sent)
			}
		})
	}
}

// A part gives up where a single call does: on a pause that is longer than it may be.
func TestPartsGiveUpOnAPauseThatIsTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegraph.Offline(t)
		requests, start := numbered(g, 2), time.Now()
		g.On(thing(1), refusal(503, "3600"))
		want := map[int]string{0: `{"id":"0"}`, 1: "error: GET " + g.URL + thing(1) + ": HTTP 503: TooManyRequests: later"}
		if got := outcomes(t, g.Client(claims()), requests); !maps.Equal(got, want) || time.Since(start) != 0 {
			t.Errorf("got %v after %v, want %v", got, time.Since(start), want)
		}
		if n := len(g.Requests("/v1.0/$batch")); n != 1 {
			t.Errorf("%d batches, want 1", n)
		}
	})
}

func TestHeadersOfPartsThatAreNoText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for headers, pause := range map[string]time.Duration{
			`{"Retry-After":4,"X":null,"Y":["a"],"Z":{}}`: 4 * time.Second, `[]`: 0, `7`: 0, `null`: 0, `{"retry-after":["4"]}`: 0,
		} {
			g := fakegraph.Offline(t)
			requests, start := numbered(g, 1), time.Now()
			g.Spoil(fakegraph.Spoil{Outer: fakegraph.Answer{Body: `{"responses":[{"id":"0","status":503,"headers":` + headers + `}]}`}})
			got := outcomes(t, g.Client(claims()), requests)
			if took := time.Since(start).Truncate(time.Second); got[0] != `{"id":"0"}` || took != pause || len(g.Requests("/v1.0/$batch")) != 2 {
				t.Errorf("%s: got %v after %v, want a pause of %v", headers, got, took, pause)
			}
		}
	})
}

// What a run that is taken up counts is what an undisturbed one does: the requests,
// not the answers that came with them.
func TestPartsShareTheRequestThatBroughtThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, journal := fakegraph.Offline(t), newMemory()
		requests := numbered(g, 45)
		g.On(thing(1), refusal(503, ""), fakegraph.Answer{Body: `{"id":"1"}`})
		g.On(thing(2), refusal(503, ""), refusal(503, ""), fakegraph.Denied())
		first, second, third := &graphapi.Meter{}, &graphapi.Meter{}, &graphapi.Meter{}
		outcomes(t, journaling(t, g, journal).Metered(first), requests)
		outcomes(t, journaling(t, g, journal).Metered(second), requests) // asks for the one that was denied
		g.On(thing(2), fakegraph.Answer{Body: `{"id":"2"}`})
		outcomes(t, journaling(t, g, journal).Metered(third), requests)
		if a, b, c := first.Read().Requests, second.Read().Requests, third.Read().Requests; a != 5 || b != 5 || c != 5 {
			t.Errorf("%d, %d and %d requests, want 5 each time: three batches, and two again of which one brought nothing", a, b, c)
		}
	})
}

func TestBatchesThatFailAsAWhole(t *testing.T) {
	for _, c := range []struct {
		name   string
		outer  []fakegraph.Answer // before one that is sound
		sent   int
		failed string // what each part gets, if not its answer
	}{
		{"424", []fakegraph.Answer{{Status: 424, Body: `{"responses":[]}`}}, 2, ""},
		{"503", []fakegraph.Answer{{Status: 503, Header: map[string]string{"Retry-After": "0.01"}}}, 2, ""},
		{"garbage", []fakegraph.Answer{{Body: `<html>`}, {Body: `{"responses":{}}`}, {Body: `[]`}}, 4, ""},
		{"cut", []fakegraph.Answer{{Body: `{"responses":[{"id":"0","status":200`, Cut: true}}, 2, ""},
		{"empty", []fakegraph.Answer{{Body: `{}`}}, 2, ""},
		{"answers to nobody", []fakegraph.Answer{{Body: `{"responses":[{"id":"7","status":200,"body":{}},{"id":"x","status":200},{"id":"","status":200}]}`}}, 2, ""},
		{"403", []fakegraph.Answer{fakegraph.Denied()}, 1, "HTTP 403: Authorization_RequestDenied"},
		{"503 for ever", slices.Repeat([]fakegraph.Answer{{Status: 503}}, 9), 4, "HTTP 503: Service Unavailable"},
		{"424 for ever", slices.Repeat([]fakegraph.Answer{{Status: 424}}, 99), 7, "answered without this part"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fakegraph.Start(t)
			requests := numbered(g, 2)
			var spoils []fakegraph.Spoil
			for _, outer := range c.outer {
				spoils = append(spoils, fakegraph.Spoil{Outer: outer})
			}
			got := outcomes(t, g.Spoil(spoils...).Client(claims()), requests)
			for i := range requests {
				if c.failed == "" && got[i] != fmt.Sprintf(`{"id":"%d"}`, i) || !strings.Contains(got[i], c.failed) || len(got) != 2 {
					t.Errorf("got %v, want %q", got, c.failed)
				}
			}
			if n := len(g.Requests("/v1.0/$batch")); n != c.sent {
				t.Errorf("%d batches, want %d", n, c.sent)
			}
		})
	}
}

func TestSignInThatEndsInMidBatchIsToldAsSuch(t *testing.T) {
	g := fakegraph.Start(t)
	requests := numbered(g, 1)
	client := g.Client(map[string]any{"tid": "99999999-0000-4000-8000-000000000009"})
	err := client.GetEach(t.Context(), requests, func(_ int, _ json.RawMessage, err error) error { return err })
	if _, ok := errors.AsType[*identity.WrongTenantError](err); !ok || len(g.Requests("")) != 0 {
		t.Errorf("got %v after %d requests", err, len(g.Requests("")))
	}
}

func TestBodiesOfPartsAreWhatTheyWereMeantToBe(t *testing.T) {
	plain := map[string]string{"Content-Type": "text/plain"}
	for body, want := range map[string]string{
		`{"id":"<&>","x":[1.50]}`: `{"id":"<&>","x":[1.50]}`,
		`[]`:                      `[]`,
	} {
		g := fakegraph.Start(t).On(thing(0), fakegraph.Answer{Body: body}).On(thing(1), fakegraph.Answer{Body: body, Header: plain})
		g.On(thing(2), fakegraph.Answer{Body: "12 <", Header: plain}).On(thing(3), fakegraph.Answer{Body: `"text"`}).On(thing(4), fakegraph.Answer{Body: "\xef\xbb\xbf12", Header: plain})
		got := outcomes(t, g.Client(claims()), []graphapi.Request{{Path: thing(0)}, {Path: thing(1)}, {Path: thing(2)}, {Path: thing(3)}, {Path: thing(4), Query: graphapi.Query{ConsistencyLevel: graphapi.Eventual}}})
		// What travelled as base64 and is no JSON stays what it was.
		if want := map[int]string{0: want, 1: want, 2: `"MTIgPA=="`, 3: `"text"`, 4: "12"}; !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if part := g.Requests(thing(4))[0]; part.Header.Get("ConsistencyLevel") != "eventual" || len(part.Query) != 0 {
			t.Errorf("a count is asked for with %v %v", part.Header, part.Query)
		}
	}
}

func TestKeepDecidesWhatIsSeen(t *testing.T) {
	g := fakegraph.Start(t)
	requests := numbered(g, 3)
	g.On(thing(1), fakegraph.Answer{Body: `{"id":"1","private":"s3cr3t"}`})
	journal := newMemory()
	for i := range requests {
		requests[i].Keep = func(body json.RawMessage) (json.RawMessage, error) {
			if i == 2 {
				return nil, errors.New("no such thing")
			}
			return json.RawMessage(fmt.Sprintf(`{"length":%d}`, len(body))), nil
		}
	}
	want := map[int]string{
		0: `{"length":10}`, 1: `{"length":29}`,
		2: "error: GET " + g.URL + thing(2) + ": HTTP 200: the answer cannot be read: no such thing",
	}
	client := journaling(t, g, journal)
	for _, sent := range []int{1, 2} { // the second time only the one that could not be read
		if got := outcomes(t, client, requests); !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if list := batches(g); len(list) != sent || sent == 2 && !slices.Equal(list[1], []string{thing(2)}) {
			t.Errorf("batches of %v", list)
		}
	}
	if text := journal.text(); strings.Contains(text, "s3cr3t") || !strings.Contains(text, `{"length":29}`) {
		t.Errorf("the journal holds %s", text)
	}
}

func TestEachEndsTheReading(t *testing.T) {
	for name, n := range map[string]int{"one batch": 20, "many batches": 200} {
		t.Run(name, func(t *testing.T) {
			g := fakegraph.Start(t)
			requests, enough, calls := numbered(g, n), errors.New("enough"), 0
			err := g.Client(claims()).GetEach(t.Context(), requests, func(int, json.RawMessage, error) error {
				if calls++; calls == 3 {
					return enough
				}
				return nil
			})
			if !errors.Is(err, enough) || calls != 3 {
				t.Errorf("got %v after %d calls", err, calls)
			}
		})
	}
}

func TestCancelledBatchesEnd(t *testing.T) {
	t.Run("while an answer comes", func(t *testing.T) {
		g := fakegraph.Start(t)
		ctx, cancel := context.WithCancel(t.Context())
		requests := numbered(g, 3)
		g.On(thing(0), fakegraph.Answer{Body: `{}`, Meanwhile: cancel})
		calls := 0
		err := g.Client(claims()).GetEach(ctx, requests, func(int, json.RawMessage, error) error { calls++; return nil })
		if !errors.Is(err, context.Canceled) || calls != 0 {
			t.Errorf("got %v after %d calls", err, calls)
		}
	})
	t.Run("in a pause", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := fakegraph.Offline(t)
			ctx, cancel := context.WithCancel(t.Context())
			requests := numbered(g, 2)
			g.On(thing(0), refusal(429, "300"))
			time.AfterFunc(time.Minute, cancel)
			start, calls := time.Now(), 0
			err := patient(g).GetEach(ctx, requests, func(int, json.RawMessage, error) error { calls++; return nil })
			if !errors.Is(err, context.Canceled) || calls != 1 || time.Since(start) != time.Minute {
				t.Errorf("got %v after %d calls and %v", err, calls, time.Since(start))
			}
		})
	})
}
