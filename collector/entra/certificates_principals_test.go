package entra_test

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"

	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// signing is a tenant in which service principals have certificates: sp1 signs tokens for single sign-on, and id1
// is a managed identity. sp2 has none.
func signing(t *testing.T) *fakegraph.Graph {
	t.Helper()
	return tenant(t).On(apps, fakegraph.Value()).On(apps+"/$count", fakegraph.Answer{Body: "0"}).
		On(principals, fakegraph.Value(
			`{"id":"sp1","appId":"x","servicePrincipalType":"Application","owners":[],"appRoles":[],"keyCredentials":[{"keyId":"s","type":"X509CertAndPassword","key":null},{"keyId":"v","type":"AsymmetricX509Cert","key":null}]}`,
			`{"id":"sp2","appId":"y","servicePrincipalType":"Application","owners":[],"appRoles":[],"keyCredentials":[]}`,
			`{"id":"id1","appId":"z","servicePrincipalType":"ManagedIdentity","owners":[],"appRoles":[],"keyCredentials":[{"keyId":"m","type":"AsymmetricX509Cert","key":null}]}`,
		)).On(principals+"/$count", fakegraph.Answer{Body: "3"})
}

// member is one of keyCredentials as a single object shows it; key is JSON.
func member(id, usage, identifier, ends, key string) string {
	kind := map[string]string{"Sign": "X509CertAndPassword"}[usage]
	if kind == "" {
		kind = "AsymmetricX509Cert"
	}
	return fmt.Sprintf(`{"keyId":%q,"type":%q,"usage":%q,"customKeyIdentifier":%q,"startDateTime":"2026-01-01T00:00:00Z","endDateTime":%q,"key":%s}`,
		id, kind, usage, identifier, ends, key)
}

func TestCertificatesOfServicePrincipals(t *testing.T) {
	const ends, later = "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"
	der := certificate(t, rsaKey(t, 1024), x509.SHA1WithRSA)
	weak, other := base64JSON(der), base64JSON(certificate(t, rsaKey(t, 2048), x509.SHA256WithRSA))
	unread := "1 row(s) damaged, first sp1/s: Graph did not send the certificate"
	for _, c := range []struct {
		name    string
		members []string
		private string // the row of the private key; "" is that nothing is known of it
		reason  string
	}{
		{"a signing key and its certificate", []string{member("s", "Sign", "c", ends, "null"), member("v", "Verify", "c", ends, weak)}, `"describedBy":"v"`, ""},
		{"in the other order", []string{member("v", "Verify", "c", ends, weak), member("s", "Sign", "c", ends, "null")}, `"describedBy":"v"`, ""},
		{"the certificate is there twice", []string{
			member("s", "Sign", "c", ends, "null"), member("v", "Verify", "c", ends, weak), member("w", "Verify", "c", ends, weak),
		}, `"describedBy":"w"`, ""},
		{"renewed under the same identifier", []string{
			member("s", "Sign", "c", ends, "null"), member("v", "Verify", "c", ends, weak), member("w", "Verify", "c", later, other),
		}, `"describedBy":"v"`, ""},
		{"two certificates fit", []string{
			member("s", "Sign", "c", ends, "null"), member("v", "Verify", "c", ends, weak), member("w", "Verify", "c", ends, other),
		}, "", unread},
		{"another identifier", []string{member("s", "Sign", "c", ends, "null"), member("v", "Verify", "d", ends, weak)}, "", unread},
		{"no identifier", []string{member("s", "Sign", "", ends, "null"), member("v", "Verify", "", ends, weak)}, "", unread},
		{"no end", []string{member("s", "Sign", "c", "", "null"), member("v", "Verify", "c", "", weak)}, "", unread},
		{"another end", []string{member("s", "Sign", "c", later, "null"), member("v", "Verify", "c", ends, weak)}, "", unread},
		{"of a verification key, nothing is inferred", []string{member("s", "Verify", "c", ends, "null"), member("v", "Verify", "c", ends, weak)}, "", unread},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := signing(t).On(principals+"/sp1", fakegraph.Answer{Body: `{"id":"sp1","keyCredentials":[` + strings.Join(c.members, ",") + `]}`})
			s := collect(t, g, reader(), collecting{source: withKeys})
			status := snapshot.Collected
			if c.reason != "" {
				status = snapshot.Partial
			}
			expect(t, s, snapshot.CertificateKeys, status, len(c.members), c.reason)
			found := false
			for _, row := range fakegraph.Rows(t, s, snapshot.CertificateKeys) {
				if !strings.HasPrefix(row, `{"id":"sp1/s","objectId":"sp1","keyId":"s",`) {
					continue
				}
				found = true
				described := strings.Contains(row, `"bits":1024,"signatureAlgorithm":"SHA1-RSA"`)
				if described != (c.private != "") || !strings.Contains(row, c.private) {
					t.Errorf("row %s", row)
				}
			}
			if !found {
				t.Error("no row of the private key")
			}
			if r := g.Requests(principals + "/sp1"); len(r) != 1 || r[0].Query.Get("$select") != "id,keyCredentials" || r[0].Batch == 0 {
				t.Errorf("asked with %+v", r)
			}
			if n := len(g.Requests(principals+"/sp2")) + len(g.Requests(principals+"/id1")); n != 0 {
				t.Errorf("%d requests for those that have no certificate of their own making", n)
			}
		})
	}
}

// Changes tell of the objects that have changed; certificates are read of all, so that those of unchanged ones are there.
func TestCertificatesSinceAnEarlierSnapshot(t *testing.T) {
	der := base64JSON(certificate(t, rsaKey(t, 2048), x509.SHA256WithRSA))
	keys := collecting{source: withKeys}
	g := certificatesOf(after(t), der)
	s := collect(t, g, reader(), keys, since(collect(t, before(t), reader())))
	expect(t, s, snapshot.CertificateKeys, snapshot.Collected, 7)
	sameDatasets(t, s, collect(t, certificatesOf(after(t), der), reader(), keys))
	if n := len(g.Requests(apps+"/app3")) + len(g.Requests(principals+"/sp3")); n != 0 {
		t.Errorf("%d requests for what was removed", n)
	}
}
