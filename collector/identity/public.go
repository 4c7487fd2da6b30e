package identity

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// ReadPublicCertificate reads the certificate that an app registration is to know, from
// a PEM or DER file. A private key in the file tells which of several certificates is
// meant, and is not returned. A certificate that Microsoft Entra or the Office 365
// Management APIs would turn down is an error: one whose key is not RSA or has less than
// 2048 bits, and one that has expired by now
// (https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis).
func ReadPublicCertificate(path string, now time.Time) (*x509.Certificate, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	leaf, err := publicCertificate(data)
	if err == nil {
		err = acceptable(leaf, now)
	}
	if err != nil {
		return nil, fmt.Errorf("certificate %s: %w", path, err)
	}
	return leaf, nil
}

func publicCertificate(data []byte) (*x509.Certificate, error) {
	blocks := pemBlocks(data)
	if len(blocks) > 0 {
		return pickCertificate(blocks)
	}
	if isPFX(data) {
		return nil, errors.New("a PFX file keeps its certificate behind a password; hint: take the certificate out: openssl pkcs12 -in FILE -clcerts -nokeys -out certificate.pem")
	}
	leaf, err := x509.ParseCertificate(data)
	if err != nil {
		return nil, errors.New("neither a PEM nor a DER certificate; hint: name the file that openssl x509 can read")
	}
	return leaf, nil
}

// pickCertificate finds the application's own certificate among PEM blocks.
func pickCertificate(blocks []*pem.Block) (*x509.Certificate, error) {
	var found, leaves []*x509.Certificate
	keyed := false
	for _, block := range blocks {
		keyed = keyed || strings.HasSuffix(block.Type, "PRIVATE KEY")
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("a CERTIFICATE block cannot be read")
		}
		found = append(found, c)
		if !c.IsCA {
			leaves = append(leaves, c)
		}
	}
	switch {
	case len(found) == 0 && keyed:
		return nil, errors.New("the file holds a private key and no certificate; hint: name the file with the certificate, and keep the key to yourself")
	case len(found) == 0:
		return nil, errors.New("the file holds no CERTIFICATE block; hint: name a PEM or DER certificate")
	case len(found) == 1:
		return found[0], nil
	}
	if own, err := parseCertificate(blocks); err == nil {
		return own.leaf, nil
	}
	if len(leaves) != 1 {
		return nil, fmt.Errorf("the file holds %d certificates, and nothing tells which is the application's; hint: leave that one in a file of its own", len(found))
	}
	return leaves[0], nil
}

func acceptable(leaf *x509.Certificate, now time.Time) error {
	key, ok := leaf.PublicKey.(*rsa.PublicKey)
	if !ok {
		return fmt.Errorf("its key is %s; hint: Microsoft Entra takes RSA keys of %d bits or more", leaf.PublicKeyAlgorithm, minKeyBits)
	}
	if bits := key.N.BitLen(); bits < minKeyBits {
		return fmt.Errorf("its RSA key has %d bits; hint: %d are the least: make a new key and certificate", bits, minKeyBits)
	}
	if !now.Before(leaf.NotAfter) {
		return fmt.Errorf("it expired on %s; hint: make a new certificate", leaf.NotAfter.UTC().Format(time.RFC3339))
	}
	return nil
}
