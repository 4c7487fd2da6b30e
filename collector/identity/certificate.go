package identity

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // x5t is defined as a SHA-1 thumbprint (RFC 7515 §4.1.7)
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Signature algorithms of client assertions. Microsoft Entra documents PS256 with
// the SHA-256 thumbprint
// (https://learn.microsoft.com/entra/identity-platform/certificate-credentials);
// RS256 with the SHA-1 thumbprint is what older authorities take.
const (
	PS256 = "PS256"
	RS256 = "RS256"
)

// minKeyBits is the shortest RSA key that is accepted
// (https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis).
const minKeyBits = 2048

// assertionLife is how long an assertion is valid; the documentation says five to
// ten minutes.
const assertionLife = 10 * time.Minute

// certificate signs client assertions.
type certificate struct {
	leaf *x509.Certificate
	key  *rsa.PrivateKey
}

// loadCertificate reads certificate and private key from one file, PEM or PFX, or
// from two. What a file is, its content tells.
func loadCertificate(certificateFile, keyFile, password string) (*certificate, error) {
	if certificateFile == "" {
		return nil, errors.New("no certificate is named; hint: name a PEM or PFX file that holds certificate and key")
	}
	var blocks []*pem.Block
	for _, path := range slices.Compact([]string{certificateFile, keyFile}) {
		if path == "" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read certificate: %w", err)
		}
		found := pemBlocks(data)
		if len(found) == 0 && isPFX(data) {
			if found, err = pfxBlocks(data, password); err != nil {
				return nil, fmt.Errorf("certificate %s: %w", path, err)
			}
		}
		blocks = append(blocks, found...)
	}
	c, err := parseCertificate(blocks)
	if err != nil {
		return nil, fmt.Errorf("certificate %s: %w", certificateFile, err)
	}
	return c, nil
}

func pemBlocks(data []byte) []*pem.Block {
	var blocks []*pem.Block
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return blocks
		}
		blocks, data = append(blocks, block), rest
	}
}

// parseCertificate picks the private key and the certificate that belongs to it; a
// file may hold the whole chain.
func parseCertificate(blocks []*pem.Block) (*certificate, error) {
	var leaves []*x509.Certificate
	c := &certificate{}
	for _, block := range blocks {
		switch {
		case block.Type == "CERTIFICATE":
			leaf, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, errors.New("a CERTIFICATE block cannot be read")
			}
			leaves = append(leaves, leaf)
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			key, err := parseKey(block)
			if err != nil {
				return nil, err
			}
			c.key = key
		}
	}
	if c.key == nil {
		return nil, errors.New("no private key; hint: put the PEM key into the same file or name it beside the certificate")
	}
	for _, leaf := range leaves {
		if c.key.PublicKey.Equal(leaf.PublicKey) {
			c.leaf = leaf
			return c, nil
		}
	}
	return nil, fmt.Errorf("none of %d certificate(s) belongs to the private key", len(leaves))
}

func parseKey(block *pem.Block) (*rsa.PrivateKey, error) {
	if strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "" {
		return nil, errors.New("the private key is encrypted; hint: use a PFX file with its password, or openssl pkey -in KEY -out PLAIN, readable by its owner only")
	}
	var parsed any
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	if err != nil {
		parsed, err = x509.ParseECPrivateKey(block.Bytes) // to name what it is
	}
	if err != nil { // its text may quote the key
		return nil, errors.New("the private key cannot be read")
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the private key is a %T; Microsoft Entra takes RSA keys", parsed)
	}
	if bits := key.N.BitLen(); bits < minKeyBits {
		return nil, fmt.Errorf("the RSA key has %d bits; %d are the least", bits, minKeyBits)
	}
	return key, nil
}

// assertion makes a signed client assertion for one token request.
func (c *certificate) assertion(algorithm, clientID, audience string, now time.Time) (string, error) {
	if now.After(c.leaf.NotAfter) {
		return "", fmt.Errorf("the certificate expired on %s; hint: renew it and upload the new one to the app registration",
			c.leaf.NotAfter.UTC().Format(time.RFC3339))
	}
	method := jwt.SigningMethod(jwt.SigningMethodPS256)
	if algorithm == RS256 {
		method = jwt.SigningMethodRS256
	}
	token := jwt.NewWithClaims(method, jwt.RegisteredClaims{
		Issuer: clientID, Subject: clientID, Audience: jwt.ClaimStrings{audience}, ID: newGUID(),
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(assertionLife)),
	})
	if algorithm == RS256 {
		sum := sha1.Sum(c.leaf.Raw)
		token.Header["x5t"] = base64.RawURLEncoding.EncodeToString(sum[:])
	} else {
		sum := sha256.Sum256(c.leaf.Raw)
		token.Header["x5t#S256"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	signed, err := token.SignedString(c.key)
	if err != nil {
		return "", errors.New("the client assertion cannot be signed")
	}
	return signed, nil
}

// newGUID makes the unique id that each assertion must have.
func newGUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
