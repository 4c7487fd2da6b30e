package catalog

import (
	"strings"
	"testing"
	"testing/fstest"
)

const header = `resource:
  app_id: 00000003-0000-0000-C000-000000000000
  name: Microsoft Graph
permissions:
`

// The first entry begins at line 5, each has five lines.
func entryOf(value, kind, id, tier string) string {
	return "  - value: " + value + "\n    kind: " + kind + "\n    id: 00000000-0000-0000-0000-00000000000" + id +
		"\n    tier: " + tier + "\n    why: Reads.\n"
}

func TestLoadFSRefuses(t *testing.T) {
	userRead := entryOf("User.Read", "delegated", "1", "low")
	for _, test := range []struct{ name, text, want string }{
		{"an empty file", "# nothing\n", "a.yaml:1: file is empty"},
		{"broken YAML", "resource:\n  app_id: [\n", "a.yaml:2: did not find expected node content"},
		{"a second document", header + userRead + "---\nresource: {}\n", "a.yaml:10: file has a second document"},
		{"an unknown field", header + userRead + "    wy: Reads.\n", "a.yaml:10: field wy not found"},
		{"an unknown field at the top", header + userRead + "extra: 1\n", "a.yaml:10: field extra not found"},
		{"a repeated field", header + userRead + "    tier: low\n", `a.yaml:10: mapping key "tier" already defined at line 8`},
		{"a wrong type", header + userRead + "    hidden: maybe\n", "a.yaml:10: cannot unmarshal"},
		{"a resource without a name", "resource:\n  app_id: 00000003-0000-0000-c000-000000000000\npermissions: []\n", "a.yaml:2: resource has no name"},
		{"a resource without an appId", "resource:\n  name: X\npermissions: []\n", `a.yaml:2: app_id "" is not a GUID`},
		{"a malformed appId", "resource:\n  app_id: graph\n  name: X\npermissions: []\n", `a.yaml:2: app_id "graph" is not a GUID`},
		{"a file without permissions", "resource:\n  app_id: 00000003-0000-0000-c000-000000000000\n  name: X\n", "a.yaml:1: file has no permissions"},
		{"no permission at all", header[:len(header)-1] + " []\n", "no permission in any *.yaml file"},
		{"an empty entry", header + "  -\n", "a.yaml:5: value is empty"},
		{"an empty field", header + userRead + "    narrower: [~]\n", "a.yaml:10: value is empty"},
		{"an entry without fields", header + "  - {}\n", `a.yaml:5: value "" is not a permission`},
		{"an unknown kind", header + entryOf("User.Read", "scope", "1", "low"), `a.yaml:6: unknown kind "scope"`},
		{"an unknown tier", header + userRead + entryOf("User.X", "delegated", "2", "severe"), `a.yaml:13: unknown tier "severe"`},
		{"a malformed id", header + entryOf("User.Read", "delegated", "g", "low"), `a.yaml:7: id "00000000-0000-0000-0000-00000000000g" is not a GUID`},
		{"a rating without reason", strings.Replace(header+userRead, "Reads.", `""`, 1), "a.yaml:9: a rated permission needs a why"},
		{"a value with blanks", header + entryOf("User.Read Mail.Read", "delegated", "1", "low"), `a.yaml:5: value "User.Read Mail.Read" is not a permission`},
		{"user consent to an application permission", header + entryOf("User.Read.All", "application", "1", "low") + "    user_consent: true\n", "a.yaml:10: users cannot consent to application permissions"},
		{"an unknown cloud", header + userRead + "    ids:\n      mars: 00000000-0000-0000-0000-000000000002\n", `a.yaml:11: unknown cloud "mars"`},
		{"a malformed id of a cloud", header + userRead + "    ids: {usgov: x}\n", `a.yaml:10: id "x" is not a GUID`},
		{"a duplicate", header + userRead + entryOf("user.READ", "delegated", "2", "low"), "a.yaml:10: delegated permission user.READ stands already at a.yaml:5"},
		{"a duplicate id", header + userRead + entryOf("User.X", "delegated", "1", "low"), "a.yaml:12: id 00000000-0000-0000-0000-000000000001 of User.X is already that of the permission at a.yaml:5"},
		{"a duplicate id in one cloud", header + userRead + entryOf("User.X", "delegated", "2", "low") + "    ids: {usgov: 00000000-0000-0000-0000-000000000001}\n", "a.yaml:12: id 00000000-0000-0000-0000-000000000001 of User.X"},
		{"itself as alternative", header + userRead + "    narrower: [User.Read]\n", "a.yaml:10: User.Read is no narrower alternative of User.Read: it is the same"},
		{"an alternative named twice", header + entryOf("User.Read.All", "delegated", "2", "medium") + "    narrower: [user.read, User.Read]\n" + userRead, "a.yaml:10: User.Read is no narrower alternative of User.Read.All: it is named twice"},
		{"an unknown alternative", header + userRead + "    narrower:\n      - User.None\n", "a.yaml:11: User.None is no narrower alternative of User.Read: the catalogue does not hold it"},
		{"an alternative of the other kind", header + userRead + entryOf("User.Read.All", "application", "2", "medium") + "    narrower: [User.Read]\n", "a.yaml:15: User.Read is no narrower alternative of User.Read.All: it is delegated, not application"},
		{"an alternative of a higher tier", header + userRead + "    narrower: [Mail.Read]\n" + entryOf("Mail.Read", "delegated", "2", "high"), "a.yaml:10: Mail.Read is no narrower alternative of User.Read: it is high, and User.Read is low"},
		{"an alternative that writes", header + userRead + "    narrower: [User.ReadWrite]\n" + entryOf("User.ReadWrite", "delegated", "2", "low"), "a.yaml:10: User.ReadWrite is no narrower alternative of User.Read: it writes, and User.Read only reads"},
		{"alternatives that lead back", header + userRead + "    narrower: [User.B]\n" +
			entryOf("User.B", "delegated", "2", "low") + "    narrower: [User.C]\n" +
			entryOf("User.C", "delegated", "3", "low") + "    narrower: [User.Read]\n", "a.yaml:10: User.B is no narrower alternative of User.Read: it names that one"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(test.text)}})
			if err == nil {
				t.Fatal("got no error")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestLoadFSRefusesAFolderWithoutFiles(t *testing.T) {
	if _, err := LoadFS(fstest.MapFS{"a.yml": {Data: []byte(header)}}); err == nil {
		t.Error("got no error")
	}
}

func TestLoadFSRefusesTwoNamesForAResource(t *testing.T) {
	text := header + entryOf("User.Read", "delegated", "1", "low")
	other := strings.Replace(header, "Microsoft Graph", "Graph", 1) + entryOf("User.X", "delegated", "2", "low")
	_, err := LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(text)}, "b.yaml": {Data: []byte(other)}})
	const want = `b.yaml:3: resource is called "Graph" here and "Microsoft Graph" elsewhere`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLoadFSReportsEveryFault(t *testing.T) {
	text := header + entryOf("User.Read", "scope", "1", "low") + entryOf("User.X", "delegated", "2", "severe")
	_, err := LoadFS(fstest.MapFS{"a.yaml": {Data: []byte(text)}})
	for _, want := range []string{"a.yaml:6: unknown kind", "a.yaml:13: unknown tier"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestLoadFSReadsOneResourceFromSeveralFiles(t *testing.T) {
	c, err := LoadFS(fstest.MapFS{
		"a.yaml": {Data: []byte(header + entryOf("User.Read.All", "delegated", "1", "medium") + "    narrower: [user.read]\n")},
		"b.yaml": {Data: []byte(header + entryOf("User.Read", "delegated", "2", "low"))},
		"c.yaml": {Data: []byte(header + entryOf("User.Odd", "delegated", "3", "unrated"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := lookup(t, c, graph, Delegated, "User.Read.All")
	if len(p.Narrower) != 1 || p.Narrower[0] != "User.Read" {
		t.Errorf("alternatives are spelt %v, want as in their own entries", p.Narrower)
	}
	if got := lookup(t, c, graph, Delegated, "User.Odd").Tier; got != Unrated {
		t.Errorf("got %s", got)
	}
}
