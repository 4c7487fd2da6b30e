package reports

import (
	"cmp"
	"strings"

	"leastwise/policies/finding"
)

func credentialSheet(b *book, d *finding.Document) sheet[finding.Credential] {
	return sheet[finding.Credential]{
		name: "Credentials", about: "Secrets, certificates and federated credentials of applications; never their values.", pinned: 1, printed: 10,
		none: "No credentials: no application has any.", rows: d.Credentials(), absent: !d.Has(finding.Credentials),
		datasets: []string{"applications", "service_principals", "federated_credentials", "certificate_keys", "credential_activity"},
		columns: []column[finding.Credential]{
			{"Application", 30, wrapped, func(c finding.Credential) any { return cmp.Or(c.AppName, c.AppID) }},
			{"Type", 12, plain, func(c finding.Credential) any { return c.Type }},
			{"Name", 26, wrapped, func(c finding.Credential) any { return c.Name }},
			{"Belongs to", 17, plain, func(c finding.Credential) any { return words(c.Of) }},
			{"Valid from (UTC)", 17, instant, func(c finding.Credential) any { return c.StartsAt }},
			{"Valid until (UTC)", 17, expiry, func(c finding.Credential) any { return c.EndsAt }},
			{"Days left", 9, left, func(c finding.Credential) any { return pointed(c.DaysLeft) }},
			{"Last used (UTC)", 17, instant, func(c finding.Credential) any { return c.LastUsedAt }},
			{"Key", 24, word, func(c finding.Credential) any { return keyOf(c) }},
			{"Portal", 8, linked, func(c finding.Credential) any { return portal(b.links.application(c.AppID)) }},
			{"Usage", 9, plain, func(c finding.Credential) any { return c.Usage }},
			{"Issuer", 40, wrapped, func(c finding.Credential) any { return c.Issuer }},
			{"Subject", 40, wrapped, func(c finding.Credential) any { return c.Subject }},
			{"Key ID", 37, plain, func(c finding.Credential) any { return c.KeyID }},
			{"App ID", 37, plain, func(c finding.Credential) any { return c.AppID }},
		},
	}
}

// keyOf is the key of a certificate, or that it was not read; secrets have none.
func keyOf(c finding.Credential) string {
	if c.Key == "" && c.Type == "certificate" {
		return "not read"
	}
	return c.Key
}

func consentSheet(b *book, d *finding.Document) sheet[finding.ConsentEvent] {
	return sheet[finding.ConsentEvent]{
		name: "Consents", about: "Events that granted applications permissions, or took them away: who and when.", pinned: 2, printed: 8,
		none: "No consents: no event that grants or takes away a permission was seen.", rows: d.Consents(), absent: !d.Has(finding.Consents),
		datasets: []string{"consent_events"},
		columns: []column[finding.ConsentEvent]{
			{"When (UTC)", 17, instant, func(c finding.ConsentEvent) any { return c.At }},
			{"Application", 30, wrapped, func(c finding.ConsentEvent) any { return cmp.Or(c.AppName, c.AppID) }},
			{"Change", 10, plain, func(c finding.ConsentEvent) any { return c.Change }},
			{"Permissions", 60, wrapped, func(c finding.ConsentEvent) any { return strings.Join(c.Permissions, "\n") }},
			{"By", 34, wrapped, func(c finding.ConsentEvent) any { return c.By }},
			{"For everybody", 11, plain, func(c finding.ConsentEvent) any { return pointed(c.Admin) }},
			{"Operation", 40, wrapped, func(c finding.ConsentEvent) any { return c.Operation }},
			{"Portal", 8, linked, func(c finding.ConsentEvent) any { return portal(b.links.application(c.AppID)) }},
			{"App ID", 37, plain, func(c finding.ConsentEvent) any { return c.AppID }},
		},
	}
}
