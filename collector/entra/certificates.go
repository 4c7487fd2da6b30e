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
	"slices"
	"strings"
	"time"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// certificates are the objects of a collection that have one.
type certificates struct {
	of  string
	ids []string
}

// see notes an object with a certificate, and one whose credentials cannot be read.
func (c *certificates) see(o object) {
	var keys []struct {
		Type string `json:"type"`
	}
	raw := o.members["keyCredentials"]
	if raw != nil && json.Unmarshal(raw, &keys) == nil && len(keys) == 0 {
		return
	}
	if raw != nil {
		c.ids = append(c.ids, o.id)
	}
}

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
	_, err := r.read(ctx, snapshot.CertificateKeys, func(reading *graphapi.Reading) error {
		if !applications.Whole() {
			reading.Partial("certificates of missing applications are missing too, because applications is partial: " + applications.Reason)
		}
		slices.Sort(of.ids)
		ids := slices.Compact(of.ids)
		requests := make([]graphapi.Request, len(ids))
		for i, id := range ids {
			requests[i] = graphapi.Request{
				Path: "/v1.0/" + of.of + "/" + id, Query: graphapi.Query{Select: "id,keyCredentials"}, Keep: keysOf,
			}
		}
		return reading.Graph.GetEach(ctx, requests, func(i int, body json.RawMessage, err error) error {
			if err != nil {
				return reading.Fail(ctx, "certificates of application "+ids[i], err)
			}
			reading.Seen()
			var rows []json.RawMessage
			if json.Unmarshal(body, &rows) != nil {
				reading.Fault("the certificates of application " + ids[i] + " cannot be read")
			}
			for _, row := range rows {
				if err := reading.Add(row); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return err
}

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
			ID         string `json:"keyId"`
			Type       string `json:"type"`
			Usage      string `json:"usage"`
			Key        []byte `json:"key"`
			Identifier string `json:"customKeyIdentifier"`
		} `json:"keyCredentials"`
	}
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, err
	}
	rows := []certificateKey{}
	for _, key := range object.Keys {
		if strings.EqualFold(key.Type, "Symmetric") {
			continue
		}
		row := certificateKey{
			ID: object.ID + "/" + key.ID, ObjectID: object.ID, KeyID: key.ID, Usage: key.Usage, CustomKeyIdentifier: key.Identifier,
		}
		row.describe(key.Key)
		rows = append(rows, row)
	}
	return encode(rows)
}

func (k *certificateKey) describe(der []byte) {
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
