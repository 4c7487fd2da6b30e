package identity

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"
)

// KeySet are the RSA keys that an authority signs tokens with (RFC 7517).
type KeySet struct{ keys []signingKey }

type signingKey struct {
	id     string
	public *rsa.PublicKey
}

// find returns the keys with an id; there may be several during a rollover.
func (s KeySet) find(id string) []*rsa.PublicKey {
	var found []*rsa.PublicKey
	for _, k := range s.keys {
		if id != "" && k.id == id {
			found = append(found, k.public)
		}
	}
	return found
}

// ParseKeySet reads a JSON Web Key Set. Keys that do not sign, or not with RSA, are
// passed over; a damaged key is an error, and so is a set without any. Certificates in
// it (x5c) are not looked at: what makes the keys trusted is where they come from.
func ParseKeySet(data []byte) (KeySet, error) {
	var file struct {
		Keys []struct {
			Type string `json:"kty"`
			Use  string `json:"use"`
			ID   string `json:"kid"`
			N    string `json:"n"`
			E    string `json:"e"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return KeySet{}, errors.New("not a JSON Web Key Set")
	}
	var set KeySet
	for i, k := range file.Keys {
		if k.Type != "RSA" || k.Use != "" && k.Use != "sig" {
			continue
		}
		public, err := rsaKey(k.N, k.E)
		if err != nil {
			return KeySet{}, fmt.Errorf("keys[%d]: %w", i, err)
		}
		set.keys = append(set.keys, signingKey{k.ID, public})
	}
	if len(set.keys) == 0 {
		return KeySet{}, errors.New("the key set holds no RSA key that signs")
	}
	return set, nil
}

// rsaKey reads modulus and exponent (RFC 7518 §6.3.1).
func rsaKey(modulus, exponent string) (*rsa.PublicKey, error) {
	n, errN := base64.RawURLEncoding.DecodeString(strings.TrimRight(modulus, "="))
	e, errE := base64.RawURLEncoding.DecodeString(strings.TrimRight(exponent, "="))
	if err := errors.Join(errN, errE); err != nil {
		return nil, errors.New("modulus or exponent is not base64url")
	}
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(n)}
	if bits := public.N.BitLen(); bits < minKeyBits || bits > maxKeyBits {
		return nil, fmt.Errorf("an RSA key of %d bits; %d to %d are taken", bits, minKeyBits, maxKeyBits)
	}
	value := new(big.Int).SetBytes(e)
	if value.BitLen() > 31 || value.Int64() < 3 || value.Bit(0) == 0 {
		return nil, errors.New("an RSA exponent that cannot be")
	}
	public.E = int(value.Int64())
	return public, nil
}

const (
	maxKeyBits    = 16384 // above, a check takes too long
	maxKeySet     = 1 << 20
	keySetTimeout = 15 * time.Second
)

// FetchKeySet asks the cloud's authority for the keys that it signs a tenant's tokens
// with (https://learn.microsoft.com/entra/identity-platform/signing-key-rollover). It
// asks no other host: client must come from NewHTTPClient, which follows no redirect
// to one. At most 1 MiB is read, for at most 15 s.
func FetchKeySet(ctx context.Context, client *http.Client, cloud Cloud, tenant string) (KeySet, error) {
	if !guid.MatchString(tenant) {
		return KeySet{}, fmt.Errorf("tenant %q is not a tenant id", tenant)
	}
	ctx, cancel := context.WithTimeout(ctx, keySetTimeout)
	defer cancel()
	address := cloud.Login + "/" + tenant + "/discovery/v2.0/keys"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return KeySet{}, fmt.Errorf("signing keys: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return KeySet{}, fmt.Errorf("signing keys: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return KeySet{}, fmt.Errorf("signing keys: %s answers with HTTP %d", address, resp.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxKeySet+1))
	switch {
	case err != nil:
		return KeySet{}, fmt.Errorf("signing keys: %s: %w", address, err)
	case len(data) > maxKeySet:
		return KeySet{}, fmt.Errorf("signing keys: %s answers with more than %d bytes", address, maxKeySet)
	}
	set, err := ParseKeySet(data)
	if err != nil {
		return KeySet{}, fmt.Errorf("signing keys: %s: %w", address, err)
	}
	return set, nil
}

// issues reports whether the cloud's authority issues a tenant's tokens under this
// name: version 1.0 tokens have the name of the security token service, version 2.0
// tokens that of the authority
// (https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference,
// https://learn.microsoft.com/answers/questions/1190472/what-are-the-token-issuers-for-the-sovereign-cloud).
func (c Cloud) issues(issuer, tenant string) bool {
	sts := "sts.windows.net"
	if c.Name == "china" {
		sts = "sts.chinacloudapi.cn"
	}
	names := []string{"https://" + sts + "/" + tenant + "/"}
	for _, host := range c.loginHosts() {
		names = append(names, "https://"+host+"/"+tenant+"/v2.0")
	}
	return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, issuer) })
}
