package entra

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

const policiesPath = "/v1.0/policies/"

// policies reads what the tenant lets users and applications do by themselves.
func (r *run) policies(ctx context.Context) error {
	// https://learn.microsoft.com/graph/api/authorizationpolicy-get
	if err := r.singleton(ctx, snapshot.AuthorizationPolicy, policy{path: "authorizationPolicy", known: []string{"defaultUserRolePermissions", "allowInvitesFrom"}}); err != nil {
		return err
	}
	// https://learn.microsoft.com/graph/api/adminconsentrequestpolicy-get
	if err := r.singleton(ctx, snapshot.AdminConsentPolicy, policy{path: "adminConsentRequestPolicy", known: []string{"isEnabled"}}); err != nil {
		return err
	}
	// https://learn.microsoft.com/graph/api/permissiongrantpolicy-list
	if err := r.simple(ctx, snapshot.PermissionGrantPolicies, policiesPath+"permissionGrantPolicies", graphapi.Query{}, asIs); err != nil {
		return err
	}
	return r.appManagement(ctx)
}

// policy is one of which a tenant has one.
type policy struct {
	path  string
	part  string                     // says which it is when the dataset has others
	known []string                   // members of which a policy has one at least
	mark  map[string]json.RawMessage // is added to it
}

// singleton reads a dataset of one object.
func (r *run) singleton(ctx context.Context, name snapshot.Name, of policy) error {
	if missing, err := r.without(name); missing != nil {
		return err
	}
	_, err := r.session.Collect(ctx, name, func(reading *graphapi.Reading) error { return of.add(ctx, reading) })
	return err
}

// add reads the policy into a dataset. An answer that is something else says nothing
// about the tenant.
func (p policy) add(ctx context.Context, reading *graphapi.Reading) error {
	var members map[string]json.RawMessage
	if err := reading.Graph.Get(ctx, policiesPath+p.path, graphapi.Query{}, &members); err != nil {
		return reading.Fail(ctx, p.part, err)
	}
	has := func(name string) bool { return members[name] != nil && string(members[name]) != "null" }
	if !slices.ContainsFunc(p.known, has) {
		why := "it has no " + strings.Join(p.known, " and no ")
		if members == nil {
			why = "it is null"
		}
		return reading.Fail(ctx, p.part, errors.New("GET "+policiesPath+p.path+": the answer is no policy: "+why))
	}
	reading.PartRead()
	for name := range members {
		if strings.HasPrefix(name, "@odata.context") {
			delete(members, name)
		}
	}
	maps.Copy(members, p.mark)
	row, err := snapshot.Encode(members)
	if err != nil {
		return err
	}
	return reading.Add(row)
}

// appManagement reads the restrictions on credentials: the tenant's own, and those
// of policies that are assigned to single applications
// (https://learn.microsoft.com/graph/api/tenantappmanagementpolicy-get,
// https://learn.microsoft.com/graph/api/appmanagementpolicy-list).
func (r *run) appManagement(ctx context.Context) error {
	if missing, err := r.without(snapshot.AppManagementPolicies); missing != nil {
		return err
	}
	_, err := r.session.Collect(ctx, snapshot.AppManagementPolicies, func(reading *graphapi.Reading) error {
		tenants := policy{
			path: "defaultAppManagementPolicy", part: "the tenant's default policy", known: []string{"isEnabled"},
			mark: map[string]json.RawMessage{"isDefaultPolicy": json.RawMessage("true")},
		}
		if err := tenants.add(ctx, reading); err != nil {
			return err
		}
		listing := reading.Graph.List(ctx, policiesPath+"appManagementPolicies", graphapi.Query{})
		return reading.All(ctx, "policies of single applications", listing, reading.Add)
	})
	return err
}
