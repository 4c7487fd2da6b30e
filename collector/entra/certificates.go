package entra

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1" // what Graph calls a thumbprint is SHA-1
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// certificates are the applications that have one, and how many they were listed with.
type certificates struct{ listed map[string]int }

// see notes an object with a certificate, and one whose credentials are not to be seen
// or cannot be read.
func (c *certificates) see(o object) {
	var keys []struct {
		Type string `json:"type"`
	}
	err := json.Unmarshal(o.members["keyCredentials"], &keys)
	n := 0
	for _, key := range keys {
		if isCertificate(key.Type) {
			n++
		}
	}
	if err != nil || keys == nil || len(keys) > 0 {
		c.listed[o.id] = max(n, c.listed[o.id])
	}
}

// isCertificate tells certificates from symmetric keys, by their type
// (https://learn.microsoft.com/graph/api/resources/keycredential).
func isCertificate(keyType string) bool { return !strings.EqualFold(keyType, "Symmetric") }

// certificateKeys reads what certificates are made of. Graph gives a certificate
// only when one object's keyCredentials are asked for, 150 times a minute
// (https://learn.microsoft.com/graph/api/application-list). The certificate itself is
// dropped on arrival: it is public, but evidence needs no more than these members.
func (r *run) certificateKeys(ctx context.Context, of *certificates, applications snapshot.Dataset) error {
	if !r.CertificateKeys {
		return r.w.Without(snapshot.CertificateKeys, snapshot.Dataset{
			Status: snapshot.Skipped, Reason: "not asked for: it takes a request for each application with a certificate",
		})
	}
	if missing, err := r.without(snapshot.CertificateKeys); missing != nil {
		return err
	}
	if !applications.Status.Readable() {
		return r.dependent(snapshot.CertificateKeys, "which applications have certificates is not known", applications)
	}
	_, err := r.session.Collect(ctx, snapshot.CertificateKeys, func(reading *graphapi.Reading) error {
		reading.Follow(applications, "certificates of missing applications are missing too, because applications is partial")
		ids := slices.Sorted(maps.Keys(of.listed))
		requests := make([]graphapi.Request, len(ids))
		for i, id := range ids {
			requests[i] = graphapi.Request{
				Path: applicationsPath + "/" + id, Query: graphapi.Query{Select: "id,keyCredentials"}, Keep: keysOf,
			}
		}
		return reading.Graph.GetEach(ctx, requests, func(i int, body json.RawMessage, err error) error {
			if err != nil {
				return reading.Fail(ctx, "certificates of application "+ids[i], err)
			}
			reading.PartRead()
			return addKeys(ctx, reading, ids[i], of.listed[ids[i]], body)
		})
	})
	return err
}

// addKeys stores what Keep has left of an application's certificates, of which some
// were listed. Fewer may be here only when the answer is no answer.
func addKeys(ctx context.Context, reading *graphapi.Reading, application string, listed int, body json.RawMessage) error {
	var kept keptKeys
	wrong := ""
	switch err := json.Unmarshal(body, &kept); {
	case err != nil:
		wrong = "they cannot be read"
	case !strings.EqualFold(kept.Object, application):
		wrong = fmt.Sprintf("the answer is about %q", kept.Object)
	case kept.Rows == nil:
		wrong = "keyCredentials is not in the answer"
	case len(kept.Rows) < listed:
		wrong = fmt.Sprintf("%d were listed, and %d came", listed, len(kept.Rows))
	}
	if wrong != "" {
		if err := reading.FailOne(ctx, application, errors.New("certificates: "+wrong)); err != nil {
			return err
		}
	}
	if !strings.EqualFold(kept.Object, application) {
		return nil
	}
	for _, row := range kept.Rows {
		var key certificateKey
		if json.Unmarshal(row, &key) == nil && key.Unreadable != "" {
			if err := reading.FailOne(ctx, key.ID, errors.New(key.Unreadable)); err != nil {
				return err
			}
		}
		if err := reading.Add(row); err != nil {
			return err
		}
	}
	return nil
}

// keptKeys is what is kept of an answer with an object's certificates.
type keptKeys struct {
	Object string            `json:"object"`
	Rows   []json.RawMessage `json:"rows"` // nil when the answer did not have keyCredentials
}

// undecodable is a certificate that Graph sent in a form that is none of its own.
const undecodable = "the certificate is not base64"

// certificateKey is a row of certificate_keys. Members that the certificate does not
// tell are left out.
type certificateKey struct {
	ID                  string     `json:"id"` // object id and key id
	ObjectID            string     `json:"objectId"`
	KeyID               string     `json:"keyId"`
	Usage               string     `json:"usage,omitzero"`
	Algorithm           string     `json:"algorithm,omitzero"`          // of the key: RSA, ECDSA, …
	Bits                int        `json:"bits,omitzero"`               // of the key
	SignatureAlgorithm  string     `json:"signatureAlgorithm,omitzero"` // as Go names it, such as SHA256-RSA
	SignatureHash       string     `json:"signatureHash,omitzero"`      // SHA1, SHA256, MD5, …
	ThumbprintSHA1      string     `json:"thumbprintSha1,omitzero"`
	ThumbprintSHA256    string     `json:"thumbprintSha256,omitzero"`
	Subject             string     `json:"subject,omitzero"`
	NotBefore           *time.Time `json:"notBefore,omitzero"`
	NotAfter            *time.Time `json:"notAfter,omitzero"`
	Unreadable          string     `json:"unreadable,omitzero"` // why nothing more is known
	CustomKeyIdentifier string     `json:"customKeyIdentifier,omitzero"`
}

// keysOf makes rows of an object's certificates. Symmetric keys are no certificates.
func keysOf(body json.RawMessage) (json.RawMessage, error) {
	var object struct {
		ID   string `json:"id"`
		Keys []struct {
			ID         string          `json:"keyId"`
			Type       string          `json:"type"`
			Usage      string          `json:"usage"`
			Key        json.RawMessage `json:"key"`
			Identifier string          `json:"customKeyIdentifier"`
		} `json:"keyCredentials"`
	}
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, err
	}
	kept := keptKeys{Object: object.ID}
	if object.Keys != nil {
		kept.Rows = []json.RawMessage{}
	}
	for _, key := range object.Keys {
		if !isCertificate(key.Type) {
			continue
		}
		row := certificateKey{
			ID: object.ID + "/" + key.ID, ObjectID: object.ID, KeyID: key.ID, Usage: key.Usage, CustomKeyIdentifier: key.Identifier,
		}
		row.describe(key.Key)
		text, err := snapshot.Encode(row)
		if err != nil {
			return nil, err
		}
		kept.Rows = append(kept.Rows, text)
	}
	return snapshot.Encode(kept)
}

func (k *certificateKey) describe(raw json.RawMessage) {
	var der []byte
	if raw != nil && json.Unmarshal(raw, &der) != nil {
		k.Unreadable = undecodable
		return
	}
	if len(der) == 0 {
		k.Unreadable = "Graph did not send the certificate"
		return
	}
	if decoded, err := base64.StdEncoding.DecodeString(string(der)); err == nil {
		der = decoded // some writers encode it twice
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		k.Unreadable = "it is no X.509 certificate"
		return
	}
	switch key := certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		k.Bits = key.N.BitLen()
	case *ecdsa.PublicKey:
		k.Bits = key.Curve.Params().BitSize
	}
	k.Algorithm = certificate.PublicKeyAlgorithm.String()
	k.SignatureAlgorithm = certificate.SignatureAlgorithm.String()
	k.SignatureHash = signatureHash(certificate.SignatureAlgorithm)
	one, two := sha1.Sum(certificate.Raw), sha256.Sum256(certificate.Raw)
	k.ThumbprintSHA1, k.ThumbprintSHA256 = strings.ToUpper(hex.EncodeToString(one[:])), strings.ToUpper(hex.EncodeToString(two[:]))
	k.Subject = certificate.Subject.String()
	before, after := certificate.NotBefore.UTC(), certificate.NotAfter.UTC()
	k.NotBefore, k.NotAfter = &before, &after
}

// signatureHash is the hash in the name of a signature algorithm.
func signatureHash(algorithm x509.SignatureAlgorithm) string {
	for part := range strings.SplitSeq(algorithm.String(), "-") {
		if strings.HasPrefix(part, "SHA") || strings.HasPrefix(part, "MD") {
			return part
		}
	}
	return ""
}
