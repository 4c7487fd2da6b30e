package policies

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"leastwise/policies/finding"
	"leastwise/policies/subject"
)

// credentialRows are the secrets and certificates of both objects of an application, then what its
// registration trusts of other issuers.
func credentialRows(s *subject.Application) []finding.Credential {
	rows := make([]finding.Credential, 0, len(s.Credentials)+len(s.FederatedCredentials))
	for _, c := range s.Credentials {
		rows = append(rows, finding.Credential{
			AppID: s.ID, AppName: s.DisplayName, KeyID: c.KeyID, Name: c.Name, Type: c.Type, Of: c.Of, Usage: c.Usage,
			StartsAt: c.Starts, EndsAt: c.Ends, DaysLeft: c.DaysLeft, Key: keyText(c), LastUsedAt: c.LastUsedAt,
		})
	}
	for _, c := range s.FederatedCredentials {
		row := finding.Credential{
			AppID: s.ID, AppName: s.DisplayName, KeyID: strings.ToLower(c.ID), Name: c.Name, Type: "federated", Of: "application",
			Issuer: c.Issuer, Subject: c.Expression, Audiences: c.Audiences,
		}
		if c.Subject != nil {
			row.Subject = *c.Subject
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows[len(s.Credentials):], func(a, b finding.Credential) int {
		return cmp.Or(cmp.Compare(a.KeyID, b.KeyID), cmp.Compare(a.Name, b.Name))
	})
	return rows
}

// keyText is what is known of the key of a certificate: RSA 2048, SHA256-RSA.
func keyText(c subject.Credential) string {
	size := c.KeyAlgorithm
	if c.KeyBits != nil {
		size = strings.TrimSpace(fmt.Sprintf("%s %d", c.KeyAlgorithm, *c.KeyBits))
	}
	if size == "" || c.Signature == "" {
		return size + c.Signature
	}
	return size + ", " + c.Signature
}

// consentRows are the events of an application, the latest first.
func consentRows(s *subject.Application) []finding.ConsentEvent {
	rows := make([]finding.ConsentEvent, 0, len(s.Consents))
	for _, c := range s.Consents {
		rows = append(rows, finding.ConsentEvent{
			AppID: s.ID, AppName: s.DisplayName, At: c.At, Operation: c.Operation, Change: c.Change,
			By: cmp.Or(name(c.By), c.ByApp), Admin: c.Admin, Permissions: append(append([]string{}, c.Keys...), c.Scopes...),
		})
	}
	return rows
}
