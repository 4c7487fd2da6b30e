package subject

import (
	"crypto/sha256"
	"strings"
	"time"

	"leastwise/collector/snapshot"
)

// credentialKey stands for a credential of an object: there are hundreds of thousands, and their ids
// would take several times the memory.
type credentialKey [16]byte

func newCredentialKey(objectID, keyID string) credentialKey {
	sum := sha256.Sum256([]byte(strings.ToLower(objectID + "/" + keyID)))
	return credentialKey(sum[:16])
}

// certificateKey is what is known of the key of a certificate.
type certificateKey struct {
	algorithm, signature string
	bits                 int
}

func (j *Join) loadCertificateKeys() error {
	names := interner{}
	return eachRow(j, snapshot.CertificateKeys, func(row *wireCertificateKey, _ string) {
		j.keys[newCredentialKey(row.ObjectID, row.KeyID)] = certificateKey{names.of(row.Algorithm), names.of(row.Signature), row.Bits}
	})
}

// addKey adds what is known of the key of a certificate. One that could not be read has
// no algorithm and no bits.
func (j *Join) addKey(c *Credential, key credentialKey) {
	known := j.keys[key]
	c.KeyAlgorithm, c.Signature = known.algorithm, known.signature
	if known.bits > 0 {
		c.KeyBits = &known.bits
	}
}

// wireCredentialActivity is beta's appCredentialSignInActivity
// (https://learn.microsoft.com/graph/api/resources/appcredentialsigninactivity?view=graph-rest-beta).
type wireCredentialActivity struct {
	ID                       string      `json:"id"`
	KeyID                    string      `json:"keyId"`
	Origin                   string      `json:"credentialOrigin"` // application, servicePrincipal
	AppObjectID              string      `json:"appObjectId"`
	ServicePrincipalObjectID string      `json:"servicePrincipalObjectId"`
	SignIn                   *wireSignIn `json:"signInActivity"`
}

// credentialUse is when a credential was last used, in seconds since 1970; 0 is never.
type credentialUse struct {
	at      int64
	doubted bool // a row of it could not be read
}

// loadCredentialActivity reads the report of credentials' sign-ins. It has a row per credential and
// resource; the latest counts.
func (j *Join) loadCredentialActivity() error {
	return eachRow(j, snapshot.CredentialActivity, func(row *wireCredentialActivity, fault string) {
		if row.KeyID == "" {
			j.setLoose(snapshot.CredentialActivity, "a row does not say of which credential it is")
			return
		}
		objectID := ""
		switch {
		case strings.EqualFold(row.Origin, "application"):
			objectID = row.AppObjectID
		case strings.EqualFold(row.Origin, "servicePrincipal"):
			objectID = row.ServicePrincipalObjectID
		}
		key := newCredentialKey(objectID, row.KeyID)
		use := j.credentialUses[key]
		at, known := row.SignIn.instant()
		use.doubted = use.doubted || !known || j.gap(snapshot.CredentialActivity, row.ID, fault) != ""
		if !at.IsZero() {
			use.at = max(use.at, at.Unix())
		}
		j.credentialUses[key] = use
	})
}

// addUse adds when a credential was last used. A row that does not tell its object goes by the id of the
// credential alone.
func (j *Join) addUse(c *Credential, key credentialKey) {
	use, known := j.credentialUses[key]
	if !known {
		use = j.credentialUses[newCredentialKey("", c.KeyID)]
	}
	c.Reported = j.credentialsReported && !use.doubted && c.KeyID != ""
	if c.UsedDays = j.daysSince(use.at); c.UsedDays != nil {
		c.LastUsedAt = formatInstant(time.Unix(use.at, 0))
	}
}

func (j *Join) credentials(of, objectID string, secrets, certificates []wireCredential) []Credential {
	var list []Credential
	add := func(kind string, rows []wireCredential) {
		if rows != nil && list == nil {
			list = []Credential{}
		}
		for _, row := range rows {
			kind := kind
			if strings.EqualFold(row.Type, "Symmetric") {
				kind = "secret" // a key that both sides hold
			}
			list = append(list, j.credential(of, objectID, kind, row))
		}
	}
	add("secret", secrets)
	add("certificate", certificates)
	return list
}

func (j *Join) credential(of, objectID, kind string, row wireCredential) Credential {
	c := Credential{
		KeyID: strings.ToLower(row.KeyID), Name: row.DisplayName, Type: kind,
		Usage: strings.ToLower(row.Usage), Of: of, Starts: row.StartDateTime, Ends: row.EndDateTime,
	}
	ends, ended := parseInstant(row.EndDateTime)
	starts, started := parseInstant(row.StartDateTime)
	if ended {
		c.DaysLeft = daysLeft(j.asOf, ends)
	}
	if started {
		c.AgeDays = ageDays(j.asOf, starts)
	}
	if started && ended {
		c.LifetimeDays = daysLeft(starts, ends)
	}
	if len(j.keys) == 0 && len(j.credentialUses) == 0 && !j.credentialsReported {
		return c
	}
	key := newCredentialKey(objectID, row.KeyID)
	if kind == "certificate" {
		j.addKey(&c, key)
	}
	j.addUse(&c, key)
	return c
}
