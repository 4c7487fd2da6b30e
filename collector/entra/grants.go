package entra

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// resources are the service principals that publish application permissions.
type resources struct{ ids []string }

// see notes a service principal that publishes an app role for applications. One
// whose app roles cannot be read is noted too: asking once more costs a request,
// not asking may cost its assignments.
func (r *resources) see(o object) {
	var roles []struct {
		AllowedMemberTypes []string `json:"allowedMemberTypes"`
	}
	readable := o.members["appRoles"] != nil && json.Unmarshal(o.members["appRoles"], &roles) == nil
	for _, role := range roles {
		if slices.ContainsFunc(role.AllowedMemberTypes, func(t string) bool { return strings.EqualFold(t, "Application") }) {
			r.ids = append(r.ids, o.id)
			return
		}
	}
	if !readable {
		r.ids = append(r.ids, o.id)
	}
}

// appRoleAssignments reads what each resource granted, which takes one listing per
// resource instead of one per client. Resources that publish no application
// permission have nothing to grant to applications and are left out; of the others
// the rows for users and groups are kept too. Each resource's own count of its
// assignments is what the rows are held against.
func (r *run) appRoleAssignments(ctx context.Context, resources *resources, principals snapshot.Dataset) error {
	if missing, err := r.without(snapshot.AppRoleAssignments); missing != nil {
		return err
	}
	if !principals.Status.Readable() {
		return r.dependent(snapshot.AppRoleAssignments, "which resources there are could not be read", principals)
	}
	_, err := r.read(ctx, snapshot.AppRoleAssignments, func(reading *graphapi.Reading) error {
		if !principals.Whole() {
			reading.Partial("resources may be missing, because service_principals is partial: " + principals.Reason)
		}
		slices.Sort(resources.ids)
		ids := slices.Compact(resources.ids)
		requests := make([]graphapi.Request, len(ids))
		for i, id := range ids {
			requests[i] = graphapi.Request{
				Path:  "/v1.0/servicePrincipals/" + id + "/appRoleAssignedTo",
				Query: graphapi.Query{Top: pageSize, Eventual: true},
			}
		}
		want, counted := 0, 0
		err := reading.Graph.ListEach(ctx, requests,
			func(_ int, row json.RawMessage) error { return reading.Add(row) },
			func(i, count int, err error) error {
				if err != nil {
					return reading.Fail(ctx, "assigned to resource "+ids[i], err)
				}
				reading.Seen()
				if count >= 0 {
					want, counted = want+count, counted+1
				}
				return nil
			})
		if err == nil && counted == len(ids) {
			reading.ReconcileWith("@odata.count of each resource's assignments", want)
		}
		return err
	})
	return err
}

const grantsPath = "/v1.0/oauth2PermissionGrants"

// delegatedGrants reads what was consented to on behalf of users. Without the
// advanced query the list is silently short
// (https://github.com/microsoftgraph/msgraph-metadata/issues/116).
func (r *run) delegatedGrants(ctx context.Context) error {
	if missing, err := r.without(snapshot.DelegatedGrants); missing != nil {
		return err
	}
	_, err := r.read(ctx, snapshot.DelegatedGrants, func(reading *graphapi.Reading) error {
		done, err := r.incremental(ctx, reading, changing{name: snapshot.DelegatedGrants, path: grantsPath, row: canonical})
		if err != nil || done {
			return err
		}
		listing := reading.Graph.List(ctx, grantsPath, graphapi.Query{Top: pageSize, Eventual: true})
		err = reading.All(ctx, "", listing, func(row json.RawMessage) error { return reading.Add(canonical(row)) })
		if err != nil {
			return err
		}
		reading.ReconcileListing(grantsPath)
		return nil
	})
	return err
}
