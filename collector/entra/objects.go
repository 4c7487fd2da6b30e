package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// collection is one of the two kinds of directory objects that make up an
// application.
type collection struct {
	path    string
	objects snapshot.Name
	owners  snapshot.Name
	see     func(object) // looks at each object
}

func applications() collection {
	return collection{
		path: "/v1.0/applications", objects: snapshot.Applications, owners: snapshot.ApplicationOwners,
		see: func(object) {},
	}
}

func servicePrincipals(resources *resources) collection {
	return collection{
		path: "/v1.0/servicePrincipals", objects: snapshot.ServicePrincipals, owners: snapshot.ServicePrincipalOwners,
		see: resources.see,
	}
}

// object is a directory object with its members as they came.
type object struct {
	id      string
	members map[string]json.RawMessage
}

// objects reads a collection and the owners of its objects in one pass. It returns
// the dataset of the objects.
func (r *run) objects(ctx context.Context, c collection) (snapshot.Dataset, error) {
	if missing, err := r.lacking(c.objects); missing != nil {
		_, ownersErr := r.lacking(c.owners)
		return *missing, errors.Join(err, ownersErr)
	}
	reading, err := r.session.Read(c.objects)
	if err != nil {
		return snapshot.Dataset{}, err
	}
	defer reading.Abort()
	owners := newOwnership()
	listing := reading.Graph.List(ctx, c.path, graphapi.Query{Top: pageSize, Expand: "owners"})
	err = reading.All(ctx, "", listing, func(row json.RawMessage) error {
		return reading.Add(c.take(row, owners))
	})
	if err != nil {
		return snapshot.Dataset{}, err
	}
	if err := reading.Reconcile(ctx, c.path); err != nil {
		return snapshot.Dataset{}, err
	}
	objects, err := reading.Close(ctx)
	if err != nil {
		return objects, err
	}
	return objects, r.owners(ctx, c, owners, objects)
}

// take separates an object from its owners, which have a dataset of their own: the
// expanded list may be cut, so it must not pass for the object's owners. A row
// that is no object goes on as it is; the snapshot finds it out.
func (c collection) take(row json.RawMessage, owners *ownership) json.RawMessage {
	o := object{}
	if json.Unmarshal(row, &o.members) != nil || json.Unmarshal(o.members["id"], &o.id) != nil || o.id == "" {
		return row
	}
	c.see(o)
	owners.take(o)
	for name := range o.members {
		if name == "owners" || strings.HasPrefix(name, "owners@") {
			delete(o.members, name)
		}
	}
	stripped, err := encode(o.members)
	if err != nil {
		return row
	}
	return stripped
}

// encode writes JSON without escaping what HTML would need escaped.
func encode(value any) (json.RawMessage, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return out.Bytes(), err
}

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
// the rows for users and groups are kept too.
func (r *run) appRoleAssignments(ctx context.Context, resources *resources, principals snapshot.Dataset) error {
	if missing, err := r.lacking(snapshot.AppRoleAssignments); missing != nil {
		return err
	}
	if !principals.Status.Readable() {
		return r.w.Without(snapshot.AppRoleAssignments, snapshot.Dataset{
			Status: principals.Status, Evidence: principals.Evidence,
			Reason: "which resources there are could not be read: " + principals.Reason,
		})
	}
	reading, err := r.session.Read(snapshot.AppRoleAssignments)
	if err != nil {
		return err
	}
	defer reading.Abort()
	if principals.Status == snapshot.Partial && !principals.Confined {
		reading.Partial("resources may be missing, because service_principals is partial: " + principals.Reason)
	}
	slices.Sort(resources.ids)
	for _, id := range slices.Compact(resources.ids) {
		listing := reading.Graph.List(ctx, "/v1.0/servicePrincipals/"+id+"/appRoleAssignedTo", graphapi.Query{Top: pageSize})
		if err := reading.All(ctx, "assigned to resource "+id, listing, reading.Add); err != nil {
			return err
		}
	}
	_, err = reading.Close(ctx)
	return err
}
