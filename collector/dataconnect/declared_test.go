package dataconnect_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"leastwise/collector/dataconnect"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

const wholeRegister = `# what no event tells
cross_tenant_movement: false
apps:
  - app_id: AAAAAAAA-0000-4000-8000-000000000001
    name: Reports
    developer: dev@testco
    multi_tenant: false
    purpose: "Headcount\u2028for finance"
    state: pending
    datasets: &expected
      - name: BasicDataSet_v0.User_v1
        columns: [id, mail]
      - name: BasicDataSet_v0.Manager_v0
    definition:
      version: 2.0
      updated_at: 2026-01-31
      datasets:
        - {name: a, columns: [id], scope: all}
        - {name: b, scope: list, groups: [BBBBBBBB-0000-4000-8000-000000000001], deny_groups: [bbbbbbbb-0000-4000-8000-000000000002]}
        - {name: c, scope: filter, filter: "https://x?$filter=a eq 'b,c' "}
        - name: d
      sinks: [https://one.dfs.core.windows.net/lake]
      destination_tenant_id: 10000000-0000-4000-8000-000000000001
  - app_id: aaaaaaaa-0000-4000-8000-000000000001
    tenant_id: 20000000-0000-4000-8000-000000000002
    state: update_available
    datasets: *expected
    definition: {updated_at: 2026-01-31T09:30:00+09:00}
`

var wholeRows = []string{
	`{"tenantId":"10000000-0000-4000-8000-000000000001","appId":"*","crossTenantMovement":false}`,
	`{"tenantId":"10000000-0000-4000-8000-000000000001","appId":"aaaaaaaa-0000-4000-8000-000000000001","name":"Reports","developer":"dev@testco",` +
		"\"state\":\"pending\",\"purpose\":\"Headcount\\u2028for finance\",\"multiTenant\":false," +
		`"datasets":[{"name":"BasicDataSet_v0.User_v1","columns":["id","mail"]},{"name":"BasicDataSet_v0.Manager_v0"}],` +
		`"definition":{"version":"2.0","updatedAt":"2026-01-31","datasets":[{"name":"a","columns":["id"],"scope":"all"},` +
		`{"name":"b","scope":"list","groups":["bbbbbbbb-0000-4000-8000-000000000001"],"denyGroups":["bbbbbbbb-0000-4000-8000-000000000002"]},` +
		`{"name":"c","scope":"filter","filter":"https://x?$filter=a eq 'b,c' "},{"name":"d","scope":"all"}],` +
		`"sinks":["https://one.dfs.core.windows.net/lake"],"destinationTenantId":"10000000-0000-4000-8000-000000000001"},"line":4}`,
	`{"tenantId":"20000000-0000-4000-8000-000000000002","appId":"aaaaaaaa-0000-4000-8000-000000000001","state":"update_available",` +
		`"datasets":[{"name":"BasicDataSet_v0.User_v1","columns":["id","mail"]},{"name":"BasicDataSet_v0.Manager_v0"}],` +
		`"definition":{"updatedAt":"2026-01-31T00:30:00Z"},"line":24}`,
}

func readRegister(t *testing.T, text string) (*dataconnect.Register, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "register.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	register, err := dataconnect.ReadRegister(path, strings.ToUpper(fakegraph.TenantID))
	if err != nil && !strings.HasPrefix(err.Error(), path+":") {
		t.Errorf("the error does not begin with the file: %v", err)
	}
	return register, err
}

func TestReadRegister(t *testing.T) {
	register, err := readRegister(t, wholeRegister)
	if err != nil {
		t.Fatal(err)
	}
	s := collect(t, dataconnect.Options{Register: register})
	if rows := fakegraph.Rows(t, s, snapshot.DataConnectRegister); !slices.Equal(rows, wholeRows) {
		t.Errorf("got  %s\nwant %s", strings.Join(rows, "\n     "), strings.Join(wholeRows, "\n     "))
	}
	if d := s.Dataset(snapshot.DataConnectRegister); d.Status != snapshot.Collected {
		t.Errorf("got %s %s", d.Status, d.Reason)
	}
	for _, text := range []string{"{}", "apps: []", "cross_tenant_movement: true"} {
		if register, err := readRegister(t, text); err != nil || len(register.Apps) != 0 || (register.CrossTenantMovement != nil) != strings.Contains(text, "true") {
			t.Errorf("%s: got %+v, %v", text, register, err)
		}
	}
}

func TestParseRegisterLooksAtItsOwnKeys(t *testing.T) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte("events: saved/\ncross_tenant_movement: true\n"), &document); err != nil {
		t.Fatal(err)
	}
	register, err := dataconnect.ParseRegister(document.Content[0], "leastwise.yaml", fakegraph.TenantID, "events")
	if err != nil || register.CrossTenantMovement == nil || !*register.CrossTenantMovement {
		t.Errorf("got %+v, %v", register, err)
	}
	if _, err := dataconnect.ParseRegister(document.Content[0], "leastwise.yaml", fakegraph.TenantID); err == nil || !strings.HasPrefix(err.Error(), `leastwise.yaml:1: the register has the unknown key "events"; hint: `) {
		t.Errorf("got %v", err)
	}
}

func TestRegisterFaults(t *testing.T) {
	const app, other = "aaaaaaaa-0000-4000-8000-000000000001", "20000000-0000-4000-8000-000000000002"
	in := func(lines ...string) string {
		return "apps:\n- app_id: " + app + "\n  " + strings.Join(lines, "\n  ") + "\n"
	}
	defined := func(dataset string) string { return in("definition:", "  datasets:", "  - "+dataset) }
	groups := strings.TrimSuffix(strings.Repeat(app+", ", 11), ", ")
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "1: the register is empty"},
		{"a comment", "# nothing\n", "1: the register is empty"},
		{"null", "---\n", "2: the register: expected keys, found nothing"},
		{"a list", "- a\n", "1: the register: expected keys, found a list"},
		{"text", "x\n", `1: the register: expected keys, found "x"`},
		{"no YAML", "apps: [\n", "1: did not find expected node content"},
		{"no YAML either", "a: b: c\n", "1: mapping values are not allowed in this context"},
		{"two documents", "{}\n---\napps: []\n", "2: a second YAML document"},
		{"a broken second document", "{}\n---\na: [\n", "3: did not find expected node content"},
		{"an unknown alias", "apps: *x\n", "1: unknown anchor 'x' referenced"},

		{"unknown key", "events: x\n", `1: the register has the unknown key "events"`},
		{"key that is a list", "[a]: x\n", "1: the register has the unknown key a list"},
		{"key twice", "apps: []\napps: []\n", "2: the register has apps twice"},
		{"movement as text", "cross_tenant_movement: \"false\"\n", `1: cross_tenant_movement: expected true or false, found "false"`},
		{"movement as a word", "cross_tenant_movement: maybe\n", `1: cross_tenant_movement: expected true or false, found "maybe"`},
		{"apps of keys", "apps:\n  app_id: " + app + "\n", "2: apps: expected a list, found keys"},
		{"apps of text", "apps: none\n", `1: apps: expected a list, found "none"`},
		{"apps of nothing", "apps:\n", "1: apps: expected a list, found nothing"},
		{"app that is text", "apps: [x]\n", `1: an application: expected keys, found "x"`},
		{"app without id", "apps:\n- name: x\n", "2: an application without app_id"},
		{"id that is none", "apps:\n- name: x\n  app_id: reports\n", `3: app_id: "reports" is not a GUID`},
		{"id that is a number", "apps:\n- app_id: 5\n", `2: app_id: "5" is not a GUID`},
		{"id in braces", "apps:\n- app_id: '{" + app + "}'\n", "2: app_id: "},
		{"tenant that is none", in("tenant_id: testco"), `3: tenant_id: "testco" is not a GUID`},
		{"unknown key of an app", in("owner: x"), `3: an application has the unknown key "owner"`},
		{"empty name", in("name: ' '"), `3: name: expected text, found " "`},
		{"name of nothing", in("name:"), "3: name: expected text, found nothing"},
		{"name that is a list", in("name: [x]"), "3: name: expected text, found a list"},
		{"developer of keys", in("developer: {upn: x}"), "3: developer: expected text, found keys"},
		{"multi-tenant as a number", in("multi_tenant: 1"), `3: multi_tenant: expected true or false, found "1"`},
		{"unknown state", in("state: frozen"), `3: state: "frozen" is not known; hint: one of pending, approved, denied, expired, update_available`},
		{"state in capitals", in("state: Pending"), `3: state: "Pending" is not known`},
		{"pending and multi-tenant", in("state: pending", "multi_tenant: true"), "3: application " + app + " is multi-tenant, and declared pending; hint: leave state out: the service lists multi-tenant applications once they are decided on"},
		{"pending elsewhere", in("name: x", "state: pending", "tenant_id: "+other), "4: application " + app + " is multi-tenant, and declared pending"},
		{"single-tenant elsewhere", in("multi_tenant: false", "tenant_id: "+other), "2: application " + app + " is registered in another tenant, " + other + ", and declared not to be multi-tenant"},
		{"twice", in("name: x") + "- app_id: " + strings.ToUpper(app) + "\n", "4: application " + app + " of tenant " + fakegraph.TenantID + " is declared twice, first in line 2"},

		{"datasets of text", in("datasets: [x]"), `3: a dataset: expected keys, found "x"`},
		{"datasets of none", in("datasets: []"), "3: datasets: expected a list, found an empty one"},
		{"dataset without name", in("datasets:", "- columns: [id]"), "4: a dataset without name"},
		{"dataset without a written name", in("datasets:", "- name: ''"), `4: name: expected text, found ""`},
		{"dataset with a scope", in("datasets:", "- {name: d, scope: all}"), `4: a dataset has the unknown key "scope"`},
		{"dataset twice", in("datasets:", "- {name: d}", "- {name: D}"), "5: dataset D is declared twice"},
		{"columns of text", in("datasets:", "- {name: d, columns: id}"), `4: columns: expected a list, found "id"`},
		{"columns of none", in("datasets:", "- {name: d, columns: []}"), "4: columns: expected a list, found an empty one"},
		{"a column of nothing", in("datasets:", "- name: d", "  columns: [id, ]", "  columns: [id, '']"), "6: a dataset has columns twice"},
		{"an empty column", in("datasets:", "- name: d", "  columns:", "  - id", "  - ''"), `7: columns: expected text, found ""`},

		{"definition of text", in("definition: x"), `3: definition: expected keys, found "x"`},
		{"unknown key of a definition", in("definition: {state: x}"), `3: definition has the unknown key "state"`},
		{"a date that is none", in("definition: {updated_at: 31.01.2026}"), `3: updated_at: "31.01.2026" is not a date`},
		{"no such day", in("definition: {updated_at: 2026-02-30}"), `3: updated_at: "2026-02-30" is not a date`},
		{"an instant without zone", in("definition: {updated_at: 2026-01-31T09:30:00}"), `3: updated_at: "2026-01-31T09:30:00" is not a date`},
		{"sinks of text", in("definition: {sinks: https://x}"), `3: sinks: expected a list, found "https://x"`},
		{"destination that is none", in("definition: {destination_tenant_id: x}"), `3: destination_tenant_id: "x" is not a GUID`},
		{"unknown scope", defined("{name: d, scope: some}"), `5: scope: "some" is not known; hint: one of all, list, filter`},
		{"list without groups", defined("{name: d, scope: list}"), "5: dataset d: scope list without groups"},
		{"list of no groups", defined("{name: d, scope: list, groups: []}"), "5: groups: expected a list, found an empty one"},
		{"groups without list", defined("{name: d, groups: [" + app + "]}"), "5: dataset d: scope all with groups"},
		{"filter without filter", defined("{name: d, scope: filter}"), "5: dataset d: scope filter without filter"},
		{"filter without its scope", defined("{name: d, scope: all, filter: x}"), "5: dataset d: scope all with filter"},
		{"list with filter", defined("{name: d, scope: list, groups: [" + app + "], filter: x}"), "5: dataset d: scope list with filter"},
		{"empty filter", defined("{name: d, scope: filter, filter: ''}"), `5: filter: expected text, found ""`},
		{"group that is none", defined("{name: d, scope: list, groups: [Sales]}"), `5: groups: "Sales" is not a GUID`},
		{"eleven groups", defined("{name: d, scope: list, groups: [" + groups + "]}"), "5: groups: there are 11 of them; hint: the service takes ten at most"},
		{"denied group that is none", defined("{name: d, deny_groups: [Sales]}"), `5: deny_groups: "Sales" is not a GUID`},
		{"definition's dataset without name", defined("{scope: all}"), "5: a dataset without name"},
		{"definition's dataset twice", in("definition:", "  datasets: [{name: d}, {name: d}]"), "4: dataset d is declared twice"},
		{"the first of two faults", in("name: x", "nick: y", "state: frozen"), `4: an application has the unknown key "nick"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			register, err := readRegister(t, c.text)
			if err == nil || register != nil {
				t.Fatalf("got %+v, %v", register, err)
			}
			_, got, _ := strings.Cut(err.Error(), "register.yaml:")
			if !strings.HasPrefix(got, c.want) || strings.Count(got, "; hint: ") != 1 || strings.Contains(got, "\n") {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	if _, err := dataconnect.ReadRegister(filepath.Join(t.TempDir(), "absent.yaml"), ""); err == nil || !strings.Contains(err.Error(), "; hint: ") {
		t.Errorf("no file: %v", err)
	}
	path := filepath.Join(t.TempDir(), "register.yaml")
	if err := os.WriteFile(path, []byte(in("name: x")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := dataconnect.ReadRegister(path, ""); err == nil || !strings.Contains(err.Error(), ":2: application "+app+": it is not known which tenant it is registered in; hint: ") {
		t.Errorf("no tenant: %v", err)
	}
}
