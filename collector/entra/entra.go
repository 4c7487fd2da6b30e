// Package entra reads applications, service principals, their owners, and what was
// granted to them, from Microsoft Graph.
package entra

import (
	"context"
	"encoding/json"
	"strings"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// pageSize is the most that directory collections give at once
// (https://learn.microsoft.com/graph/api/application-list). appRoleAssignedTo
// leaves out managed identities when asked for less
// (https://github.com/microsoftgraph/microsoft-graph-docs/issues/12243).
const pageSize = 999

// Options of New.
type Options struct {
	Graph *graphapi.Client // with an app-only identity
}

// Source reads the directory.
type Source struct{ graph *graphapi.Client }

// New makes the source.
func New(opts Options) *Source { return &Source{graph: opts.Graph} }

// Datasets lists what the source reads.
func (s *Source) Datasets() []snapshot.Name {
	return []snapshot.Name{
		snapshot.Organization, snapshot.Applications, snapshot.ApplicationOwners, snapshot.ServicePrincipals,
		snapshot.ServicePrincipalOwners, snapshot.AppRoleAssignments, snapshot.DelegatedGrants,
	}
}

// accepted lists the permissions that a dataset can be read with, the least first
// (https://learn.microsoft.com/graph/permissions-reference). Organization is left
// out: too many permissions open it.
func accepted(name snapshot.Name) []string {
	switch name {
	case snapshot.Applications, snapshot.ApplicationOwners, snapshot.ServicePrincipals, snapshot.ServicePrincipalOwners,
		snapshot.AppRoleAssignments:
		// OwnedBy lets an application list all of them
		// (https://learn.microsoft.com/graph/api/serviceprincipal-get).
		return []string{
			"Application.Read.All", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy",
			"Directory.Read.All", "Directory.ReadWrite.All",
		}
	case snapshot.DelegatedGrants:
		return []string{
			"Directory.Read.All", "Directory.ReadWrite.All",
			"DelegatedPermissionGrant.Read.All", "DelegatedPermissionGrant.ReadWrite.All",
		}
	}
	return nil
}

// Collect reads the source's datasets.
func (s *Source) Collect(ctx context.Context, w *snapshot.Writer) error {
	session, err := s.graph.Open(ctx, w, s.Datasets())
	if err != nil || session == nil {
		return err
	}
	defer session.Close()
	r := &run{session: session, w: w}
	if err := r.organization(ctx); err != nil {
		return err
	}
	if _, err := r.objects(ctx, applications()); err != nil {
		return err
	}
	resources := &resources{}
	principals, err := r.objects(ctx, servicePrincipals(resources))
	if err != nil {
		return err
	}
	if err := r.appRoleAssignments(ctx, resources, principals); err != nil {
		return err
	}
	return r.delegatedGrants(ctx)
}

// run is one collection.
type run struct {
	session *graphapi.Session
	w       *snapshot.Writer
}

// lacking records a dataset that the token cannot read, without a call. It returns
// nil when it can.
func (r *run) lacking(name snapshot.Name) (*snapshot.Dataset, error) {
	missing := r.session.Lacking(accepted(name)...)
	if missing == nil {
		return nil, nil
	}
	return missing, r.w.Without(name, *missing)
}

func (r *run) organization(ctx context.Context) error {
	reading, err := r.session.Read(snapshot.Organization)
	if err != nil {
		return err
	}
	defer reading.Abort()
	listing := reading.Graph.List(ctx, "/v1.0/organization", graphapi.Query{})
	err = reading.All(ctx, "", listing, func(row json.RawMessage) error {
		var organization struct {
			ID          string `json:"id"`
			DisplayName string `json:"displayName"`
		}
		if json.Unmarshal(row, &organization) == nil && organization.ID != "" {
			if want := r.w.Tenant().ID; !strings.EqualFold(organization.ID, want) {
				return &identity.WrongTenantError{Want: want, Got: organization.ID}
			}
			r.w.NameTenant(organization.DisplayName)
		}
		return reading.Add(row)
	})
	if err != nil {
		return err
	}
	_, err = reading.Close(ctx)
	return err
}

// delegatedGrants reads what was consented to on behalf of users. Without the
// advanced query the list is silently short
// (https://github.com/microsoftgraph/msgraph-metadata/issues/116).
func (r *run) delegatedGrants(ctx context.Context) error {
	if missing, err := r.lacking(snapshot.DelegatedGrants); missing != nil {
		return err
	}
	reading, err := r.session.Read(snapshot.DelegatedGrants)
	if err != nil {
		return err
	}
	defer reading.Abort()
	const path = "/v1.0/oauth2PermissionGrants"
	listing := reading.Graph.List(ctx, path, graphapi.Query{Top: pageSize, Eventual: true})
	if err := reading.All(ctx, "", listing, reading.Add); err != nil {
		return err
	}
	if err := reading.Reconcile(ctx, path); err != nil {
		return err
	}
	_, err = reading.Close(ctx)
	return err
}
