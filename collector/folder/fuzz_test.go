package folder

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leastwise/collector"
	"leastwise/collector/saved"
	"leastwise/collector/snapshot"
)

func seeds() []string {
	return []string{
		`[{"id":"1","appId":"a","passwordCredentials":[{"hint":"abc","secretText":"s"}]}]`,
		`{"@odata.context":"https://x/$metadata#applications('o')/owners","value":[{"id":"u"}]}`,
		`{"@odata.context":"https://x/$metadata#users","value":[]}`,
		`{"responses":[{"id":"/applications/bbbbbbbb-0000-4000-8000-000000000001/owners","status":200,"body":{"value":[{"id":"u"}]}},{"id":"2","status":403}]}`,
		`{"Id":"1","AppId":"a","CreatedDateTime":"\/Date(1646179305000)\/","AdditionalProperties":{"@odata.type":"x"}}`,
		`{"OwningApplicationId":"cccccccc-0000-4000-8000-000000000003","Applications":["x",null],"AppOnlyPermissions":{"value":[1,"Read"]},"DelegatedPermissions":"{None...}"}`,
		`{"value":{"@odata.type":"x","id":"1"}}`, `[{"id":"1","@removed":{}}]`, "{\"id\":\"1\"}\r\n\r\n{\"id\":\"2\"}", `{"error":{"code":"accessDenied"}}`,
		"\xff\xfe[\x00]\x00", "OwningApplicationId;ApplicationId;AppOnlyPermissions\nx;y;Read,Write\n", "#TYPE x\n\"a\"\n", "", "[",
	}
}

// FuzzCollect reads arbitrary bytes as a file of any dataset. What is said to be
// collected is JSON or a table that was read to its end, and holds no secret.
func FuzzCollect(f *testing.F) {
	for i, seed := range seeds() {
		f.Add(i, false, []byte(seed))
	}
	f.Add(20, true, []byte("OwningApplicationId;ApplicationId;AppOnlyPermissions\nx;y;Read,Write\n"))
	f.Fuzz(func(t *testing.T, index int, table bool, data []byte) {
		names := snapshot.Names()
		name := names[uint(index)%uint(len(names))]
		file := name + ".json"
		if table {
			name, file = snapshot.ContainerTypeGrants, snapshot.ContainerTypeGrants+".csv"
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
			t.Fatal(err)
		}
		source, err := New(Options{Path: dir})
		if err != nil {
			t.Fatal(err)
		}
		tenant, err := source.Tenant()
		if err != nil || tenant.ID == "" {
			tenant.ID = "t"
		}
		w, err := snapshot.Create(filepath.Join(t.TempDir(), "snap"), tenant, snapshot.Tool{}, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		err = collector.Collect(t.Context(), w, source)
		if err != nil && !strings.Contains(err.Error(), "is of tenant") {
			t.Fatal(err)
		}
		d, _ := w.Has(name)
		switch {
		case err != nil:
		case !d.Status.Known() || d.Status != snapshot.Collected && d.Reason == "":
			t.Fatalf("%q: got %+v", data, d)
		case d.Status == snapshot.Collected && !table && !isJSON(data):
			t.Fatalf("%q was collected", data)
		}
		if err := w.Abort(); err != nil {
			t.Fatal(err)
		}
	})
}

// isJSON reports whether text is JSON values one after the other. UTF-16 is taken
// to be.
func isJSON(text []byte) bool {
	if bytes.ContainsRune(text, 0) {
		return true
	}
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	for n := 0; ; n++ {
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return n > 0 && err.Error() == "EOF"
		}
	}
}

// FuzzRow turns arbitrary rows back and completes them: an object stays one, and
// doing it again changes nothing.
func FuzzRow(f *testing.F) {
	for i, seed := range seeds() {
		f.Add(i, "applications('o')/owners", seed)
	}
	f.Add(7, "storage/fileStorage/containers('b!x')/permissions/$entity", `{"id":"p"}`)
	f.Add(9, "roleManagement/directory/roleEligibilityScheduleInstances(id)", `{"ID":"p","Ab":{"cD":["/Date(1)/"]},"É":1,"é":2}`)
	f.Fuzz(func(t *testing.T, index int, context, text string) {
		names := snapshot.Names()
		name := names[uint(index)%uint(len(names))]
		row := json.RawMessage(text)
		if !json.Valid(row) {
			return
		}
		done := complete(name, parseContext(context), plain(name, row))
		var object map[string]any
		if !json.Valid(done) || (json.Unmarshal(row, &object) == nil && object != nil) != (json.Unmarshal(done, &object) == nil && object != nil) {
			t.Fatalf("%s becomes %s", row, done)
		}
		if again := complete(name, parseContext(context), plain(name, done)); !bytes.Equal(again, done) {
			t.Fatalf("%s becomes %s, and that %s", row, done, again)
		}
	})
}

// FuzzCollection reads arbitrary contexts and paths.
func FuzzCollection(f *testing.F) {
	for _, text := range []string{
		"applications('o')/owners", "applications(id,owners())/$entity", "applications(appId='o')/federatedIdentityCredentials(id)", "Collection(microsoft.graph.application)",
		"roleManagement/directory/roleDefinitions(inheritsPermissionsFrom())/$entity", "/v1.0/applications/bbbbbbbb-0000-4000-8000-000000000001/owners", "/", "", "(((", ")", "a('b')('c')", "//('x')",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range []collection{parseContext(text), parsePath(text)} {
			if c.name != strings.ToLower(c.name) {
				t.Errorf("%q is called %q", text, c.name)
			}
			if dataset, _ := c.dataset(); dataset != "" && !c.fits(dataset) {
				t.Errorf("%q is of %s and does not fit", text, dataset)
			}
		}
	})
}

// FuzzRecognise asks of arbitrary bodies what they are of: a dataset, or a reason why
// it is none, or an error with its place.
func FuzzRecognise(f *testing.F) {
	for _, seed := range seeds() {
		f.Add([]byte(seed), "a.json")
	}
	f.Add([]byte("[]"), "dir/applications.json")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		found, err := Recognise(bytes.NewReader(data), name)
		switch problem, ok := err.(*saved.Error); { //nolint:errorlint // the type is what is promised
		case err != nil && (!ok || problem.Line < 1 || problem.Reason == ""):
			t.Fatalf("got %#v", err)
		case err == nil && (found.Dataset == "") == (found.Not == ""), err == nil && found.Dataset != "" && !snapshot.KnownName(found.Dataset):
			t.Fatalf("got %+v", found)
		}
	})
}
