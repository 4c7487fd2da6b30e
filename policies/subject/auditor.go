package subject

import (
	"cmp"
	"strings"

	"leastwise/collector/snapshot"
	"leastwise/policies/catalog"
)

// The appIds of the APIs that the identities' tokens are for, the same in every cloud
// (https://learn.microsoft.com/graph/permissions-reference,
// https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis).
const (
	microsoftGraph = "00000003-0000-0000-c000-000000000000"
	managementAPI  = "c5393580-f805-4401-95e8-94b7a6ef2fc2"
)

// Auditor is an identity that the snapshot was collected with: leastwise judges
// itself too. It stems from the manifest, hence no dataset is required.
type Auditor struct {
	Kind Kind `json:"kind"`
	// ID is <credential>/<client id>, or the credential alone where no client is known.
	ID string `json:"id"`
	// Credential is how it signed in (certificate, device-code, …), or which files it
	// read (folder, saved-events).
	Credential string `json:"credential"`
	// SignedIn is false for one that only read files: it holds no permission.
	SignedIn bool   `json:"signed_in"`
	ClientID string `json:"client_id,omitzero"`
	User     string `json:"user,omitzero"` // user principal name of a delegated token
	AppOnly  bool   `json:"app_only"`      // it acts for itself, not for User
	// Opaque is true when its token could not be read. Held is then absent.
	Opaque bool             `json:"opaque"`
	Held   []HeldPermission `json:"held,omitzero"`
	// Needs are what the datasets take that it was asked for. Absent when the snapshot
	// does not say.
	Needs []DatasetNeed `json:"needs,omitzero"`
	Read  []string      `json:"read"` // datasets that it read
	// Credentials are those of its registration and service principal. Absent when the
	// application was not read, or no client is known.
	Credentials []Credential `json:"credentials,omitzero" dataset:"applications,service_principals"`
}

// HeldPermission is one permission in an identity's token.
type HeldPermission struct {
	Permission string `json:"permission"` // value, as in the token
	Kind       string `json:"kind"`       // application or delegated
	Tier       string `json:"tier"`       // critical, high, medium, low, unrated
}

// DatasetNeed is what reading a dataset takes: any one of the permissions. A
// dataset may have several needs, each of which must be met.
type DatasetNeed struct {
	Dataset string `json:"dataset"`
	// Least are the permissions of which any one is the least there is. Empty when
	// every token will do.
	Least    []string `json:"least"`
	Accepted []string `json:"accepted"` // others that open it too, and allow more
}

// auditor makes the document of one identity.
func (j *Join) auditor(id snapshot.Identity) Document {
	a := &Auditor{
		Kind: KindAuditor, ID: id.Kind, Credential: id.Kind, SignedIn: id.SignedIn(), ClientID: id.ClientID,
		User: id.User, AppOnly: id.AppOnly, Opaque: id.Opaque, Read: append([]string{}, id.Datasets...),
	}
	if id.ClientID != "" {
		a.ID += "/" + id.ClientID
	}
	if id.User != "" { // several people may have used one client
		a.ID += "/" + strings.ToLower(id.User)
	}
	if a.SignedIn && !id.Opaque {
		a.Held = j.held(id)
	}
	for _, need := range id.Needs {
		a.Needs = append(a.Needs, DatasetNeed{
			Dataset: need.Dataset, Least: append([]string{}, need.Least...), Accepted: append([]string{}, need.Accepted...),
		})
	}
	j.mu.Lock()
	facts := j.auditorFacts[strings.ToLower(id.ClientID)]
	j.mu.Unlock()
	a.Credentials = facts.credentials
	name := cmp.Or(id.User, j.appName(id.ClientID))
	if name != "" {
		name += " (" + id.Kind + ")"
	}
	return Document{Kind: KindAuditor, ID: a.ID, Name: name, Value: a, Incomplete: facts.gaps}
}

// auditorFacts are what is known of the application of an identity, once it was streamed past.
type auditorFacts struct {
	credentials []Credential
	gaps        []Gap // that concern them
}

// keepAuditor keeps the credentials of an application that the snapshot was collected with.
func (j *Join) keepAuditor(app *Application) {
	if !app.Auditor {
		return
	}
	facts := auditorFacts{credentials: app.Credentials}
	for _, gap := range app.Incomplete {
		about := gap.Dataset == snapshot.Applications || gap.Dataset == snapshot.ServicePrincipals
		if about && (gap.Field == "" || gap.Field == "credentials") {
			facts.gaps = append(facts.gaps, gap)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.auditorFacts[app.ID] = facts
}

// held are the permissions that count: a delegated token has none but its scopes.
func (j *Join) held(id snapshot.Identity) []HeldPermission {
	names, kind := id.Scopes, catalog.Delegated
	if id.AppOnly {
		names, kind = id.Roles, catalog.Application
	}
	held := make([]HeldPermission, 0, len(names))
	for _, name := range names {
		tier := catalog.Unrated
		for _, api := range []string{managementAPI, microsoftGraph} { // they share no name
			if known, ok := j.resolver.catalogue.Lookup(api, kind, name); ok {
				tier = known.Tier
			}
		}
		held = append(held, HeldPermission{Permission: name, Kind: string(kind), Tier: string(tier)})
	}
	return held
}
