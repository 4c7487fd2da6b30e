package identity

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"

	"software.sslmate.com/src/go-pkcs12"
)

// isPFX reports whether data may be a PKCS#12 file: one DER sequence that begins with
// version 3 (RFC 7292). Extensions of file names tell nothing.
func isPFX(data []byte) bool {
	var file struct {
		Version int
		Rest    []asn1.RawValue `asn1:"optional"`
	}
	var sequence asn1.RawValue
	if _, err := asn1.Unmarshal(data, &sequence); err != nil || sequence.Tag != asn1.TagSequence || !sequence.IsCompound {
		return false
	}
	_, err := asn1.Unmarshal(sequence.Bytes, &file.Version)
	return err == nil && file.Version == 3
}

// pfxBlocks reads a PKCS#12 file of any usual encryption, legacy or modern, as PEM
// blocks: the private key, and all certificates of the chain.
func pfxBlocks(data []byte, password string) ([]*pem.Block, error) {
	key, leaf, chain, err := pkcs12.DecodeChain(data, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword) && password == "":
		return nil, errors.New("the PFX file has a password; hint: name it with password_file or password_env")
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return nil, errors.New("the password of the PFX file is wrong; hint: check password_file or password_env")
	case err != nil: // its text may quote what is inside
		return nil, errors.New("the PFX file cannot be read; hint: it must hold one private key with its certificate: openssl pkcs12 -export -inkey KEY -in CERTIFICATE -out NEW")
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("the private key is a %T; Microsoft Entra takes RSA keys", key)
	}
	blocks := []*pem.Block{{Type: "PRIVATE KEY", Bytes: der}, {Type: "CERTIFICATE", Bytes: leaf.Raw}}
	for _, certificate := range chain {
		blocks = append(blocks, &pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
	}
	return blocks, nil
}
