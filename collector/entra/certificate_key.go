package entra

import (
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

	"leastwise/collector/snapshot"
)

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
	DescribedBy         string     `json:"describedBy,omitzero"` // key id of the public half, which told the rest
	Unreadable          string     `json:"unreadable,omitzero"`  // why nothing more is known
	CustomKeyIdentifier string     `json:"customKeyIdentifier,omitzero"`
}

// wireKey is a certificate in keyCredentials (https://learn.microsoft.com/graph/api/resources/keycredential).
type wireKey struct {
	ID         string          `json:"keyId"`
	Type       string          `json:"type"`
	Usage      string          `json:"usage"`
	Key        json.RawMessage `json:"key"`
	Identifier string          `json:"customKeyIdentifier"`
	Starts     string          `json:"startDateTime"`
	Ends       string          `json:"endDateTime"`
}

// keysOf makes rows of an object's certificates. Symmetric keys are no certificates.
func keysOf(body json.RawMessage) (json.RawMessage, error) {
	var object struct {
		ID   string    `json:"id"`
		Keys []wireKey `json:"keyCredentials"`
	}
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, err
	}
	kept := keptKeys{Object: object.ID}
	if object.Keys != nil {
		kept.Rows = []json.RawMessage{}
	}
	keys := slices.DeleteFunc(object.Keys, func(key wireKey) bool { return !isCertificate(key.Type) })
	rows := make([]certificateKey, len(keys))
	for i, key := range keys {
		rows[i] = certificateKey{
			ID: object.ID + "/" + key.ID, ObjectID: object.ID, KeyID: key.ID, Usage: key.Usage, CustomKeyIdentifier: key.Identifier,
		}
		rows[i].describe(key.Key)
	}
	describeSigning(keys, rows)
	for _, row := range rows {
		text, err := snapshot.Encode(row)
		if err != nil {
			return nil, err
		}
		kept.Rows = append(kept.Rows, text)
	}
	return snapshot.Encode(kept)
}

// describeSigning describes private keys that sign tokens, which Graph keeps to itself, by the certificates that were made
// with them: both have the same customKeyIdentifier
// (https://learn.microsoft.com/graph/api/serviceprincipal-addtokensigningcertificate) and the same dates. Where several
// different certificates fit, none does.
func describeSigning(keys []wireKey, rows []certificateKey) {
	for i, key := range keys {
		if rows[i].Unreadable == "" || !strings.EqualFold(key.Usage, "Sign") {
			continue
		}
		if public := publicHalf(key, keys, rows); public != nil {
			own := rows[i]
			rows[i] = *public
			rows[i].ID, rows[i].KeyID, rows[i].Usage, rows[i].DescribedBy = own.ID, own.KeyID, own.Usage, public.KeyID
		}
	}
}

// publicHalf is the certificate that was made with a private key; nil where it cannot be told.
func publicHalf(private wireKey, keys []wireKey, rows []certificateKey) *certificateKey {
	var found *certificateKey
	for i, key := range keys {
		if rows[i].Unreadable != "" || !strings.EqualFold(key.Usage, "Verify") || !private.madeWith(key) {
			continue
		}
		if found != nil && found.ThumbprintSHA256 != rows[i].ThumbprintSHA256 {
			return nil
		}
		found = &rows[i]
	}
	return found
}

func (k wireKey) madeWith(other wireKey) bool {
	known := k.Identifier != "" && k.Starts != "" && k.Ends != ""
	return known && k.Identifier == other.Identifier && k.Starts == other.Starts && k.Ends == other.Ends
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
