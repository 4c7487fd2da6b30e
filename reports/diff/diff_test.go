package diff

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/policies/finding"
)

// Each edit makes exactly these differences.
func TestDifferences(t *testing.T) {
	grant := func(s *sample, p finding.Permission) { s.permissions = append(s.permissions, p) }
	for _, c := range []struct {
		name string
		edit func(s *sample)
		want []string
	}{
		{"nothing", func(*sample) {}, nil},
		{"application added", func(s *sample) {
			s.applications = append(s.applications, finding.Application{AppID: id(3), Name: "New", ServicePrincipalID: id(203), Origin: "foreign", Granted: 1, Owners: []string{"eve@x"}})
			grant(s, permission(3, "application", "Mail.Send", "admin", "high"))
		}, []string{
			"+ applications 00000003 name:>New origin:>foreign service principal:>" + id(203) + " permissions requested:>0 permissions granted:>1 credentials:>0 owners:>1",
			"+ owners 00000003 eve@x",
			"+ permissions 00000003 graph/application/Mail.Send/admin granted:>yes requested:>no resource:>Microsoft Graph",
		}},
		{"application removed is one row", func(s *sample) {
			s.applications, s.permissions, s.credentials = s.applications[1:], s.permissions[2:], nil
		}, []string{
			"- applications 00000001 name:Ledger> enabled:yes> audience:AzureADMyOrg> origin:own> registration:" + id(101) + "> service principal:" + id(201) + "> permissions requested:1> permissions granted:2> credentials:1> owners:2> highest tier:high>",
		}},
		{"application changed", func(s *sample) {
			a := &s.applications[0]
			a.Name, a.Enabled, a.SignInAudience, a.Origin = "Ledger 2", new(false), "AzureADMultipleOrgs", "foreign"
		}, []string{"~ applications 00000001 name:Ledger>Ledger 2 enabled:yes>no audience:AzureADMyOrg>AzureADMultipleOrgs origin:own>foreign"}},
		{"owners", func(s *sample) { s.applications[0].Owners = []string{"BOB@contoso.com", "eve@contoso.com"} }, []string{
			"+ owners 00000001 eve@contoso.com", "- owners 00000001 ada@contoso.com",
		}},
		{"the last owner", func(s *sample) { s.applications[0].Owners = []string{} }, []string{
			"- owners 00000001 ada@contoso.com", "- owners 00000001 bob@contoso.com",
		}},
		{"grant with its request", func(s *sample) {
			p := permission(1, "delegated", "Mail.ReadWrite", "admin", "high")
			p.Requested, p.GrantedBy, p.GrantedAt = true, "ada@contoso.com", "2026-11-11T00:00:00Z"
			grant(s, p)
		}, []string{"+ permissions 00000001 graph/delegated/Mail.ReadWrite/admin granted:>yes requested:>yes resource:>Microsoft Graph by ada@contoso.com at 2026-11-11T00:00:00Z"}},
		{"request alone", func(s *sample) {
			p := permission(1, "delegated", "Mail.ReadWrite", "", "high")
			p.Granted, p.Requested = false, true
			grant(s, p)
		}, []string{"+ permissions 00000001 graph/delegated/Mail.ReadWrite requested:>yes granted:>no resource:>Microsoft Graph"}},
		{"request of what is granted", func(s *sample) { s.permissions[1].Requested = true }, []string{
			"+ permissions 00000001 graph/delegated/User.Read requested:>yes granted:>yes resource:>Microsoft Graph",
		}},
		{"request dropped, grant stays", func(s *sample) { s.permissions[0].Requested = false }, []string{
			"- permissions 00000001 graph/application/Mail.Read requested:yes> granted:yes> resource:Microsoft Graph>",
		}},
		{"grant removed, request stays", func(s *sample) { s.permissions[0].Granted, s.permissions[0].Consent = false, "" }, []string{
			"- permissions 00000001 graph/application/Mail.Read/admin granted:yes> requested:yes> resource:Microsoft Graph>",
		}},
		{"user consent becomes the administrator's", func(s *sample) { s.permissions[1].Consent, s.permissions[1].Users = "admin", 0 }, []string{
			"+ permissions 00000001 graph/delegated/User.Read/admin granted:>yes requested:>no resource:>Microsoft Graph",
			"- permissions 00000001 graph/delegated/User.Read/user granted:yes> requested:no> users:3> resource:Microsoft Graph>",
		}},
		{"users", func(s *sample) { s.permissions[1].Users = 5 }, []string{"~ permissions 00000001 graph/delegated/User.Read/user users:3>5"}},
		{"credential renewed", func(s *sample) { s.credentials[0].KeyID = id(302) }, []string{
			"+ credentials 00000001 " + id(302) + " type:>secret of:>application name:>deploy starts:>2026-01-01T00:00:00Z ends:>2027-01-01T00:00:00Z",
			"- credentials 00000001 " + id(301) + " type:secret> of:application> name:deploy> starts:2026-01-01T00:00:00Z> ends:2027-01-01T00:00:00Z>",
		}},
		{"credential prolonged", func(s *sample) { s.credentials[0].EndsAt = "2028-01-01T00:00:00Z" }, []string{
			"~ credentials 00000001 " + id(301) + " ends:2027-01-01T00:00:00Z>2028-01-01T00:00:00Z",
		}},
		{"the same instants, written otherwise", func(s *sample) {
			s.credentials[0] = finding.Credential{AppID: id(1), KeyID: id(301), Type: "secret", Of: "application", Name: "deploy", StartsAt: "2026-01-01T00:00:00.000Z", EndsAt: "2027-01-01T00:00:00+00:00"}
		}, nil},
		{"container type", func(s *sample) { s.types[0].Billing, s.types[0].Registered = "directToCustomer", false }, []string{
			"~ container_types 00000191 billing:standard>directToCustomer registered:yes>no",
		}},
		{"container type gone", func(s *sample) { s.types = nil }, []string{
			"- container_types 00000191 name:Boxes> owning application:" + id(1) + "> billing:standard> registered:yes> grants:2>",
		}},
		{"container type permissions", func(s *sample) {
			s.types[0].Grants[1].ApplicationPermissions = []string{"full"}
			s.types[0].Grants = append(s.types[0].Grants[1:], finding.ContainerTypeGrant{AppID: id(3), ApplicationPermissions: []string{"read"}, DelegatedPermissions: []string{}})
		}, []string{
			"+ container_type_permissions 00000191 " + id(3) + " application permissions:>read",
			"- container_type_permissions 00000191 " + id(1) + " application permissions:full> delegated permissions:full> application:Ledger>",
			"~ container_type_permissions 00000191 " + id(2) + " application permissions:none>full",
		}},
		{"approval", func(s *sample) {
			a := &s.approvals[0]
			a.State, a.ExpiresAt, a.Sinks, a.Approver, a.ApprovedAt = "denied", "2027-05-01T00:00:00Z", []string{"https://c.blob"}, "eve@contoso.com", "2026-11-10T00:00:00Z"
			a.Datasets[0].Columns, a.Datasets[1] = append(a.Datasets[0].Columns, "To"), finding.ApprovedDataset{Name: "Event_v1", Scope: "all"}
		}, []string{
			"~ approvals " + id(99) + "/00000001 state:approved>denied approver:admin@contoso.com>eve@contoso.com approved:2026-06-01T00:00:00Z>2026-11-10T00:00:00Z expires:2026-11-28T00:00:00Z>2027-05-01T00:00:00Z sinks:https://a.blob, https://b.blob>https://c.blob dataset Event_v1:>columns: not known; scope: all dataset Message_v1:columns: Body, Subject; scope: list>columns: Body, Subject, To; scope: list dataset User_v1:columns: not known; scope: all> by eve@contoso.com at 2026-11-10T00:00:00Z",
		}},
		{"findings", func(s *sample) {
			s.findings[0].Severity = finding.Critical
			s.findings = append(s.findings[:1], newFinding("ENTRA-002", 1, `{"a":1}`))
		}, []string{
			"+ findings 00000001 ENTRA-002 " + newFinding("ENTRA-002", 1, `{"a":1}`).Fingerprint + " outcome:>fail severity:>high message:>It is so.",
			"- findings 00000002 ENTRA-002 " + newFinding("ENTRA-002", 2, `{}`).Fingerprint + " outcome:fail> severity:high> message:It is so.>",
			"~ findings 00000001 ENTRA-001 " + newFinding("ENTRA-001", 1, `{"permission":"Mail.Read"}`).Fingerprint + " severity:high>critical",
		}},
		{"finding waived", func(s *sample) { s.findings[1].Waiver = &finding.Waiver{ID: "R-1"} }, []string{
			"~ findings 00000002 ENTRA-002 " + newFinding("ENTRA-002", 2, `{}`).Fingerprint + " waiver:>R-1",
		}},
		{"finding has become unknown", func(s *sample) {
			s.findings[0].Outcome, s.findings[0].Key = finding.Unknown, []byte(`{}`)
			s.findings[0].Fingerprint = s.findings[0].Print()
		}, []string{
			"~ findings 00000001 ENTRA-001 " + newFinding("ENTRA-001", 1, `{"permission":"Mail.Read"}`).Fingerprint + " outcome:fail>unknown",
		}},
		{"subjects of a control cannot be listed any more", func(s *sample) {
			f := newFinding("ENTRA-001", 1, `{}`)
			f.Outcome, f.Subject.ID = finding.Unknown, allSubjects
			s.findings[0] = f
		}, []string{
			"+ findings * ENTRA-001 " + newFinding("ENTRA-001", 1, `{}`).Fingerprint + " outcome:>unknown severity:>high message:>It is so.",
			"~ findings 00000001 ENTRA-001 " + newFinding("ENTRA-001", 1, `{"permission":"Mail.Read"}`).Fingerprint + " outcome:fail>unknown",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			new := newSample().later()
			c.edit(new)
			got, result := compared(t, newSample(), new)
			slices.Sort(c.want)
			if diff := cmp.Diff(append([]string{}, c.want...), got); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
			if len(result.NotCompared) > 0 {
				t.Errorf("got %v, want everything compared", result.NotCompared)
			}
		})
	}
}

// What changes by itself, and how things are written, is no difference.
func TestNoise(t *testing.T) {
	old, later := newSample(), newSample().later()
	for i := range later.applications {
		a := &later.applications[i]
		a.AppID, a.ObjectID, a.CredentialEndsAt, a.HighestTier = strings.ToUpper(a.AppID), strings.ToUpper(a.ObjectID), "2026-12-31T00:00:00Z", "medium"
		slices.Reverse(a.Owners)
	}
	for i := range later.permissions {
		p := &later.permissions[i]
		p.AppID, p.ResourceID, p.Tier, p.Used, p.LastUsedAt, p.Least = strings.ToUpper(p.AppID), strings.ToUpper(p.ResourceID), "unrated", "used", "2026-11-19T00:00:00Z", "needed"
	}
	later.credentials[0].DaysLeft, later.credentials[0].LastUsedAt, later.credentials[0].KeyID = new(41), "2026-11-19T00:00:00Z", strings.ToUpper(id(301))
	later.types[0].ID = strings.ToUpper(later.types[0].ID)
	slices.Reverse(later.types[0].Grants)
	slices.Reverse(later.types[0].Grants[0].DelegatedPermissions)
	later.approvals[0].LastRunAt, later.approvals[0].Decisions = "2026-11-19T00:00:00Z", 4
	slices.Reverse(later.approvals[0].Datasets)
	slices.Reverse(later.approvals[0].Datasets[1].Columns)
	slices.Reverse(later.approvals[0].Sinks)
	for i := range later.findings {
		later.findings[i].Message, later.findings[i].Evidence, later.findings[i].Since = "Other words.", []byte(`{"days":4}`), "2026-01-01T00:00:00Z"
	}
	slices.Reverse(later.applications)
	slices.Reverse(later.permissions)
	if got, result := compared(t, old, later); len(got) > 0 || len(result.NotCompared) > 0 || len(result.Totals) > 0 {
		t.Errorf("got %v and %v, want nothing", got, result.NotCompared)
	}
}

func TestSwappedAndTime(t *testing.T) {
	old, new := newSample(), newSample()
	new.report.AsOf = new.report.AsOf.Add(24 * time.Hour)
	new.findings = new.findings[:1]
	got, result := compared(t, old, new)
	want := []string{"- findings 00000002 ENTRA-002 " + newFinding("ENTRA-002", 2, `{}`).Fingerprint + " outcome:fail> severity:high> message:It is so.> because:>time"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"both sides are of the same facts: findings differ because of time"}, result.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if _, result := compared(t, new, old); len(result.Notes) != 2 || !strings.Contains(result.Notes[0], "swapped") {
		t.Errorf("got notes %v, want that they may have been swapped", result.Notes)
	}
}

func TestOtherTenant(t *testing.T) {
	other := newSample()
	other.report.Tenant.ID = id(98)
	if _, err := Compare(newSample().open(t), other.open(t), t.TempDir()); !errors.Is(err, ErrTenants) {
		t.Errorf("got %v, want %v", err, ErrTenants)
	}
}

// Who and when are those of the latest event that fits, after the old report.
func TestWho(t *testing.T) {
	event := func(at, change, by string, admin *bool, permissions ...string) finding.ConsentEvent {
		return finding.ConsentEvent{AppID: id(1), At: at, Operation: "x", Change: change, By: by, Admin: admin, Permissions: permissions}
	}
	const key = graph + "/delegated/Mail.ReadWrite"
	for _, c := range []struct {
		name   string
		events []finding.ConsentEvent
		want   string
	}{
		{"none", nil, ""},
		{"before the old report", []finding.ConsentEvent{event("2026-10-31T00:00:00Z", added, "eve", nil, key)}, ""},
		{"another permission", []finding.ConsentEvent{event("2026-11-10T00:00:00Z", added, "eve", nil, key+".All")}, ""},
		{"a removal", []finding.ConsentEvent{event("2026-11-10T00:00:00Z", removed, "eve", nil, key)}, ""},
		{"a user's", []finding.ConsentEvent{event("2026-11-10T00:00:00Z", added, "eve", new(false), key)}, ""},
		{"undated", []finding.ConsentEvent{event("", added, "eve", nil, key)}, ""},
		{"fits", []finding.ConsentEvent{event("2026-11-10T00:00:00Z", added, "eve", nil, "other", strings.ToUpper(key))}, " by eve at 2026-11-10T00:00:00Z"},
		{"the latest", []finding.ConsentEvent{
			event("2026-11-12T00:00:00Z", added, "bob", new(true), key), event("2026-11-10T00:00:00Z", added, "eve", new(true), key),
		}, " by bob at 2026-11-12T00:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			new := newSample().later()
			new.permissions = append(new.permissions, permission(1, "delegated", "Mail.ReadWrite", "admin", "high"))
			new.consents = c.events
			got, _ := compared(t, newSample(), new)
			want := []string{"+ permissions 00000001 graph/delegated/Mail.ReadWrite/admin granted:>yes requested:>no resource:>Microsoft Graph" + c.want}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
	new := newSample().later()
	new.permissions = slices.Delete(new.permissions, 1, 2)
	new.consents = []finding.ConsentEvent{event("2026-11-10T00:00:00Z", removed, "eve", nil, graph+"/delegated/User.Read")}
	got, _ := compared(t, newSample(), new)
	if want := []string{"- permissions 00000001 graph/delegated/User.Read/user granted:yes> requested:no> users:3> resource:Microsoft Graph> by eve at 2026-11-10T00:00:00Z"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Whatever the order of rows, the same is told in the same order.
func TestOrder(t *testing.T) {
	edited := func(seed uint64) *sample {
		s := newSample().later()
		s.applications[0].Owners = nil
		s.permissions = append(s.permissions, permission(1, "application", "B", "admin", "low"), permission(2, "application", "A", "admin", "critical"), permission(2, "application", "C", "admin", "low"))
		r := rand.New(rand.NewPCG(seed, seed))
		r.Shuffle(len(s.permissions), func(i, j int) { s.permissions[i], s.permissions[j] = s.permissions[j], s.permissions[i] })
		return s
	}
	items := func(seed uint64) (items []string) {
		_, result := compared(t, newSample(), edited(seed))
		for d, err := range result.Differences() {
			if err != nil {
				t.Fatal(err)
			}
			items = append(items, d.Subject.Name+" "+d.Item)
		}
		return items
	}
	want := []string{"Guest " + graph + "/application/A/admin", "Guest " + graph + "/application/C/admin", "Ledger " + graph + "/application/B/admin"}
	for seed := range uint64(5) {
		if got := items(seed); !slices.Equal(got, want) {
			t.Errorf("seed %d: got %v, want %v", seed, got, want)
		}
	}
}
