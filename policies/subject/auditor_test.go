package subject

import (
	"testing"

	"leastwise/collector/snapshot"
)

func TestAuditors(t *testing.T) {
	needs := []snapshot.Need{
		{Dataset: snapshot.Applications, Least: []string{"Application.Read.All"}, Accepted: []string{"Directory.Read.All"}},
		{Dataset: snapshot.Organization, Least: []string{}},
	}
	f := facts{
		rows: map[snapshot.Name][]string{snapshot.ServicePrincipals: {`{"id":"s1","appId":"App","displayName":"leastwise auditor"}`}},
		identities: []snapshot.Identity{
			{
				Kind: "certificate", ClientID: "app", AppOnly: true, Roles: []string{"Mail.Read", "Custom.Read", "ActivityFeed.Read"},
				Scopes: []string{"Ignored.Scope"}, Needs: needs, Datasets: []string{snapshot.Applications},
			},
			{Kind: "device-code", ClientID: "app", User: "ada@contoso.com", Roles: []string{"Ignored.Role"}, Scopes: []string{"mail.read"}, Needs: needs[:1]},
			{Kind: "managed", Opaque: true, AppOnly: true, Roles: []string{"Of.Another.Token"}, Needs: needs[:1]},
			{Kind: "secret", ClientID: "old", AppOnly: true},
			{Kind: "folder", Datasets: []string{snapshot.Applications}},
		},
	}
	need := DatasetNeed{Dataset: snapshot.Applications, Least: []string{"Application.Read.All"}, Accepted: []string{"Directory.Read.All"}}
	want := []Document{
		{ID: "certificate/app", Name: "leastwise auditor (certificate)", Value: &Auditor{
			Kind: KindAuditor, ID: "certificate/app", Credential: "certificate", SignedIn: true, ClientID: "app", AppOnly: true,
			Held: []HeldPermission{
				{"ActivityFeed.Read", "application", "medium"}, {"Custom.Read", "application", "unrated"}, {"Mail.Read", "application", "high"},
			},
			Needs: []DatasetNeed{need, {Dataset: snapshot.Organization, Least: []string{}, Accepted: []string{}}},
			Read:  []string{snapshot.Applications},
		}},
		{ID: "device-code/app/ada@contoso.com", Name: "ada@contoso.com (device-code)", Value: &Auditor{
			Kind: KindAuditor, ID: "device-code/app/ada@contoso.com", Credential: "device-code", SignedIn: true, ClientID: "app", User: "ada@contoso.com",
			Held: []HeldPermission{{"mail.read", "delegated", "medium"}}, Needs: []DatasetNeed{need}, Read: []string{},
		}},
		{ID: "folder", Value: &Auditor{Kind: KindAuditor, ID: "folder", Credential: "folder", Read: []string{snapshot.Applications}}},
		{ID: "managed", Value: &Auditor{
			Kind: KindAuditor, ID: "managed", Credential: "managed", SignedIn: true, AppOnly: true, Opaque: true,
			Needs: []DatasetNeed{need}, Read: []string{},
		}},
		{ID: "secret/old", Value: &Auditor{
			Kind: KindAuditor, ID: "secret/old", Credential: "secret", SignedIn: true, ClientID: "old", AppOnly: true,
			Held: []HeldPermission{}, Read: []string{},
		}},
	}
	for i := range want {
		want[i].Kind = KindAuditor
	}
	same(t, "identities", want, documents(t, f.open(t), KindAuditor))
}
