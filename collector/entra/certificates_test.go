package entra_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"leastwise/collector/entra"
	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// certificate makes one that is signed with its own key.
func certificate(t *testing.T, key crypto.Signer, algorithm x509.SignatureAlgorithm) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"}, SignatureAlgorithm: algorithm,
		NotBefore: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), NotAfter: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func rsaKey(t *testing.T, bits int) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func withKeys(o *entra.Options) { o.CertificateKeys = true }

// keyed answers for an application with these values of key, each as JSON.
func keyed(keys ...string) fakegraph.Answer {
	var all []string
	for i, key := range keys {
		all = append(all, fmt.Sprintf(`{"keyId":"k%d","type":"AsymmetricX509Cert","usage":"Verify","customKeyIdentifier":"c%d","key":%s}`, i, i, key))
	}
	return fakegraph.Answer{Body: `{"id":"app1","keyCredentials":[` + strings.Join(all, ",") + `]}`}
}

func base64JSON(data []byte) string { return `"` + base64.StdEncoding.EncodeToString(data) + `"` }

// certified is a tenant in which app1 has certificates.
func certified(t *testing.T) *fakegraph.Graph {
	g := tenant(t)
	return g.On(apps, fakegraph.Value(`{"id":"app1","appId":"x","owners":[],"keyCredentials":[{"keyId":"k0","type":"AsymmetricX509Cert","key":null}]}`, `{"id":"app2","appId":"x","owners":[],"keyCredentials":[]}`)).
		On(apps+"/$count", fakegraph.Answer{Body: "2"}).
		On(principals, fakegraph.Value(`{"id":"sp1","appId":"x","owners":[],"appRoles":[],"keyCredentials":[]}`)).
		On(principals+"/$count", fakegraph.Answer{Body: "1"})
}

func TestCertificatesAreDescribed(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ders := [][]byte{
		certificate(t, rsaKey(t, 2048), x509.SHA256WithRSA), certificate(t, rsaKey(t, 1024), x509.SHA1WithRSA),
		certificate(t, curve, x509.ECDSAWithSHA384), certificate(t, rsaKey(t, 3072), x509.SHA512WithRSAPSS), certificate(t, edwards, x509.PureEd25519),
	}
	var keys, want []string
	for i, about := range []string{
		`"algorithm":"RSA","bits":2048,"signatureAlgorithm":"SHA256-RSA","signatureHash":"SHA256"`,
		`"algorithm":"RSA","bits":1024,"signatureAlgorithm":"SHA1-RSA","signatureHash":"SHA1"`,
		`"algorithm":"ECDSA","bits":384,"signatureAlgorithm":"ECDSA-SHA384","signatureHash":"SHA384"`,
		`"algorithm":"RSA","bits":3072,"signatureAlgorithm":"SHA512-RSAPSS","signatureHash":"SHA512"`,
		`"algorithm":"Ed25519","signatureAlgorithm":"Ed25519"`,
	} {
		keys = append(keys, base64JSON(ders[i]))
		want = append(want, fmt.Sprintf(`{"id":"app1/k%d","objectId":"app1","keyId":"k%d","usage":"Verify",%s,"thumbprintSha1":"%X","thumbprintSha256":"%X","subject":"CN=app","notBefore":"2026-01-02T03:04:05Z","notAfter":"2027-01-02T03:04:05Z","customKeyIdentifier":"c%d"}`,
			i, i, about, sha1.Sum(ders[i]), sha256.Sum256(ders[i]), i))
	}
	keys[2] = base64JSON([]byte(base64.StdEncoding.EncodeToString(ders[2]))) // encoded twice, as some writers do
	g := certified(t).On(apps+"/app1", keyed(keys...))
	s := collect(t, g, reader(), collecting{source: withKeys})
	expect(t, s, snapshot.CertificateKeys, snapshot.Collected, 5)
	sameRows(t, s, snapshot.CertificateKeys, want...)
	if r := g.Requests(apps + "/app1"); len(r) != 1 || r[0].Query.Get("$select") != "id,keyCredentials" || r[0].Batch == 0 {
		t.Errorf("asked with %+v", r)
	}
	if len(g.Requests(apps+"/app2")) != 0 {
		t.Error("an application without certificates was asked")
	}
}

// keeper is a journal that shows all that it is given.
type keeper struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Recall is part of graphapi.Journal.
func (*keeper) Recall(string, func(json.RawMessage) error) (graphapi.Kept, bool, error) {
	return graphapi.Kept{}, false, nil
}

// Record is part of graphapi.Journal.
func (k *keeper) Record(string) graphapi.Record { return k }

// Forget is part of graphapi.Journal.
func (*keeper) Forget(...string) error { return nil }

// Row is part of graphapi.Record.
func (k *keeper) Row(row json.RawMessage) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.text.Write(row)
	return nil
}

// End is part of graphapi.Record.
func (k *keeper) End(graphapi.Kept) error { return nil }

func TestCertificatesThemselvesAreDroppedOnArrival(t *testing.T) {
	der := certificate(t, rsaKey(t, 2048), x509.SHA256WithRSA)
	secret := base64.StdEncoding.EncodeToString(der)
	for name, answers := range map[string][]fakegraph.Answer{
		"read":      {keyed(`"` + secret + `"`)},
		"unsound":   {keyed(`"`+secret+`"`, `"not base64 `+secret+`"`)},
		"mistyped":  {{Body: `{"id":"app1","keyCredentials":"` + secret + `"}`}},
		"throttled": {{Status: 503, Body: secret}, keyed(`"` + secret + `"`)},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			journal := &keeper{}
			logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			s := collect(t, certified(t).On(apps+"/app1", answers...), reader(), collecting{
				source: func(o *entra.Options) { o.CertificateKeys, o.Logger = true, logger },
				client: func(o *graphapi.Options) { o.Journal, o.Logger = journal, logger },
			})
			var text strings.Builder
			text.WriteString(journal.text.String() + log.String())
			manifest, err := json.Marshal(s.Manifest)
			if err != nil {
				t.Fatal(err)
			}
			text.Write(manifest)
			for _, dataset := range entra.Datasets() {
				for _, row := range fakegraph.Rows(t, s, dataset) {
					text.WriteString(row)
				}
			}
			for _, part := range []string{secret[:60], secret[len(secret)/2:][:60]} {
				if strings.Contains(text.String(), part) {
					t.Errorf("the certificate is kept: …%s…", around(text.String(), part))
				}
			}
		})
	}
}

func around(text, part string) string {
	at := strings.Index(text, part)
	return text[max(at-200, 0):at]
}

func TestCertificatesThatCannotBeRead(t *testing.T) {
	const unreadable = `{"id":"app1/k0","objectId":"app1","keyId":"k0","usage":"Verify","unreadable":"%s","customKeyIdentifier":"c0"}`
	second := func(about string, i int) string {
		return fmt.Sprintf(`{"id":"app1/k%d","objectId":"app1","keyId":"k%d","usage":"Verify",%s,"customKeyIdentifier":"c%d"}`, i, i, about, i)
	}
	for _, c := range []struct {
		name   string
		answer fakegraph.Answer
		status snapshot.Status
		rows   []string
		reason string
	}{
		{"not sent", keyed("null"), snapshot.Partial, []string{fmt.Sprintf(unreadable, "Graph did not send the certificate")}, "1 row(s) damaged, first app1/k0: Graph did not send the certificate"},
		{"no certificate", keyed(base64JSON([]byte("-----BEGIN"))), snapshot.Partial, []string{fmt.Sprintf(unreadable, "it is no X.509 certificate")}, "1 row(s) damaged, first app1/k0: it is no X.509 certificate"},
		{"symmetric", fakegraph.Answer{Body: `{"id":"app1","keyCredentials":[{"keyId":"k","type":"Symmetric","key":"AAAA"}]}`}, snapshot.Partial, nil, "first app1: certificates: 1 were listed, and 0 came"},
		{"fewer than listed", keyed(), snapshot.Partial, nil, "first app1: certificates: 1 were listed, and 0 came"},
		{"keys absent", fakegraph.Answer{Body: `{"id":"app1"}`}, snapshot.Partial, nil, "first app1: certificates: keyCredentials is not in the answer"},
		{"keys null", fakegraph.Answer{Body: `{"id":"app1","keyCredentials":null}`}, snapshot.Partial, nil, "first app1: certificates: keyCredentials is not in the answer"},
		{"of another application", fakegraph.Answer{Body: `{"id":"app2","keyCredentials":[{"keyId":"k0","type":"AsymmetricX509Cert","key":null}]}`}, snapshot.Partial, nil, `first app1: certificates: the answer is about "app2"`},
		{"of nobody", fakegraph.Answer{Body: `{"value":[]}`}, snapshot.Partial, nil, `first app1: certificates: the answer is about ""`},
		{"gone meanwhile", failure(http.StatusNotFound, "Request_ResourceNotFound", "gone"), snapshot.Failed, nil, "certificates of application app1: "},
		{"denied", fakegraph.Denied(), snapshot.Denied, nil, "Insufficient privileges"},
		{"no base64", keyed(base64JSON([]byte("-----BEGIN")), `"***"`, "7"), snapshot.Partial, []string{
			fmt.Sprintf(unreadable, "it is no X.509 certificate"), second(`"unreadable":"the certificate is not base64"`, 1), second(`"unreadable":"the certificate is not base64"`, 2),
		}, "3 row(s) damaged, first app1/k0: it is no X.509 certificate"},
		{"no object", fakegraph.Answer{Body: `[]`}, snapshot.Failed, nil, "the answer cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := collect(t, certified(t).On(apps+"/app1", c.answer), reader(), collecting{source: withKeys})
			expect(t, s, snapshot.CertificateKeys, c.status, len(c.rows), c.reason)
			sameRows(t, s, snapshot.CertificateKeys, c.rows...)
		})
	}
	t.Run("applications denied", func(t *testing.T) {
		s := collect(t, certified(t).On(apps, fakegraph.Denied()), reader(), collecting{source: withKeys})
		expect(t, s, snapshot.CertificateKeys, snapshot.Partial, 0, "which applications have certificates is not known")
	})
	t.Run("service principals denied", func(t *testing.T) {
		g := certified(t).On(apps+"/app1", keyed(base64JSON(certificate(t, rsaKey(t, 2048), x509.SHA256WithRSA)))).On(principals, fakegraph.Denied())
		s := collect(t, g, reader(), collecting{source: withKeys})
		expect(t, s, snapshot.CertificateKeys, snapshot.Partial, 1, "which service principals have certificates is not known")
	})
	t.Run("both denied", func(t *testing.T) {
		s := collect(t, tenant(t).On(apps, fakegraph.Denied()).On(principals, fakegraph.Denied()), reader(), collecting{source: withKeys})
		expect(t, s, snapshot.CertificateKeys, snapshot.Denied, 0, "which objects have certificates is not known")
	})
	t.Run("applications not whole", func(t *testing.T) {
		s := collect(t, certified(t).On(apps+"/app1", keyed()).On(apps+"/$count", fakegraph.Answer{Body: "9"}), reader(), collecting{source: withKeys})
		expect(t, s, snapshot.CertificateKeys, snapshot.Partial, 0, "certificates of missing applications are missing too")
	})
	t.Run("credentials that cannot be read", func(t *testing.T) {
		for member, asked := range map[string]bool{
			`,"keyCredentials":{}`: true, `,"keyCredentials":null`: true, ``: true, `,"keyCredentials":[{"type":"symmetric"}]`: true, `,"keyCredentials":[]`: false,
		} {
			g := certified(t).On(apps, fakegraph.Value(`{"id":"app1","appId":"x","owners":[]`+member+`}`)).On(apps+"/$count", fakegraph.Answer{Body: "1"}).On(apps+"/app1", keyed())
			s := collect(t, g, reader(), collecting{source: withKeys})
			if got := len(g.Requests(apps+"/app1")) == 1; got != asked {
				t.Errorf("%s: asked %v, want %v", member, got, asked)
			}
			expect(t, s, snapshot.CertificateKeys, snapshot.Collected, 0)
		}
	})
}
