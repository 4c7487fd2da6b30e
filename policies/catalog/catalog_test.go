package catalog

import (
	"slices"
	"strings"
	"testing"
)

const (
	graph      = "00000003-0000-0000-c000-000000000000"
	sharePoint = "00000003-0000-0ff1-ce00-000000000000"
	exchange   = "00000002-0000-0ff1-ce00-000000000000"
	management = "c5393580-f805-4401-95e8-94b7a6ef2fc2"
	aadGraph   = "00000002-0000-0000-c000-000000000000"
)

func load(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func lookup(t *testing.T, c *Catalogue, resource string, kind Kind, value string) Permission {
	t.Helper()
	p, ok := c.Lookup(resource, kind, value)
	if !ok {
		t.Fatalf("%s permission %s of %s is not in the catalogue", kind, value, resource)
	}
	return p
}

// Every permission that Microsoft Graph published on 20 August 2026 is rated, and all that are known of the other APIs.
func TestEmbeddedCatalogueIsWhole(t *testing.T) {
	count := map[string]int{}
	for p := range load(t).All() {
		if p.Tier == Unrated {
			t.Errorf("%s %s is not rated", p.Kind, p.Value)
		}
		count[p.Resource+" "+string(p.Kind)]++
	}
	for what, want := range map[string]int{
		graph + " application": 716, graph + " delegated": 807, graph + " rsc": 71,
		management + " application": 5, management + " delegated": 5,
	} {
		if count[what] != want {
			t.Errorf("%s: got %d, want %d", what, count[what], want)
		}
	}
	for what, least := range map[string]int{sharePoint + " application": 8, sharePoint + " delegated": 8, exchange + " application": 15, exchange + " delegated": 20} {
		if count[what] < least {
			t.Errorf("%s: got %d, want at least %d", what, count[what], least)
		}
	}
}

// Tiers follow the criteria where names tell enough.
func TestTiersFollowTheCriteria(t *testing.T) {
	why := map[string]string{}
	for p := range load(t).All() {
		if p.Kind == Application && Writes(p.Value) && strings.HasSuffix(p.Value, ".All") && p.Tier.Rank() < Medium.Rank() {
			t.Errorf("%s writes tenant-wide and is %s", p.Value, p.Tier)
		}
		if !strings.HasSuffix(p.Why, ".") || len(p.Why) < 15 || len(p.Why) > 200 {
			t.Errorf("%s %s: why is no sentence: %q", p.Kind, p.Value, p.Why)
		}
		if strings.Contains(p.Why, "signed-in") && p.Kind == Application {
			t.Errorf("application permission %s speaks of a signed-in user", p.Value)
		}
		at := p.Resource + string(p.Kind) + p.Why
		if other, taken := why[at]; taken && p.Tier.Rank() >= High.Rank() {
			t.Errorf("%s permissions %s and %s have the same reason: %s", p.Kind, p.Value, other, p.Why)
		}
		why[at] = p.Value
	}
}

// Whoever holds one of these takes over the tenant or gives itself more.
func TestCriticalPermissions(t *testing.T) {
	c := load(t)
	for _, value := range []string{
		"Application.ReadWrite.All", "Application.ReadUpdate.All", "AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All",
		"Directory.ReadWrite.All", "RoleManagement.ReadWrite.Directory", "RoleAssignmentSchedule.ReadWrite.Directory",
		"RoleEligibilitySchedule.ReadWrite.Directory", "RoleManagementPolicy.ReadWrite.Directory", "RoleManagementPolicy.ReadWrite.AzureADGroup",
		"PrivilegedAccess.ReadWrite.AzureAD", "PrivilegedAccess.ReadWrite.AzureADGroup", "PrivilegedAccess.ReadWrite.AzureResources",
		"PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup", "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
		"PrivilegedAssignmentSchedule.ReadWrite.EntraAppRole", "EntitlementManagement.ReadWrite.All", "Policy.ReadWrite.PermissionGrant",
		"Policy.ReadWrite.ConditionalAccess", "Policy.ReadWrite.SecurityDefaults", "Policy.ReadWrite.FedTokenValidation",
		"UserAuthenticationMethod.ReadWrite.All", "UserAuthMethod-TAP.ReadWrite.All", "UserAuthMethod-Email.ReadWrite.All",
		"User-PasswordProfile.ReadWrite.All", "User.ManageIdentities.All", "PublicKeyInfrastructure.ReadWrite.All",
		"MutualTlsOauthConfiguration.ReadWrite.All", "Domain.ReadWrite.All", "Organization.ReadWrite.All", "OnPremDirectorySynchronization.ReadWrite.All",
		"DeviceManagementConfiguration.ReadWrite.All", "DeviceManagementScripts.ReadWrite.All", "AgentIdentityBlueprint.AddRemoveCreds.All",
	} {
		if p := lookup(t, c, graph, Application, value); p.Tier != Critical {
			t.Errorf("%s is %s", value, p.Tier)
		}
	}
	for _, value := range []string{
		"Mail.Read", "Mail.ReadWrite", "Mail.Send", "Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.FullControl.All",
		"Chat.Read.All", "ChannelMessage.Read.All", "Notes.Read.All", "CallTranscripts.Read.All", "DeviceLocalCredential.Read.All", "BitlockerKey.Read.All",
		"User.Export.All", "AiEnterpriseInteraction.Read.All", "SharePointCrossTenantMigration.Manage.All",
	} {
		if p := lookup(t, c, graph, Application, value); p.Tier.Rank() < High.Rank() {
			t.Errorf("%s is %s", value, p.Tier)
		}
	}
}

func TestEveryNarrowerAlternativeResolves(t *testing.T) {
	c := load(t)
	for p := range c.All() {
		for _, value := range p.Narrower {
			narrow, ok := c.Lookup(p.Resource, p.Kind, value)
			if !ok {
				t.Errorf("%s %s: alternative %s does not resolve", p.Kind, p.Value, value)
			}
			if narrow.Tier.Rank() > p.Tier.Rank() {
				t.Errorf("%s %s is %s, its alternative %s is %s", p.Kind, p.Value, p.Tier, value, narrow.Tier)
			}
		}
	}
}

func TestSharePointEmbeddedIsComplete(t *testing.T) {
	c := load(t)
	for _, want := range []struct {
		resource, value string
		kind            Kind
		id              string
		userConsent     bool
	}{
		{graph, "FileStorageContainer.Selected", Delegated, "085ca537-6565-41c2-aca7-db852babc212", true},
		{graph, "FileStorageContainer.Selected", Application, "40dc41bc-0f7e-42ff-89bd-d9516947e474", false},
		{graph, "FileStorageContainer.Manage.All", Delegated, "527b6d64-cdf5-4b8b-b336-4aa0b8ca2ce5", false},
		{graph, "FileStorageContainerType.Manage.All", Delegated, "8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b", true},
		{graph, "FileStorageContainerTypeReg.Manage.All", Delegated, "c319a7df-930e-44c0-a43b-7e5e9c7f4f24", true},
		{graph, "FileStorageContainerTypeReg.Selected", Delegated, "d1e4f63a-1569-475c-b9b2-bdc140405e38", true},
		{graph, "FileStorageContainerTypeReg.Selected", Application, "2dcc6599-bd30-442b-8f11-90f88ad441dc", false},
		{sharePoint, "Container.Selected", Application, "19766c1b-905b-43af-8756-06526ab42875", false},
		{sharePoint, "Container.Selected", Delegated, "4d114b1a-3649-4764-9dfb-be1e236ff371", true},
	} {
		got := lookup(t, c, want.resource, want.kind, want.value)
		if got.ID != want.id || got.UserConsent != want.userConsent || got.Tier == Unrated {
			t.Errorf("%s %s: got %+v", want.kind, want.value, got)
		}
	}
	if _, ok := c.Lookup(graph, Application, "FileStorageContainerType.Manage.All"); ok {
		t.Error("FileStorageContainerType.Manage.All has an application variant, which does not exist")
	}
}

func TestLookupIgnoresCase(t *testing.T) {
	c := load(t)
	got := lookup(t, c, strings.ToUpper(graph), Application, "directory.READ.all")
	if got.Value != "Directory.Read.All" || got.ID != "7ab1d382-f21e-4acd-a863-ba3e13f7da61" {
		t.Errorf("got %+v", got)
	}
	for _, miss := range []key{{graph, Application, "openid"}, {sharePoint, Delegated, "User.Read"}, {graph, "", "User.Read"}, {"", Delegated, "User.Read"}} {
		if p, ok := c.Lookup(miss.resource, miss.kind, miss.value); ok {
			t.Errorf("%+v: got %+v, want nothing", miss, p)
		}
	}
}

func TestByIDFollowsTheCloud(t *testing.T) {
	c := load(t)
	const global, government = "9b50c33d-700f-43b1-b2eb-87e89b703581", "7b34580a-e1eb-4327-aa30-0e48cd4ae5ac"
	const same, personal = "7ab1d382-f21e-4acd-a863-ba3e13f7da61", "64b146e2-de0e-481c-90d9-2120004739a9"
	for _, test := range []struct{ cloud, id, want string }{
		{"global", global, "Synchronization.ReadWrite.All"},
		{"gcc", strings.ToUpper(global), "Synchronization.ReadWrite.All"},
		{"custom", global, "Synchronization.ReadWrite.All"},
		{"china", global, "Synchronization.ReadWrite.All"},
		{"usgov", government, "Synchronization.ReadWrite.All"},
		{"dod", government, "Synchronization.ReadWrite.All"},
		{"usgov", global, ""},
		{"global", government, ""},
		{"usgov", same, "Directory.Read.All"},
		{"global", personal, "FileStorageContainer.Selected"},
		{"usgov", personal, ""},
		{"mars", same, ""},
		{"", same, ""},
		{"global", "00000000-0000-0000-0000-000000000000", ""},
	} {
		var got string
		for _, p := range c.ByID(test.cloud, graph, test.id) {
			got += p.Value
		}
		if got != test.want {
			t.Errorf("%s %s: got %q, want %q", test.cloud, test.id, got, test.want)
		}
	}
}

func TestByIDGivesBothKindsOfASharedID(t *testing.T) {
	got := load(t).ByID("global", management, "594c1fb6-4f81-4475-ae41-0c394909246c")
	if len(got) != 2 || got[0].Kind != Application || got[1].Kind != Delegated || got[0].Value != "ActivityFeed.Read" || got[1].Value != "ActivityFeed.Read" {
		t.Errorf("got %+v", got)
	}
}

func TestIDInAnUnknownCloudIsEmpty(t *testing.T) {
	p := Permission{ID: "a", IDs: map[string]string{"usgov": "b", "china": "c"}}
	for cloud, want := range map[string]string{"global": "a", "gcc": "a", "custom": "a", "usgov": "b", "dod": "b", "china": "c", "mars": ""} {
		if got := p.IDIn(cloud); got != want {
			t.Errorf("%s: got %q, want %q", cloud, got, want)
		}
	}
}

func TestAnswersDoNotShareMemoryWithTheCatalogue(t *testing.T) {
	c := load(t)
	p := lookup(t, c, graph, Application, "Sites.ReadWrite.All")
	p.Narrower[0] = "spoilt"
	c.Resources()[graph] = "spoilt"
	for q := range c.All() {
		if len(q.Narrower) > 0 {
			q.Narrower[0] = "spoilt"
		}
		break
	}
	if got := lookup(t, c, graph, Application, "Sites.ReadWrite.All").Narrower[0]; got != "Sites.Selected" {
		t.Errorf("got %q", got)
	}
	if got := c.Resources()[graph]; got != "Microsoft Graph" {
		t.Errorf("got %q", got)
	}
}

func TestResourcesAreNamed(t *testing.T) {
	got := load(t).Resources()
	for id, want := range map[string]string{
		graph: "Microsoft Graph", sharePoint: "Office 365 SharePoint Online", exchange: "Office 365 Exchange Online",
		management: "Office 365 Management APIs", aadGraph: "Azure AD Graph",
	} {
		if got[id] != want {
			t.Errorf("%s: got %q, want %q", id, got[id], want)
		}
	}
}

func TestAllIsSortedAndStops(t *testing.T) {
	c := load(t)
	all := slices.Collect(c.All())
	sorted := slices.IsSortedFunc(all, func(a, b Permission) int {
		return strings.Compare(
			a.Resource+" "+strings.ToLower(a.Value)+" "+string(a.Kind),
			b.Resource+" "+strings.ToLower(b.Value)+" "+string(b.Kind))
	})
	if !sorted {
		t.Error("not sorted by resource, value and kind")
	}
	for range c.All() {
		break
	}
}

func TestRanksOrderTiers(t *testing.T) {
	tiers := []Tier{Unrated, Low, Medium, High, Critical}
	for i, tier := range tiers {
		if tier.Rank() != i {
			t.Errorf("%s: got %d, want %d", tier, tier.Rank(), i)
		}
	}
	if got := Tier("severe").Rank(); got != 0 {
		t.Errorf("unknown tier: got %d", got)
	}
}

func TestChosenAlternatives(t *testing.T) {
	c := load(t)
	for _, want := range []struct {
		kind         Kind
		wide, narrow string
	}{
		{Application, "Sites.ReadWrite.All", "Sites.Selected"},
		{Application, "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"},
		{Application, "Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy"},
		{Application, "User.Read.All", "User.ReadBasic.All"},
		{Application, "Directory.ReadWrite.All", "Group.ReadWrite.All"},
		{Application, "Mail.ReadWrite", "Mail.ReadBasic.All"},
		{Delegated, "Files.Read.All", "Files.Read"},
		{Delegated, "FileStorageContainerTypeReg.Manage.All", "FileStorageContainerTypeReg.Selected"},
		{Delegated, "FileStorageContainer.Manage.All", "FileStorageContainer.Selected"},
	} {
		if got := lookup(t, c, graph, want.kind, want.wide); !slices.Contains(got.Narrower, want.narrow) {
			t.Errorf("%s %s: got %v, want %s among them", want.kind, want.wide, got.Narrower, want.narrow)
		}
	}
	if got := lookup(t, c, graph, Delegated, "FileStorageContainerType.Manage.All"); len(got.Narrower) > 0 {
		t.Errorf("FileStorageContainerType.Manage.All has no narrower alternative, got %v", got.Narrower)
	}
}
