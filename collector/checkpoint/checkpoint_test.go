package checkpoint_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"leastwise/collector/checkpoint"
	"leastwise/collector/graphapi"
)

func now() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

func about() checkpoint.About {
	return checkpoint.About{Tenant: "t", Cloud: "global", Tool: "1.2.3", Started: now()}
}

func open(t *testing.T, dest string, resume bool) *checkpoint.Checkpoint {
	t.Helper()
	c, err := checkpoint.Open(dest, about(), resume)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func finish(t *testing.T, c *checkpoint.Checkpoint) {
	t.Helper()
	if err := errors.Join(c.Err(), c.Close()); err != nil {
		t.Fatal(err)
	}
}

// record keeps an answer of some rows.
func record(t *testing.T, c *checkpoint.Checkpoint, key string, kept graphapi.Kept, rows ...string) {
	t.Helper()
	r := c.Record(key)
	for _, row := range rows {
		if err := r.Row(json.RawMessage(row)); err != nil {
			t.Error(err)
		}
	}
	if err := r.End(kept); err != nil {
		t.Error(err)
	}
}

// recall is an answer as text; "" when it is not there.
func recall(t *testing.T, c *checkpoint.Checkpoint, key string) string {
	t.Helper()
	var rows []string
	kept, ok, err := c.Recall(key, func(row json.RawMessage) error {
		rows = append(rows, string(row))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !ok && len(rows) > 0 {
		t.Errorf("rows %q of an answer that is not there", rows)
	}
	if !ok {
		return ""
	}
	return fmt.Sprintf("%q %+v", rows, kept)
}

func TestAnswersComeBack(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "new", "snapshot")
	if checkpoint.Exists(dest) {
		t.Error("a checkpoint stands where nothing is")
	}
	c := open(t, dest, true) // there is none to go on with
	if !c.Empty() || c.Resumed != 0 || !checkpoint.Exists(dest) {
		t.Errorf("a new one holds %d answers", c.Resumed)
	}
	large := `{"id":"` + strings.Repeat("名", 100_000) + `"}`
	kept := graphapi.Kept{Next: "https://x?$skiptoken=1", Delta: "https://x?$deltatoken=2", Count: 3, Requests: 4}
	record(t, c, "page", kept, `{"id": "a" ,"x":[1.50]}`, large)
	record(t, c, "empty", graphapi.Kept{Requests: 1})
	record(t, c, "count", graphapi.Kept{}, "\xef\xbb\xbf12\n")
	if err := c.Record("half").Row(json.RawMessage(`{}`)); err != nil { // never ended
		t.Error(err)
	}
	want := map[string]string{
		"page": fmt.Sprintf("%q %+v", []string{`{"id":"a","x":[1.50]}`, large}, kept), "empty": fmt.Sprintf("%q %+v", []string{}, graphapi.Kept{Requests: 1}),
		"count": fmt.Sprintf("%q %+v", []string{"\xef\xbb\xbf12 "}, graphapi.Kept{}), "half": "", "other": "",
	}
	check := func() {
		t.Helper()
		for key, want := range want {
			if got := recall(t, c, key); got != want {
				t.Errorf("%s: %.200s, want %.200s", key, got, want)
			}
		}
	}
	check()
	finish(t, c)
	later := about()
	later.Started = now().Add(checkpoint.MaxAge)
	c, err := checkpoint.Open(dest, later, true)
	if err != nil {
		t.Fatal(err)
	}
	if c.Resumed != 3 || c.Empty() || !c.About.Started.Equal(now()) {
		t.Errorf("%d answers of the run of %v, want 3 of the first", c.Resumed, c.About.Started)
	}
	check()
	stop := errors.New("enough")
	if _, ok, err := c.Recall("page", func(json.RawMessage) error { return stop }); ok || !errors.Is(err, stop) {
		t.Errorf("got %v, %v", ok, err)
	}
	if err := c.Remove(); err != nil || checkpoint.Exists(dest) {
		t.Errorf("removed: %v", err)
	}
}

func TestForgottenAnswersStayForgotten(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "s")
	c := open(t, dest, false)
	record(t, c, "a", graphapi.Kept{}, "1")
	record(t, c, "b", graphapi.Kept{}, "2")
	record(t, c, "b", graphapi.Kept{}, "3")
	record(t, c, "c", graphapi.Kept{}, "4")
	if err := c.Forget("a", "c", "unknown"); err != nil {
		t.Fatal(err)
	}
	record(t, c, "c", graphapi.Kept{}, "5")
	for range 2 {
		for key, want := range map[string]string{"a": "", "b": `["3"]`, "c": `["5"]`} {
			if got := recall(t, c, key); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
				t.Errorf("%s: %q, want %q", key, got, want)
			}
		}
		finish(t, c)
		c = open(t, dest, true)
	}
	if c.Resumed != 2 {
		t.Errorf("%d answers", c.Resumed)
	}
	finish(t, c)
	if c = open(t, dest, false); !c.Empty() || c.Resumed != 0 || recall(t, c, "b") != "" {
		t.Error("a run that is not taken up finds answers")
	}
	finish(t, c)
}

// written makes a file of some records, and tells what it held at each size that it
// had.
func written(t *testing.T) (data []byte, held map[int]map[string]string) {
	t.Helper()
	dest := filepath.Join(t.TempDir(), "s")
	c := open(t, dest, false)
	held, now := map[int]map[string]string{}, map[string]string{}
	step := func(key string) {
		if now[key] = recall(t, c, key); now[key] == "" {
			delete(now, key)
		}
		info, err := os.Stat(checkpoint.Path(dest))
		if err != nil {
			t.Fatal(err)
		}
		held[int(info.Size())] = maps.Clone(now)
	}
	step("none")
	for i := range 6 {
		key := fmt.Sprint("key", i)
		record(t, c, key, graphapi.Kept{Next: fmt.Sprint(i), Requests: 1}, slices.Repeat([]string{fmt.Sprintf(`{"id":"%d"}`, i)}, i)...)
		step(key)
		if i == 3 {
			if err := c.Forget("key1"); err != nil {
				t.Fatal(err)
			}
			step("key1")
		}
	}
	record(t, c, "key1", graphapi.Kept{Requests: 2}, `{"id":"again"}`)
	step("key1")
	finish(t, c)
	data, err := os.ReadFile(checkpoint.Path(dest))
	if err != nil {
		t.Fatal(err)
	}
	return data, held
}

// upTo is what was held when the file had at most size bytes.
func upTo(held map[int]map[string]string, size int) map[string]string {
	last := -1
	for at := range held {
		if at <= size {
			last = max(last, at)
		}
	}
	return held[last]
}

// loaded writes data as a checkpoint and takes it up.
func loaded(t *testing.T, dest string, data []byte) (*checkpoint.Checkpoint, map[string]string) {
	t.Helper()
	if err := os.WriteFile(checkpoint.Path(dest), data, 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, dest, true)
	found := map[string]string{}
	for i := range 6 {
		key := fmt.Sprint("key", i)
		if text := recall(t, c, key); text != "" {
			found[key] = text
		}
	}
	if c.Resumed != len(found) {
		t.Errorf("%d answers are told, %d found", c.Resumed, len(found))
	}
	return c, found
}

func TestKilledAtAnyByteWholeRecordsSurvive(t *testing.T) {
	data, held := written(t)
	dest := filepath.Join(t.TempDir(), "s")
	for size := range len(data) + 1 {
		c, got := loaded(t, dest, data[:size])
		want := upTo(held, size)
		if !maps.Equal(got, want) {
			t.Fatalf("cut at %d of %d bytes: %v, want %v", size, len(data), got, want)
		}
		record(t, c, "more", graphapi.Kept{}, "1") // it goes on from there
		finish(t, c)
		c = open(t, dest, true)
		if c.Resumed != len(want)+1 || recall(t, c, "more") == "" {
			t.Fatalf("cut at %d bytes, gone on and taken up: %d answers, want %d", size, c.Resumed, len(want)+1)
		}
		finish(t, c)
	}
}

func TestDamageCostsWhatStandsBehindIt(t *testing.T) {
	data, held := written(t)
	dest, head := filepath.Join(t.TempDir(), "s"), bytes.IndexByte(data, '\n')+1
	for at := head; at < len(data); at++ {
		damaged := bytes.Clone(data)
		damaged[at] ^= []byte{0x01, 0x80, 0xff}[at%3]
		c, got := loaded(t, dest, damaged)
		if want := upTo(held, at); !maps.Equal(got, want) {
			t.Fatalf("damaged at %d: %v, want %v", at, got, want)
		}
		finish(t, c)
	}
	// What a crash of the machine leaves: the length of the file, and no content.
	c, got := loaded(t, dest, append(bytes.Clone(data), make([]byte, 500)...))
	if want := upTo(held, len(data)); !maps.Equal(got, want) {
		t.Errorf("with nothing behind it: %v, want %v", got, want)
	}
	finish(t, c)
}

func TestOnlyTheSameCollectionIsTakenUp(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "s")
	c := open(t, dest, false)
	record(t, c, "a", graphapi.Kept{}, "1")
	finish(t, c)
	for _, c := range []struct {
		change func(*checkpoint.About)
		want   string
	}{
		{func(a *checkpoint.About) { a.Tenant = "u" }, "is of tenant t in cloud global"},
		{func(a *checkpoint.About) { a.Cloud = "china" }, "is of tenant t in cloud global"},
		{func(a *checkpoint.About) { a.Tool = "1.2.4" }, "was begun by another version of leastwise"},
		{func(a *checkpoint.About) { a.Started = now().Add(checkpoint.MaxAge + time.Second) }, "was begun on 2026-11-20T12:00:00Z, more than 24h"},
	} {
		other := about()
		c.change(&other)
		_, err := checkpoint.Open(dest, other, true)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), checkpoint.Path(dest)) || !strings.HasSuffix(err.Error(), "; hint: collect without --resume") {
			t.Errorf("%+v: got %v, want %q", other, err, c.want)
		}
	}
	if c = open(t, dest, true); c.Resumed != 1 { // who is refused changes nothing
		t.Errorf("%d answers", c.Resumed)
	}
	finish(t, c)
	for text, want := range map[string]string{
		"no JSON\n": "invalid character", "[]\n": "cannot unmarshal", `{"version":99,"tenant":"t","cloud":"global","tool":"1.2.3"}` + "\n": "another version",
	} {
		if err := os.WriteFile(checkpoint.Path(dest), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := checkpoint.Open(dest, about(), true); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "; hint: collect without --resume") {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	finish(t, open(t, dest, false)) // as the hint says
}

func TestOneRunAtATime(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "s")
	c := open(t, dest, false)
	record(t, c, "a", graphapi.Kept{}, "1")
	for _, resume := range []bool{true, false} {
		_, err := checkpoint.Open(dest, about(), resume)
		busy, ok := errors.AsType[*checkpoint.BusyError](err)
		if !ok || busy.Path != checkpoint.Path(dest) || busy.Hint() == "" || !strings.Contains(err.Error(), "another run") {
			t.Errorf("got %v", err)
		}
	}
	record(t, c, "b", graphapi.Kept{}, "2")
	finish(t, c)
	if c = open(t, dest, true); c.Resumed != 2 {
		t.Errorf("%d answers: who found it busy has changed it", c.Resumed)
	}
	finish(t, c)
}

func TestSecretsAreNotKept(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "s")
	c := open(t, dest, false)
	record(t, c, "a", graphapi.Kept{}, `{"id":"1","passwordCredentials":[{"keyId":"k","hint":"hunter2","secretText":"hunter2","end":1}],
		"keyCredentials":[{"key":"hunter2","usage":"Verify"}],"SecretText":"hunter2","\u006bey":"hunter2","access_token":"hunter2"}`)
	record(t, c, "whole", graphapi.Kept{}, `{"value":[{"deep":{"passwordCredentials":[{"hint":"hunter2"}]}}]}`)
	got := []string{recall(t, c, "a"), recall(t, c, "whole")}
	want := []string{
		fmt.Sprintf("%q %+v", []string{`{"id":"1","keyCredentials":[{"usage":"Verify"}],"passwordCredentials":[{"end":1,"keyId":"k"}]}`}, graphapi.Kept{}),
		fmt.Sprintf("%q %+v", []string{`{"value":[{"deep":{"passwordCredentials":[{}]}}]}`}, graphapi.Kept{}),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	finish(t, c)
	data, err := os.ReadFile(checkpoint.Path(dest))
	if err != nil || bytes.Contains(data, []byte("hunter2")) {
		t.Errorf("the file holds a secret, %v", err)
	}
	info, err := os.Stat(checkpoint.Path(dest))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
}

func TestUseSideBySide(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "s")
	c := open(t, dest, false)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 50 {
				key := fmt.Sprint(i, "/", j)
				record(t, c, key, graphapi.Kept{Count: j}, slices.Repeat([]string{`{"id":"` + key + `"}`}, j%5)...)
				if j%3 == 0 {
					if err := c.Forget(key); err != nil {
						t.Error(err)
					}
				}
				_ = c.Empty()
			}
		})
	}
	group.Wait()
	check := func() {
		for i := range 8 {
			for j := range 50 {
				key, want := fmt.Sprint(i, "/", j), ""
				if j%3 != 0 {
					want = fmt.Sprintf("%q %+v", slices.Repeat([]string{`{"id":"` + key + `"}`}, j%5), graphapi.Kept{Count: j})
				}
				if got := recall(t, c, key); got != want {
					t.Errorf("%s: %s, want %s", key, got, want)
				}
			}
		}
	}
	check()
	finish(t, c)
	c = open(t, dest, true)
	check()
	finish(t, c)
}

// A checkpoint that cannot be written to, as on a full disk, keeps what it has and
// does not stop the collection.
func TestFailedWriteEndsTheKeepingOnly(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "s")
	c := open(t, dest, false)
	record(t, c, "a", graphapi.Kept{}, "1")
	finish(t, c) // from here on writing fails
	record(t, c, "b", graphapi.Kept{}, "2")
	if err := c.Forget("a"); err != nil {
		t.Error(err)
	}
	record(t, c, "c", graphapi.Kept{}, "3")
	if err := c.Err(); err == nil || !strings.HasPrefix(err.Error(), "keep checkpoint: ") {
		t.Errorf("got %v", err)
	}
	if got := recall(t, c, "b") + recall(t, c, "c"); got != "" {
		t.Errorf("what could not be kept is there: %s", got)
	}
}

func TestPathStandsBesideTheSnapshot(t *testing.T) {
	for dest, want := range map[string]string{"a/b": "a/.b.checkpoint", "a/b/": "a/.b.checkpoint", "b": ".b.checkpoint", "a/../b": ".b.checkpoint"} {
		if got := checkpoint.Path(filepath.FromSlash(dest)); got != filepath.FromSlash(want) {
			t.Errorf("%s: %s, want %s", dest, got, want)
		}
	}
}

// A snapshot has to see that text is damaged, which taking out secrets would mend: such
// an answer is read again.
func TestDamagedTextIsNotKept(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "snapshot")
	c := open(t, dest, false)
	sound, damaged := `{"id":"�","key":"x"}`, "{\"id\":\"\xff\",\"keyCredentials\":[{\"key\":\"x\"}]}"
	record(t, c, "first", graphapi.Kept{Requests: 1}, sound, damaged)
	record(t, c, "last", graphapi.Kept{Requests: 2}, damaged, sound)
	record(t, c, "without a secret", graphapi.Kept{Requests: 3}, "{\"id\":\"\xff\"}")
	record(t, c, "sound", graphapi.Kept{Requests: 4}, sound)
	finish(t, c)
	c = open(t, dest, true)
	defer finish(t, c)
	for key, want := range map[string]string{
		"first": "", "last": "", "without a secret": "", "sound": fmt.Sprintf("%q %+v", []string{`{"id":"�"}`}, graphapi.Kept{Requests: 4}),
	} {
		if got := recall(t, c, key); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
	if c.Resumed != 1 {
		t.Errorf("%d answers were kept", c.Resumed)
	}
}
