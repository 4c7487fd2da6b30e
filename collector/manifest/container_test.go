package manifest_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"leastwise/collector/manifest"
)

// A dataset with a location names its container there: the first folder is none. Only in
// old datasets the folder begins with it.
func TestContainers(t *testing.T) {
	const (
		none = "the dataset Out names no container"
		lake = `"type":"AzureBlobFS","typeProperties":{"url":"https://acct.dfs.core.windows.net%s"}`
		blob = `"type":"AzureBlobStorage","typeProperties":{"serviceEndpoint":"https://acct.blob.core.windows.net%s"}`
		at   = `"location":{"type":"AzureBlobFSLocation"%s}`
	)
	for _, c := range []struct{ name, service, place, location, reason string }{
		{"file system and folder", fmt.Sprintf(lake, ""), fmt.Sprintf(at, `,"fileSystem":"mail","folderPath":"raw"`), "https://acct.dfs.core.windows.net/mail/raw", ""},
		{"no file system", fmt.Sprintf(lake, ""), fmt.Sprintf(at, `,"folderPath":"mail/raw"`), "", none},
		{"file only", fmt.Sprintf(lake, ""), fmt.Sprintf(at, `,"fileName":"mail/raw.json"`), "", none},
		{"empty file system", fmt.Sprintf(lake, ""), fmt.Sprintf(at, `,"fileSystem":"","folderPath":"mail/raw"`), "", none},
		{"file system of an empty expression", fmt.Sprintf(lake, ""), fmt.Sprintf(at, `,"fileSystem":{"value":"@concat('','')","type":"Expression"},"folderPath":"mail/raw"`), "", none},
		{"file system that is a slash", fmt.Sprintf(lake, ""), fmt.Sprintf(at, `,"fileSystem":"/","folderPath":"mail/raw"`), "", none},
		{"no container", fmt.Sprintf(blob, ""), fmt.Sprintf(at, `,"folderPath":"mail/raw"`), "", none},
		{"container", fmt.Sprintf(blob, ""), fmt.Sprintf(at, `,"container":"mail","folderPath":"raw"`), "https://acct.blob.core.windows.net/mail/raw", ""},
		{"the linked service gives it", fmt.Sprintf(lake, "/mail"), fmt.Sprintf(at, `,"folderPath":"raw"`), "https://acct.dfs.core.windows.net/mail/raw", ""},
		{"old dataset", fmt.Sprintf(blob, ""), `"folderPath":"mail/raw"`, "https://acct.blob.core.windows.net/mail/raw", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := writesTo(t, c.service, c.place)
			location := ""
			if got.Destination != nil {
				location = got.Destination.Location
			}
			if location != c.location {
				t.Errorf("got the location %q, want %q", location, c.location)
			}
			var reasons []string
			for _, u := range got.Unresolved {
				if u.Field == "destination" {
					reasons = append(reasons, u.Reason)
				}
			}
			if c.reason == "" && reasons != nil || c.reason != "" && (len(reasons) != 1 || reasons[0] != c.reason) {
				t.Errorf("got %q, want %q", reasons, c.reason)
			}
		})
	}
}

type written struct {
	Destination *struct{ Location string }
	Unresolved  []struct{ Field, Reason string }
}

// writesTo reads a copy to a linked service, by a dataset with this place.
func writesTo(t *testing.T, service, place string) written {
	t.Helper()
	dir := unpack(t, []txtar.File{
		{Name: "linkedService/M365.json", Data: []byte(`{"name":"M365","properties":{"type":"Office365","typeProperties":{"servicePrincipalId":"a"}}}`)},
		{Name: "linkedService/Sink.json", Data: []byte(`{"name":"Sink","properties":{` + service + `}}`)},
		{Name: "dataset/Mail.json", Data: []byte(`{"name":"Mail","properties":{"type":"Office365Table","linkedServiceName":{"referenceName":"M365"},"typeProperties":{"tableName":"Mail"}}}`)},
		{Name: "dataset/Out.json", Data: []byte(`{"name":"Out","properties":{"type":"Binary","linkedServiceName":{"referenceName":"Sink"},"typeProperties":{` + place + `}}}`)},
		{Name: "pipeline/P.json", Data: []byte(`{"name":"P","properties":{"activities":[{"name":"C","type":"Copy","inputs":[{"referenceName":"Mail"}],"outputs":[{"referenceName":"Out"}],
			"typeProperties":{"source":{"type":"Office365Source"},"sink":{"type":"BinarySink"}}}]}}`)},
	})
	r := collect(t, manifest.Options{Paths: []string{dir}})
	if r.err != nil || len(r.rows) != 1 {
		t.Fatalf("got %d rows and %v", len(r.rows), r.err)
	}
	var row written
	if err := json.Unmarshal([]byte(r.rows[0]), &row); err != nil {
		t.Fatal(err)
	}
	return row
}
