// Package onboarding makes an application known to a tenant: it builds the addresses
// where an administrator consents, checks them against the registration, receives the
// answer on a loopback address, and keeps the tenants that have consented in a file.
//
// What a browser brings is untrusted: anybody can make it call a loopback address. An
// answer counts only with the state that was sent, and it never tells by itself which
// tenant has consented; a token does.
package onboarding

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
)

// secretBytes is the length of what must not be guessed: 256 bits.
const secretBytes = 32

// NewSecret makes a state, a nonce or a PKCE verifier: 43 characters that need no
// escaping (RFC 7636 §4.1). Random must be a cryptographic source.
func NewSecret(random io.Reader) (string, error) {
	secret := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(secret), nil
}

// Challenge is what is sent ahead of a PKCE verifier by the method S256 (RFC 7636 §4.2).
func Challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
