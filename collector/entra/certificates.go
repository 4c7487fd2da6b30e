package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// certificates are the objects of a collection that have one, and how many they were listed with.
type certificates struct {
	path, kind string           // of the collection
	objects    snapshot.Dataset // what became of listing it
	listed     map[string]int   // by the id of the object
}

func newCertificates(path, kind string) *certificates {
	return &certificates{path: path, kind: kind, listed: map[string]int{}}
}

// see notes an object with a certificate, and one whose credentials are not to be seen or cannot be read. The certificate
// that every managed identity has is left out: the platform makes and renews it
// (https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq).
func (c *certificates) see(o object) {
	var kind string
	if json.Unmarshal(o.members["servicePrincipalType"], &kind) == nil && strings.EqualFold(kind, "ManagedIdentity") {
		return
	}
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

// ask makes one request for each object, in the order of the ids. Graph gives a certificate only when the keyCredentials
// of one object are asked for, 150 times a minute for both collections together
// (https://learn.microsoft.com/graph/api/application-list, https://learn.microsoft.com/graph/api/serviceprincipal-get).
func (c *certificates) ask() (ids []string, requests []graphapi.Request) {
	ids = slices.Sorted(maps.Keys(c.listed))
	for _, id := range ids {
		requests = append(requests, graphapi.Request{
			Path: c.path + "/" + id, Query: graphapi.Query{Select: "id,keyCredentials"}, Keep: keysOf,
		})
	}
	return ids, requests
}

// certificateKeys reads what certificates are made of: those of applications, and those of service principals, with which
// Entra signs tokens for single sign-on. A certificate is dropped on arrival: it is public, but evidence needs no more than
// the members of certificateKey.
func (r *run) certificateKeys(ctx context.Context, all ...*certificates) error {
	if !r.CertificateKeys {
		return r.w.Without(snapshot.CertificateKeys, snapshot.Dataset{Status: snapshot.Skipped, Reason: notAskedFor})
	}
	if missing, err := r.without(snapshot.CertificateKeys); missing != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(of *certificates) bool { return of.objects.Status.Readable() }) {
		return r.dependent(snapshot.CertificateKeys, "which objects have certificates is not known", all[0].objects)
	}
	_, err := r.session.Collect(ctx, snapshot.CertificateKeys, func(reading *graphapi.Reading) error {
		for _, of := range all {
			if !of.objects.Status.Readable() {
				reading.Partial(fmt.Sprintf("which %ss have certificates is not known: %s", of.kind, of.objects.Reason))
				continue
			}
			reading.Follow(of.objects, fmt.Sprintf("certificates of missing %ss are missing too, because the list of them is partial", of.kind))
			if err := of.read(ctx, reading); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// read asks for the certificates of each object.
func (c *certificates) read(ctx context.Context, reading *graphapi.Reading) error {
	ids, requests := c.ask()
	return reading.Graph.GetEach(ctx, requests, func(i int, body json.RawMessage, err error) error {
		if err != nil {
			return reading.Fail(ctx, "certificates of "+c.kind+" "+ids[i], err)
		}
		reading.PartRead()
		return addKeys(ctx, reading, ids[i], c.listed[ids[i]], body)
	})
}

// addKeys stores what Keep has left of an object's certificates, of which some were listed. Fewer may be here only when the
// answer is no answer.
func addKeys(ctx context.Context, reading *graphapi.Reading, object string, listed int, body json.RawMessage) error {
	var kept keptKeys
	wrong := ""
	switch err := json.Unmarshal(body, &kept); {
	case err != nil:
		wrong = "they cannot be read"
	case !strings.EqualFold(kept.Object, object):
		wrong = fmt.Sprintf("the answer is about %q", kept.Object)
	case kept.Rows == nil:
		wrong = "keyCredentials is not in the answer"
	case len(kept.Rows) < listed:
		wrong = fmt.Sprintf("%d were listed, and %d came", listed, len(kept.Rows))
	}
	if wrong != "" {
		if err := reading.FailOne(ctx, object, errors.New("certificates: "+wrong)); err != nil {
			return err
		}
	}
	if !strings.EqualFold(kept.Object, object) {
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
