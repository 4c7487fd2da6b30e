package sharepoint_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"leastwise/collector"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/sharepoint"
	"leastwise/collector/snapshot"
)

const (
	storage       = "/v1.0/storage/fileStorage/"
	types         = storage + "containerTypes"
	registrations = storage + "containerTypeRegistrations"
	containers    = storage + "containers"
	typeA         = "50000000-0000-4000-8000-00000000000a"
	typeB         = "50000000-0000-4000-8000-00000000000b"

	everyScope = "FileStorageContainerType.Manage.All FileStorageContainerTypeReg.Manage.All FileStorageContainer.Manage.All"
	embedded   = "1a7d78b6-429f-476b-b8eb-35fb715fffd4"
	global     = "62e90394-69f5-4237-9190-012177145e10"
	member     = "b79fbf4d-3ef9-4689-8143-76b194e85509"
)

// user is a delegated token. Without roles it carries no wids.
func user(scopes string, roles ...string) map[string]any {
	claims := map[string]any{"idtyp": "user", "upn": "ada@testco", "scp": scopes}
	if len(roles) > 0 {
		claims["wids"] = roles
	}
	return claims
}

func owners(id string) string {
	return "/beta/storage/fileStorage/containerTypes/" + id + "/permissions"
}

func grants(id string) string { return registrations + "/" + id + "/applicationPermissionGrants" }

func tenant(t *testing.T) *fakegraph.Graph {
	g := fakegraph.Offline(t)
	g.On(types, fakegraph.Answer{Body: `{"@odata.count":1,"value":[{"id":"` + typeA + `","name":"A","owningAppId":"x","unknownMember":[1],"createdDateTime":"2026-01-01T00:00:00Z"}]}`})
	g.On(owners(typeA), fakegraph.Value(`{"id":"o1","roles":["owner"],"grantedToV2":{"user":{"id":"u1"}}}`))
	g.On(registrations, fakegraph.Value(
		`{"id":"`+typeA+`","applicationPermissionGrants":[{"appId":"a1","applicationPermissions":["full"],"delegatedPermissions":["none"]}]}`,
		`{"id":"`+typeB+`"}`))
	g.On(grants(typeA), fakegraph.Value(`{"appId":"a1","applicationPermissions":["full"],"delegatedPermissions":["none"]}`))
	g.On(grants(typeB), fakegraph.Value(`{"appId":"b1","applicationPermissions":[]}`, `{"appId":"b2","extra":1}`))
	g.On(containers+"?$filter=containerTypeId eq "+typeA, fakegraph.Value(`{"id":"b!1"}`, `{"id":"b!2"}`))
	g.On(containers+"?$filter=containerTypeId eq "+typeB, fakegraph.Value(`{"id":"b!3"}`))
	for _, id := range []string{"b!1", "b!2", "b!3"} {
		g.On(containers+"/"+id+"/permissions", fakegraph.Value(`{"id":"p","roles":["owner"]}`))
	}
	return g
}

func collect(t *testing.T, g *fakegraph.Graph, claims map[string]any, limit int) *snapshot.Snapshot {
	t.Helper()
	dir := t.TempDir() + "/snapshot"
	var s *snapshot.Snapshot
	synctest.Test(t, func(t *testing.T) { // pauses take no time
		s = fakegraph.SnapshotAt(t, dir, func(w *snapshot.Writer) error {
			return collector.Collect(t.Context(), w, sharepoint.New(sharepoint.Options{Graph: g.Client(claims), MaxContainers: limit}))
		})
	})
	return s
}

func expect(t *testing.T, s *snapshot.Snapshot, name snapshot.Name, status snapshot.Status, rows int, reasons ...string) snapshot.Dataset {
	t.Helper()
	d := s.Manifest.Datasets[name]
	if d.Status != status || d.Rows != rows {
		t.Errorf("%s is %s with %d rows, want %s with %d; reason: %s", name, d.Status, d.Rows, status, rows, d.Reason)
	}
	for _, reason := range reasons {
		if !strings.Contains(d.Reason, reason) {
			t.Errorf("%s: reason %q does not say %q", name, d.Reason, reason)
		}
	}
	return d
}

// sameRows checks all rows of a dataset, which come in the order of their ids.
func sameRows(t *testing.T, s *snapshot.Snapshot, name snapshot.Name, want ...string) {
	t.Helper()
	if got := fakegraph.Rows(t, s, name); !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %s\nwant %s", name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestAdministratorReadsEverything(t *testing.T) {
	for _, role := range []string{embedded, global, strings.ToUpper(embedded)} {
		g := tenant(t)
		s := collect(t, g, user(everyScope, member, role), 0)
		for name, n := range map[snapshot.Name]int{
			snapshot.ContainerTypes: 1, snapshot.ContainerTypeOwners: 1, snapshot.ContainerTypeRegistrations: 2,
			snapshot.ContainerTypeGrants: 3, snapshot.Containers: 3, snapshot.ContainerPermissions: 3,
		} {
			expect(t, s, name, snapshot.Collected, n)
		}
		want := []string{
			`{"appId":"a1","applicationPermissions":["full"],"containerTypeId":"` + typeA + `","delegatedPermissions":["none"]}`,
			`{"appId":"b1","applicationPermissions":[],"containerTypeId":"` + typeB + `"}`,
			`{"appId":"b2","containerTypeId":"` + typeB + `","extra":1}`,
		}
		sameRows(t, s, snapshot.ContainerTypeGrants, want...)
		sameRows(t, s, snapshot.ContainerTypeOwners, `{"containerTypeId":"`+typeA+`","grantedToV2":{"user":{"id":"u1"}},"id":"o1","roles":["owner"]}`)
		sameRows(t, s, snapshot.ContainerPermissions, `{"containerId":"b!1","id":"p","roles":["owner"]}`, `{"containerId":"b!2","id":"p","roles":["owner"]}`, `{"containerId":"b!3","id":"p","roles":["owner"]}`)
		if got := fakegraph.Rows(t, s, snapshot.ContainerTypes)[0]; !strings.Contains(got, `"unknownMember":[1]`) {
			t.Errorf("members are lost: %s", got)
		}
		if id := s.Manifest.Identities[0]; id.User != "ada@testco" || len(id.Scopes) != 3 || len(id.Datasets) != 6 {
			t.Errorf("identity %+v", id)
		}
	}
}

func TestNoneListedIsNotNoneGranted(t *testing.T) {
	for name, inline := range map[string]string{
		"null": `,"applicationPermissionGrants":null`, "absent": ``,
		"further page": `,"applicationPermissionGrants":[{"appId":"a1"}],"applicationPermissionGrants@odata.nextLink":"x"`,
		"no list":      `,"applicationPermissionGrants":{}`,
	} {
		t.Run(name, func(t *testing.T) {
			g := tenant(t).On(registrations, fakegraph.Value(`{"id":"`+typeA+`"`+inline+`}`))
			g.On(grants(typeA), fakegraph.Value(`{"appId":"a1"}`, `{"appId":"a2"}`))
			expect(t, collect(t, g, user(everyScope, embedded), 0), snapshot.ContainerTypeGrants, snapshot.Collected, 2)
		})
	}
	g := tenant(t).On(grants(typeB), fakegraph.Denied())
	expect(t, collect(t, g, user(everyScope, embedded), 0), snapshot.ContainerTypeGrants, snapshot.Partial, 1, "grants of registration "+typeB)
}

func TestOthersSeeOnlyPart(t *testing.T) {
	for _, c := range []struct {
		name          string
		claims        map[string]any
		types         snapshot.Status
		registrations snapshot.Status
		reason        string // of the container types
	}{
		{"no administrator", user(everyScope, member), snapshot.Partial, snapshot.Partial, "no SharePoint Embedded Administrator"},
		{"roles unknown", user(everyScope), snapshot.Partial, snapshot.Partial, "cannot tell"},
		{"no scope for types", user("FileStorageContainerTypeReg.Manage.All", embedded), snapshot.Denied, snapshot.Collected, "FileStorageContainerType.Manage.All"},
		{"own registrations only", user("FileStorageContainerType.Manage.All FileStorageContainerTypeReg.Selected", embedded), snapshot.Collected, snapshot.Partial, ""},
		{"no scope at all", user("User.Read", embedded), snapshot.Denied, snapshot.Denied, "delegated permission"},
		{
			"app-only",
			map[string]any{"idtyp": "app", "roles": []string{"FileStorageContainerTypeReg.Selected", "FileStorageContainer.Selected"}},
			snapshot.Denied, snapshot.Partial, "no app-only listing exists: needs a delegated SharePoint Embedded Administrator",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := collect(t, tenant(t), c.claims, 0)
			d := s.Manifest.Datasets[snapshot.ContainerTypes]
			if d.Status != c.types || !strings.Contains(d.Reason, c.reason) {
				t.Errorf("types: %s %s", d.Status, d.Reason)
			}
			d = s.Manifest.Datasets[snapshot.ContainerTypeRegistrations]
			if d.Status != c.registrations {
				t.Errorf("registrations: %s %s", d.Status, d.Reason)
			}
			grants := s.Manifest.Datasets[snapshot.ContainerTypeGrants]
			if grants.Status != c.registrations {
				t.Errorf("grants: %s %s, along with registrations that are %s", grants.Status, grants.Reason, c.registrations)
			}
		})
	}
}

func TestRefusalsNameTheirUsualCause(t *testing.T) {
	refusal := fakegraph.Answer{Status: 403, Body: `{"error":{"code":"accessDenied","message":"Access denied"}}`}
	g := tenant(t).On(types, refusal).On(containers+"?$filter=containerTypeId eq "+typeA, refusal).On(containers+"?$filter=containerTypeId eq "+typeB, refusal)
	s := collect(t, g, user(everyScope, embedded), 0)
	d := expect(t, s, snapshot.Containers, snapshot.Denied, 0, "Access denied", "has no OneDrive")
	if d.Evidence == nil || d.Evidence.Code != "accessDenied" {
		t.Errorf("evidence %+v", d.Evidence)
	}
	expect(t, s, snapshot.ContainerPermissions, snapshot.Denied, 0, "the containers could not be read")
}

func TestOnlyContainersBlameOneDrive(t *testing.T) {
	refusal := fakegraph.Answer{Status: 403, Body: `{"error":{"code":"accessDenied","message":"Access denied"}}`}
	const lacksRole = "lacks the SharePoint Embedded Administrator role"
	for _, c := range []struct {
		name          string
		claims        map[string]any
		types         string
		registrations string
	}{
		{
			"administrator", user(everyScope, embedded),
			"accessDenied: Access denied (although the token carries FileStorageContainerType.Manage.All and the administrator's role)",
			"although the token carries FileStorageContainerTypeReg.Manage.All",
		},
		{"roles unknown", user(everyScope), lacksRole, lacksRole},
		{"no administrator", user(everyScope, member), lacksRole, lacksRole},
		{
			"own registrations only", user("FileStorageContainerType.Manage.All FileStorageContainerTypeReg.Selected", embedded),
			"although", "(probably the permission FileStorageContainerTypeReg.Manage.All is missing)",
		},
		{
			"neither", user("FileStorageContainerType.Manage.All FileStorageContainerTypeReg.Selected", member),
			lacksRole, lacksRole + ", or the permission FileStorageContainerTypeReg.Manage.All is missing)",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := tenant(t).On(types, refusal).On(registrations, refusal)
			s := collect(t, g, c.claims, 0)
			expect(t, s, snapshot.ContainerTypes, snapshot.Denied, 0, c.types)
			expect(t, s, snapshot.ContainerTypeRegistrations, snapshot.Denied, 0, c.registrations)
			for name, d := range s.Manifest.Datasets {
				if strings.Contains(d.Reason, "OneDrive") {
					t.Errorf("%s: %s", name, d.Reason)
				}
			}
		})
	}
}

func TestPartsThatFailMakeTheWholePartial(t *testing.T) {
	g := tenant(t)
	g.On(containers+"?$filter=containerTypeId eq "+typeB, fakegraph.Answer{Status: 404, Body: `{"error":{"code":"itemNotFound","message":"Item not found"}}`})
	g.On(containers+"/b!2/permissions", fakegraph.Denied())
	s := collect(t, g, user(everyScope, embedded), 0)
	expect(t, s, snapshot.Containers, snapshot.Partial, 2, "containers of type "+typeB)
	expect(t, s, snapshot.ContainerPermissions, snapshot.Partial, 1, "permissions of container b!2", "containers are missing")
}

func TestPermissionReadsAreCapped(t *testing.T) {
	s := collect(t, tenant(t), user(everyScope, embedded), 2)
	expect(t, s, snapshot.ContainerPermissions, snapshot.Partial, 2, "2 of 3 containers")
	g := tenant(t)
	expect(t, collect(t, g, user(everyScope, embedded), -1), snapshot.ContainerPermissions, snapshot.Partial, 0, "0 of 3 containers")
}

func TestDamagedDatesAreConfined(t *testing.T) {
	g := tenant(t).On(types, fakegraph.Value(`{"id":"`+typeA+`","createdDateTime":"01/20/2025","expirationDateTime":null}`))
	d := expect(t, collect(t, g, user(everyScope, embedded), 0), snapshot.ContainerTypes, snapshot.Partial, 1, `"01/20/2025" is not an instant`)
	if !d.Confined || len(d.Gaps) != 1 || d.Gaps[0].Row != typeA {
		t.Errorf("got %+v", d)
	}
}
