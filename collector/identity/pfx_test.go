package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"software.sslmate.com/src/go-pkcs12"

	"leastwise/collector/identity"
)

// issued is a pair whose certificate another one has signed, which comes with it.
func issued(t *testing.T) (leaf, ca pair) {
	t.Helper()
	ca, leaf = newPair(t, 2048, time.Now().Add(time.Hour)), newPair(t, 2048, time.Now().Add(time.Hour))
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"}, NotBefore: time.Unix(0, 0), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.certificate, &leaf.key.PublicKey, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	if leaf.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return leaf, ca
}

func pfx(t *testing.T, encoder *pkcs12.Encoder, key any, leaf *x509.Certificate, password string, chain ...*x509.Certificate) []byte {
	t.Helper()
	data, err := encoder.Encode(key, leaf, chain, password)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestPFXFilesSignIn(t *testing.T) {
	leaf, ca := issued(t)
	thumbprint := sha256.Sum256(leaf.certificate.Raw)
	for _, c := range []struct {
		name     string
		encoder  *pkcs12.Encoder
		password string
		chain    bool
		caFirst  bool
	}{
		{name: "RC2, as Windows wrote it", encoder: pkcs12.LegacyRC2, password: "pässwörd"},
		{name: "triple DES", encoder: pkcs12.LegacyDES, password: "with space ", chain: true},
		{name: "AES", encoder: pkcs12.Modern2023, password: "p;\"'$", chain: true},
		{name: "AES with PBMAC1", encoder: pkcs12.Modern2026, password: "p"},
		{name: "legacy, empty password", encoder: pkcs12.LegacyRC2},
		{name: "modern, empty password", encoder: pkcs12.Modern2023, chain: true},
		{name: "without encryption", encoder: pkcs12.Passwordless},
		{name: "the authority's certificate first", encoder: pkcs12.Modern2023, password: "p", caFirst: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			first, chain := leaf.certificate, []*x509.Certificate(nil)
			if c.chain {
				chain = []*x509.Certificate{ca.certificate}
			}
			if c.caFirst {
				first, chain = ca.certificate, []*x509.Certificate{leaf.certificate}
			}
			file := write(t, pfx(t, c.encoder, leaf.key, first, c.password, chain...)) // its name ends in .pem
			a := newAuthority(t)
			a.answer = func(url.Values) (int, string) { return grant(tenantID) }
			account, err := a.account(t, identity.Credential{Kind: identity.KindCertificate, CertificateFile: file, Password: c.password})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := get(t.Context(), account); err != nil {
				t.Fatal(err)
			}
			token, err := jwt.Parse(a.forms[0].Get("client_assertion"), func(*jwt.Token) (any, error) { return &leaf.key.PublicKey, nil })
			if err != nil || token.Header["x5t#S256"] != base64.RawURLEncoding.EncodeToString(thumbprint[:]) {
				t.Errorf("got %v, header %v", err, token.Header)
			}
		})
	}
}

func TestPFXFilesAreChecked(t *testing.T) {
	leaf, _ := issued(t)
	short := newPair(t, 1024, time.Now().Add(time.Hour))
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := pfx(t, pkcs12.Modern2023, leaf.key, leaf.certificate, "right-password")
	legacy := pfx(t, pkcs12.LegacyRC2, leaf.key, leaf.certificate, "right-password")
	certificates, err := pkcs12.Modern2023.EncodeTrustStore([]*x509.Certificate{leaf.certificate}, "right-password")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name           string
		file           string
		key            string
		password, want string
	}{
		{"wrong password", write(t, good), "", "wrong-password", "password of the PFX file is wrong"},
		{"wrong password, legacy", write(t, legacy), "", "wrong-password", "password of the PFX file is wrong"},
		{"password with another case", write(t, good), "", "Right-password", "password of the PFX file is wrong"},
		{"no password", write(t, good), "", "", "the PFX file has a password; hint: name it with password_file"},
		{"1024 bits", write(t, pfx(t, pkcs12.Modern2023, short.key, short.certificate, "right-password")), "", "right-password", "the RSA key has 1024 bits; 2048 are the least"},
		{"elliptic curve", write(t, pfx(t, pkcs12.Modern2023, ec, leaf.certificate, "right-password")), "", "right-password", "takes RSA keys"},
		{"certificate of another key", write(t, pfx(t, pkcs12.Modern2023, newPair(t, 2048, time.Now().Add(time.Hour)).key, leaf.certificate, "right-password")), "", "right-password", "none of 1 certificate(s)"},
		{"no key", write(t, certificates), "", "right-password", "cannot be read; hint: it must hold one private key"},
		{"cut", write(t, good[:len(good)/2]), "", "right-password", "no private key"},
		{"another structure", write(t, leaf.certificate.Raw), "", "", "no private key"},
		{"key in PEM beside it", write(t, certificates), write(t, leaf.keyPEM), "right-password", "cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := newAuthority(t).account(t, identity.Credential{
				Kind: identity.KindCertificate, CertificateFile: c.file, KeyFile: c.key, Password: c.password,
			})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.file) {
				t.Errorf("got %v, want %q and the file's name", err, c.want)
			}
			if err != nil && c.password != "" && strings.Contains(err.Error(), c.password) {
				t.Errorf("error shows the password: %v", err)
			}
		})
	}
}
