package snapshot_test

import (
	"encoding/json"
	"testing"

	"leastwise/collector/snapshot"
)

func TestWithMemberAddsToObjectsOnly(t *testing.T) {
	for _, c := range []struct{ row, value, want string }{
		{`{"b":[1.50],"a":"<&>"}`, "x<1>", `{"a":"<&>","b":[1.50],"of":"x<1>"}`},
		{`{"of":"other"}`, "x", `{"of":"x"}`},
		{`{}`, "", `{"of":""}`},
		{`null`, "x", `null`},
		{`[{}]`, "x", `[{}]`},
		{`"text"`, "x", `"text"`},
		{`{"cut`, "x", `{"cut`},
	} {
		if got := snapshot.WithMember(json.RawMessage(c.row), "of", c.value); string(got) != c.want {
			t.Errorf("%s with %q: %s, want %s", c.row, c.value, got, c.want)
		}
	}
	if row, err := snapshot.Encode(func() {}); err == nil {
		t.Errorf("encoded what has no JSON form as %s", row)
	}
}
