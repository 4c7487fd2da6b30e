package diff

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/finding"
)

func (c *comparison) compareCredentials() error {
	if !c.old.doc.Has(finding.Credentials) || !c.new.doc.Has(finding.Credentials) {
		return nil // notCompared says so
	}
	return compareTable(c, table[finding.Credential]{
		section: finding.Credentials,
		group:   func(row *finding.Credential) string { return kindApplication + "\x00" + row.AppID },
		content: func(row *finding.Credential) string {
			return credentialID(row) + "\x01" + content(credentialValues(row))
		},
		tell: c.tellCredentials,
	})
}

// credentialID tells the credentials of an application apart. A certificate that signs tokens is there twice under
// one key id, and has a secret of the same id.
func credentialID(row *finding.Credential) string {
	id := row.KeyID
	if id == "" {
		id = "\x00" + row.Name + "\x00" + row.StartsAt + "\x00" + row.Issuer
	}
	return strings.ToLower(strings.Join([]string{row.Type, row.Of, row.Usage, id}, "\x00"))
}

func credentialValues(row *finding.Credential) []value {
	shown := credentialNeeds(row)
	return []value{
		note("type", row.Type), note("of", strings.ReplaceAll(row.Of, "_", " ")), note("usage", row.Usage),
		text("name", row.Name, shown), instant("starts", row.StartsAt, shown), instant("ends", row.EndsAt, shown),
		text("issuer", row.Issuer, shown), text("subject", row.Subject, shown), list("audiences", row.Audiences, shown),
		text("key", row.Key, of(snapshot.CertificateKeys)),
	}
}

// credentialNeeds is the dataset without which it is not known that a credential is not there.
func credentialNeeds(row *finding.Credential) mask {
	switch {
	case row.Type == "federated":
		return of(snapshot.FederatedCredentials, snapshot.Applications)
	case row.Of == "service_principal":
		return of(snapshot.ServicePrincipals)
	case row.Of == "application":
		return of(snapshot.Applications)
	}
	return of(snapshot.Applications, snapshot.ServicePrincipals)
}

func (c *comparison) tellCredentials(subject key, oldRows, newRows []finding.Credential) error {
	if c.gone[subject] {
		return nil
	}
	old, new := credentialsByID(oldRows), credentialsByID(newRows)
	tell := func(action string, row *finding.Credential, fields []finding.DifferentField) error {
		return c.emit(finding.Difference{
			Area: areaCredentials, Action: action, Subject: applicationSubject(row.AppID, row.AppName),
			Item: cmp.Or(strings.ToLower(row.KeyID), row.Name), Fields: fields,
		}, 0)
	}
	for _, id := range sortedKeys(old) {
		row, err := old[id], error(nil)
		if now := new[id]; now != nil {
			if fields := c.differing(areaCredentials, subject, credentialValues(row), credentialValues(now)); len(fields) > 0 {
				err = tell(changed, now, fields)
			}
		} else if c.known(c.new, areaCredentials, subject, credentialNeeds(row)) {
			err = tell(removed, row, told(credentialValues(row), false))
		}
		if err != nil {
			return err
		}
	}
	for _, id := range sortedKeys(new) {
		if row := new[id]; old[id] == nil && c.known(c.old, areaCredentials, subject, credentialNeeds(row)) {
			if err := tell(added, row, told(credentialValues(row), true)); err != nil {
				return err
			}
		}
	}
	return nil
}

func credentialsByID(rows []finding.Credential) map[string]*finding.Credential {
	slices.SortFunc(rows, compareRows(credentialValues))
	found := map[string]*finding.Credential{}
	for i := range rows {
		id := credentialID(&rows[i])
		for n := 2; found[id] != nil; n++ {
			id = credentialID(&rows[i]) + " " + strconv.Itoa(n)
		}
		found[id] = &rows[i]
	}
	return found
}
