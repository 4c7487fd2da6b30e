package entra

import (
	"context"
	"encoding/json"
	"strings"

	"golang.org/x/sync/errgroup"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// The collections that are read by more than one dataset.
const (
	applicationsPath = "/v1.0/applications"
	principalsPath   = "/v1.0/servicePrincipals"
)

// collection is one of the two kinds of directory objects that make up an
// application.
type collection struct {
	path    string
	kind    string // as @odata.type has it
	objects snapshot.Name
	owners  snapshot.Name
	see     func(object)    // looks at each object
	ids     map[string]bool // of the objects that were read; nil does not note them
}

// object is a directory object with its members as they came.
type object struct {
	id      string
	members map[string]json.RawMessage
}

// directory reads applications and service principals side by side, and then what both are asked for one by one.
func (r *run) directory(ctx context.Context) error {
	applications := newCertificates(applicationsPath, "application")
	principals := newCertificates(principalsPath, "service principal")
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error { return r.registrations(both, applications) })
	group.Go(func() error { return r.principals(both, principals) })
	if err := group.Wait(); err != nil {
		return err
	}
	return r.certificateKeys(ctx, applications, principals)
}

// registrations reads the applications, and what hangs on them.
func (r *run) registrations(ctx context.Context, certificates *certificates) (err error) {
	c := collection{
		path: applicationsPath, kind: "application",
		objects: snapshot.Applications, owners: snapshot.ApplicationOwners, see: certificates.see, ids: map[string]bool{},
	}
	if certificates.objects, err = r.objects(ctx, c); err != nil {
		return err
	}
	return r.federatedCredentials(ctx, c.ids, certificates.objects)
}

// principals reads the service principals, and what was granted on them.
func (r *run) principals(ctx context.Context, certificates *certificates) (err error) {
	resources := &resources{}
	c := collection{
		path: principalsPath, kind: "servicePrincipal",
		objects: snapshot.ServicePrincipals, owners: snapshot.ServicePrincipalOwners, ids: map[string]bool{},
		see: func(o object) { resources.see(o); certificates.see(o) },
	}
	if certificates.objects, err = r.objects(ctx, c); err != nil {
		return err
	}
	return r.appRoleAssignments(ctx, resources, certificates.objects)
}

// objects reads a collection and the owners of its objects, both in one pass unless
// only changes are read. It returns the dataset of the objects.
func (r *run) objects(ctx context.Context, c collection) (snapshot.Dataset, error) {
	owners := newOwnership()
	if missing, err := r.without(c.objects); missing != nil {
		if err != nil {
			return *missing, err
		}
		return *missing, r.owners(ctx, c, owners, *missing, false)
	}
	incremental := false
	dataset, err := r.session.Collect(ctx, c.objects, func(reading *graphapi.Reading) error {
		var err error
		incremental, err = r.incremental(ctx, reading, changing{
			name: c.objects, path: c.path, reread: r.byIDs(c),
			row: func(row json.RawMessage) json.RawMessage { return c.take(row, nil) },
		})
		if err != nil || incremental {
			return err
		}
		reading.Announce(ctx, c.path)
		listing := reading.Graph.List(ctx, c.path, graphapi.Query{Top: pageSize, Expand: "owners"})
		err = reading.All(ctx, "", listing, func(row json.RawMessage) error { return reading.Add(c.take(row, owners)) })
		if err != nil {
			return err
		}
		return reading.Reconcile(ctx, c.path)
	})
	if err != nil {
		return dataset, err
	}
	return dataset, r.owners(ctx, c, owners, dataset, incremental)
}

// take separates an object from its owners, which have a dataset of their own: the
// expanded list may be cut, so it must not pass for the object's owners. A row
// that is no object goes on as it is; the snapshot finds it out. Owners may be nil.
func (c collection) take(row json.RawMessage, owners *ownership) json.RawMessage {
	o := object{}
	if json.Unmarshal(row, &o.members) != nil || json.Unmarshal(o.members["id"], &o.id) != nil || o.id == "" {
		return row
	}
	c.see(o)
	if c.ids != nil {
		c.ids[o.id] = true
	}
	if owners != nil {
		owners.take(o)
	}
	for name := range o.members {
		if name == "owners" || strings.HasPrefix(name, "owners@") {
			delete(o.members, name)
		}
	}
	// Asked for by id, an object says what it is; listed, only if it is of a subtype.
	var kind string
	if json.Unmarshal(o.members["@odata.type"], &kind) == nil && kind == "#microsoft.graph."+c.kind {
		delete(o.members, "@odata.type")
	}
	return encoded(o.members, row)
}

// encoded is a row for what has a JSON form; otherwise stays what it was.
func encoded(value any, otherwise json.RawMessage) json.RawMessage {
	text, err := snapshot.Encode(value)
	if err != nil {
		return otherwise
	}
	return text
}

// canonical orders the members of a row, so that it is the same whether it was
// listed or put together from changes.
func canonical(row json.RawMessage) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(row, &members) != nil || members == nil {
		return row
	}
	return encoded(members, row)
}
