package policies

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

func TestCredentialRows(t *testing.T) {
	app := &subject.Application{
		ID: "app", DisplayName: "Ledger",
		Credentials: []subject.Credential{
			{
				KeyID: "c1", Type: "certificate", Usage: "verify", Of: "application", Starts: "2026-01-01T00:00:00Z", Ends: "2027-01-01T00:00:00Z",
				DaysLeft: new(42), KeyAlgorithm: "RSA", KeyBits: new(2048), Signature: "SHA256-RSA", LastUsedAt: "2026-11-01T00:00:00Z",
			},
			{KeyID: "c2", Type: "certificate", Of: "service_principal", KeyAlgorithm: "Ed25519"},
			{KeyID: "c3", Type: "certificate", Of: "service_principal", Signature: "SHA1-RSA"},
			{KeyID: "s1", Name: "deploy", Type: "secret", Of: "application"},
		},
		FederatedCredentials: []subject.FederatedCredential{
			{ID: "F2", Name: "flexible", Issuer: "https://issuer", Expression: "claims['sub'] matches 'repo:x/*'"},
			{ID: "F1", Name: "github", Issuer: "https://issuer", Subject: new("repo:x/y")},
		},
	}
	row := func(c finding.Credential) finding.Credential {
		c.AppID, c.AppName = "app", "Ledger"
		return c
	}
	want := []finding.Credential{
		row(finding.Credential{
			KeyID: "c1", Type: "certificate", Usage: "verify", Of: "application", StartsAt: "2026-01-01T00:00:00Z", EndsAt: "2027-01-01T00:00:00Z",
			DaysLeft: new(42), Key: "RSA 2048, SHA256-RSA", LastUsedAt: "2026-11-01T00:00:00Z",
		}),
		row(finding.Credential{KeyID: "c2", Type: "certificate", Of: "service_principal", Key: "Ed25519"}),
		row(finding.Credential{KeyID: "c3", Type: "certificate", Of: "service_principal", Key: "SHA1-RSA"}),
		row(finding.Credential{KeyID: "s1", Name: "deploy", Type: "secret", Of: "application"}),
		row(finding.Credential{KeyID: "f1", Name: "github", Type: "federated", Of: "application", Issuer: "https://issuer", Subject: "repo:x/y"}),
		row(finding.Credential{KeyID: "f2", Name: "flexible", Type: "federated", Of: "application", Issuer: "https://issuer", Subject: "claims['sub'] matches 'repo:x/*'"}),
	}
	if diff := cmp.Diff(want, credentialRows(app)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestConsentRows(t *testing.T) {
	app := &subject.Application{ID: "app", DisplayName: "Ledger", Consents: []subject.Consent{
		{At: "2026-11-02T09:15:00Z", Operation: "Consent to application", Change: "added", By: &subject.Person{UPN: "ada@x", ObjectID: "1"}, Admin: new(true), Keys: []string{"r/delegated/A"}, Scopes: []string{"odd"}},
		{Operation: "Remove delegated permission grant", Change: "removed", ByApp: "other", Keys: []string{}},
	}}
	want := []finding.ConsentEvent{
		{AppID: "app", AppName: "Ledger", At: "2026-11-02T09:15:00Z", Operation: "Consent to application", Change: "added", By: "ada@x", Admin: new(true), Permissions: []string{"r/delegated/A", "odd"}},
		{AppID: "app", AppName: "Ledger", Operation: "Remove delegated permission grant", Change: "removed", By: "other", Permissions: []string{}},
	}
	if diff := cmp.Diff(want, consentRows(app)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}
