package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// resources are the service principals that publish application permissions.
type resources struct{ ids []string }

// publishes tells the APIs of Microsoft that publish application permissions in every tenant: Microsoft Graph, SharePoint
// Online, Exchange Online and the Office 365 Management APIs
// (https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in).
func publishes(appID string) bool {
	switch strings.ToLower(appID) {
	case "00000003-0000-0000-c000-000000000000", "00000003-0000-0ff1-ce00-000000000000",
		"00000002-0000-0ff1-ce00-000000000000", "c5393580-f805-4401-95e8-94b7a6ef2fc2":
		return true
	default:
		return false
	}
}

// see notes a service principal unless all its app roles are for users. One whose app
// roles cannot be read, or do not say whom they are for, is noted too: asking once
// more costs a request, not asking may cost its assignments. So is one that is known to
// publish application permissions, whatever its list says.
func (r *resources) see(o object) {
	var roles []struct {
		AllowedMemberTypes []string `json:"allowedMemberTypes"`
	}
	isForUsers := func(types []string) bool {
		return len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return !strings.EqualFold(t, "User") })
	}
	allForUsers := json.Unmarshal(o.members["appRoles"], &roles) == nil && roles != nil
	for _, role := range roles {
		allForUsers = allForUsers && isForUsers(role.AllowedMemberTypes)
	}
	var appID string
	if !allForUsers || json.Unmarshal(o.members["appId"], &appID) == nil && publishes(appID) {
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
	_, err := r.session.Collect(ctx, snapshot.AppRoleAssignments, func(reading *graphapi.Reading) error {
		reading.Follow(principals, "resources may be missing, because service_principals is partial")
		slices.Sort(resources.ids)
		ids := slices.Compact(resources.ids)
		requests := make([]graphapi.Request, len(ids))
		for i, id := range ids {
			requests[i] = graphapi.Request{
				Path:  principalsPath + "/" + id + "/appRoleAssignedTo",
				Query: graphapi.Query{Top: pageSize, ConsistencyLevel: graphapi.Eventual, Count: true, FixedPages: true},
			}
		}
		rows, want, counted := tally{}, 0, 0
		err := reading.Graph.ListEach(ctx, requests,
			func(i int, row json.RawMessage) error {
				rows.add(i, row)
				return reading.Add(row)
			},
			func(i, count int, err error) error {
				got := rows.end(i)
				if err != nil {
					return reading.Fail(ctx, "assigned to resource "+ids[i], err)
				}
				reading.PartRead()
				if count < 0 {
					return nil
				}
				want, counted = want+count, counted+1
				if got != count {
					reading.Fault(fmt.Sprintf("resource %s has %d assignments by its own count, and %d were read", ids[i], count, got))
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
	_, err := r.session.Collect(ctx, snapshot.DelegatedGrants, func(reading *graphapi.Reading) error {
		done, err := r.incremental(ctx, reading, changing{name: snapshot.DelegatedGrants, path: grantsPath, row: canonical})
		if err != nil || done {
			return err
		}
		listing := reading.Graph.List(ctx, grantsPath, graphapi.Query{Top: pageSize, ConsistencyLevel: graphapi.Eventual, Count: true})
		err = reading.All(ctx, "", listing, func(row json.RawMessage) error { return reading.Add(canonical(row)) })
		if err != nil {
			return err
		}
		reading.ReconcileListing(grantsPath)
		return nil
	})
	return err
}
