package entra

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

const policiesPath = "/v1.0/policies/"

// policies reads what the tenant lets users and applications do by themselves.
func (r *run) policies(ctx context.Context) error {
	// https://learn.microsoft.com/graph/api/authorizationpolicy-get
	if err := r.singleton(ctx, snapshot.AuthorizationPolicy, "authorizationPolicy"); err != nil {
		return err
	}
	// https://learn.microsoft.com/graph/api/adminconsentrequestpolicy-get
	if err := r.singleton(ctx, snapshot.AdminConsentPolicy, "adminConsentRequestPolicy"); err != nil {
		return err
	}
	// https://learn.microsoft.com/graph/api/permissiongrantpolicy-list
	if err := r.simple(ctx, snapshot.PermissionGrantPolicies, policiesPath+"permissionGrantPolicies", graphapi.Query{}, asIs); err != nil {
		return err
	}
	return r.appManagement(ctx)
}

// singleton reads a dataset of one object.
func (r *run) singleton(ctx context.Context, name snapshot.Name, path string) error {
	if missing, err := r.without(name); missing != nil {
		return err
	}
	_, err := r.read(ctx, name, func(reading *graphapi.Reading) error { return addOne(ctx, reading, path, "", nil) })
	return err
}

// addOne reads one policy into a dataset; part says which it is when there are
// others, mark is added to it.
func addOne(ctx context.Context, reading *graphapi.Reading, path, part string, mark map[string]json.RawMessage) error {
	var members map[string]json.RawMessage
	if err := reading.Graph.Get(ctx, policiesPath+path, graphapi.Query{}, &members); err != nil {
		return reading.Fail(ctx, part, err)
	}
	if members == nil {
		return reading.Fail(ctx, part, errors.New("GET "+policiesPath+path+": the answer is null"))
	}
	reading.Seen()
	for name := range members {
		if strings.HasPrefix(name, "@odata.context") {
			delete(members, name)
		}
	}
	maps.Copy(members, mark)
	row, err := encode(members)
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
	_, err := r.read(ctx, snapshot.AppManagementPolicies, func(reading *graphapi.Reading) error {
		mark := map[string]json.RawMessage{"isDefaultPolicy": json.RawMessage("true")}
		if err := addOne(ctx, reading, "defaultAppManagementPolicy", "the tenant's default policy", mark); err != nil {
			return err
		}
		listing := reading.Graph.List(ctx, policiesPath+"appManagementPolicies", graphapi.Query{})
		return reading.All(ctx, "policies of single applications", listing, reading.Add)
	})
	return err
}
