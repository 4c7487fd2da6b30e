package subject

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"leastwise/collector/snapshot"
)

func TestDecodeReadsAsFarAsItCan(t *testing.T) {
	var row wireApplication
	fault, err := decode([]byte(`{"id":"1","displayName":5,"passwordCredentials":[{"keyId":"a","endDateTime":{}},7,{"keyId":"b"}],"appId":"x"}`), &row)
	if err != nil || fault != "/displayName: expected string, found number" {
		t.Errorf("got fault %q and error %v", fault, err)
	}
	if row.ID != "1" || row.AppID != "x" || len(row.PasswordCredentials) != 3 || row.PasswordCredentials[2].KeyID != "b" {
		t.Errorf("got %+v, want what can be read", row)
	}
	if fault, err := decode([]byte(`{"requiredResourceAccess":[{"resourceAccess":[{"id":1}]}]}`), &row); err != nil || fault != "/requiredResourceAccess/resourceAccess/id: expected string, found number" {
		t.Errorf("got fault %q and error %v", fault, err)
	}
	if _, err := decode([]byte(`{"id":`), &row); err == nil {
		t.Error("half an object was read")
	}
}

// fuzzDecode decodes arbitrary rows: JSON is never an error, and a row that is
// written as its wire type writes it is read back without a fault.
func fuzzDecode[T any](f *testing.F, seeds ...string) {
	for _, seed := range append(seeds, `{}`, `null`, `{"id":null}`, `{"id":5,"appId":[],"x":{}}`, `{`) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		row, fault, err := decodeRow[T](line)
		if (err == nil) != json.Valid(line) {
			t.Fatalf("%q: got error %v", line, err)
		}
		if err != nil || fault != "" {
			return
		}
		again, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		back, fault, err := decodeRow[T](again)
		if err != nil || fault != "" || !reflect.DeepEqual(row, back) {
			t.Fatalf("%s reads as %+v, %s, %v, want %+v", again, back, fault, err, row)
		}
	})
}

func FuzzDecodeApplication(f *testing.F) {
	fuzzDecode[wireApplication](f, `{"id":"1","requiredResourceAccess":[{"resourceAppId":"x","resourceAccess":[null,{"id":"y","type":"Role"}]}],"passwordCredentials":[{"endDateTime":"01/20/2025"}]}`)
}

func FuzzDecodeServicePrincipal(f *testing.F) {
	fuzzDecode[wireServicePrincipal](f, `{"id":"1","accountEnabled":"yes","appRoles":[{"id":"x","value":null}],"oauth2PermissionScopes":[5]}`)
}

func FuzzDecodeAssignment(f *testing.F) {
	fuzzDecode[wireAssignment](f, `{"id":"1","principalId":"x","principalType":"Group"}`)
}

func FuzzDecodeDelegatedGrant(f *testing.F) {
	fuzzDecode[wireDelegatedGrant](f, `{"id":"1","scope":["User.Read"]}`, `{"scope":" a  b"}`)
}

func FuzzDecodeOwner(f *testing.F) {
	fuzzDecode[wireOwner](f, `{"objectId":"1","@odata.type":"#microsoft.graph.user","accountEnabled":null}`)
}

func FuzzDecodeContainerType(f *testing.F) {
	fuzzDecode[wireContainerType](f, `{"id":"1","registredDateTime":"2026-01-01T00:00:00Z","expirationDateTime":5}`)
}

func FuzzDecodeContainerTypeGrant(f *testing.F) {
	fuzzDecode[wireContainerTypeGrant](f, `{"containerTypeId":"1","applicationPermissions":"full","delegatedPermissions":[null]}`)
}

func FuzzDecodeDataConnectEvent(f *testing.F) {
	fuzzDecode[wireDataConnectEvent](f, `{"id":"1","validDays":1e3,"datasets":[{"columns":[]}],"columns":null}`, `{"validDays":1.5}`)
}

func FuzzDecodeRegisterEntry(f *testing.F) {
	fuzzDecode[wireRegisterEntry](f, `{"tenantId":"t","appId":"a","datasets":[{"name":"x","columns":["*"]}]}`)
}

// FuzzJoin joins one arbitrary row of each dataset: never a panic.
func FuzzJoin(f *testing.F) {
	f.Add([]byte(`{"id":"1","appId":"1","objectId":"1","ownerId":"1","principalId":"1","clientId":"1","resourceId":"1","appRoleId":"1","scope":" a","containerTypeId":"1","kind":"consent","appTenantId":"1","tenantId":"1"}`))
	f.Add([]byte(`{"id":"1","kind":"operation","appId":"1","startedAt":"2026-01-01T00:00:00Z","columns":[],"requiredResourceAccess":[null],"keyCredentials":[null]}`))
	f.Fuzz(func(t *testing.T, row []byte) {
		rows := map[snapshot.Name][]string{}
		for _, name := range joined() {
			rows[name] = []string{string(row)}
		}
		j := facts{rows: rows}.open(t)
		for _, kind := range Kinds() {
			for _, document := range documents(t, j, kind) {
				if document.ID == "" || document.Kind != kind {
					t.Fatalf("got %+v of kind %s", document, kind)
				}
			}
		}
	})
}

// BenchmarkJoin opens and joins a tenant of a thousand applications with ten grants
// each.
func BenchmarkJoin(b *testing.B) {
	const apps, each = 1000, 10
	rows := map[snapshot.Name][]string{snapshot.ServicePrincipals: published()}
	add := func(name snapshot.Name, format string, args ...any) {
		rows[name] = append(rows[name], fmt.Sprintf(format, args...))
	}
	for i := range apps {
		add(snapshot.Applications, `{"id":"o%d","appId":"a%d","displayName":"App %d","requiredResourceAccess":[{"resourceAppId":%q,"resourceAccess":[{"id":%q,"type":"Role"}]}],"passwordCredentials":[{"keyId":"k","endDateTime":"2026-12-01T00:00:00Z"}],"keyCredentials":[]}`, i, i, i, graph, localRole)
		add(snapshot.ServicePrincipals, `{"id":"s%d","appId":"a%d","passwordCredentials":[],"keyCredentials":[]}`, i, i)
		add(snapshot.ApplicationOwners, `{"objectId":"o%d","ownerId":"u%d","@odata.type":"#microsoft.graph.user","displayName":"U"}`, i, i%50)
		for k := range each {
			add(snapshot.AppRoleAssignments, `{"id":"%d-%d","principalId":"s%d","principalType":"ServicePrincipal","resourceId":"sp-graph","appRoleId":"r%d"}`, i, k, i, k)
		}
	}
	snap, catalogue := facts{rows: rows}.write(b), testCatalogue(b)
	b.ReportAllocs()
	for b.Loop() {
		j, err := Open(snap, Options{AsOf: asOf(), Catalogue: catalogue})
		if err != nil {
			b.Fatal(err)
		}
		if got := len(documents(b, j, KindApplication)); got != apps+len(published()) {
			b.Fatalf("got %d documents", got)
		}
	}
}
