// Package sharepoint reads SharePoint Embedded from Microsoft Graph: container
// types, their registrations in this tenant, what applications may do with them,
// containers, and who may open those.
//
// No application permission lists all container types or all registrations of a
// tenant, and no read-only permission lists any: a complete picture needs the
// token of a SharePoint Embedded Administrator
// (https://learn.microsoft.com/sharepoint/dev/embedded/plan/authentication-permissions).
package sharepoint

import (
	"context"
	"encoding/json"
	"strings"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// Directory roles by template id
// (https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference).
const (
	embeddedAdministrator = "1a7d78b6-429f-476b-b8eb-35fb715fffd4"
	globalAdministrator   = "62e90394-69f5-4237-9190-012177145e10"
)

// Delegated permissions of SharePoint Embedded
// (https://learn.microsoft.com/graph/permissions-reference).
const (
	manageTypes         = "FileStorageContainerType.Manage.All"
	manageRegistrations = "FileStorageContainerTypeReg.Manage.All"
	ownRegistrations    = "FileStorageContainerTypeReg.Selected"
	manageContainers    = "FileStorageContainer.Manage.All"
	someContainers      = "FileStorageContainer.Selected"
)

const storage = "/v1.0/storage/fileStorage/"

// DefaultMaxContainers bounds how many containers' permissions are read. Each
// costs five resource units of 600 a minute for a signed-in user
// (https://learn.microsoft.com/sharepoint/dev/embedded/plan/limits-calling-patterns).
const DefaultMaxContainers = 1000

// Options of New.
type Options struct {
	Graph *graphapi.Client // with a delegated identity
	// MaxContainers is how many containers' permissions are read; 0 means
	// DefaultMaxContainers, less than 0 none.
	MaxContainers int
}

// Source reads SharePoint Embedded.
type Source struct {
	graph         *graphapi.Client
	maxContainers int
}

// New makes the source.
func New(opts Options) *Source {
	s := &Source{graph: opts.Graph, maxContainers: opts.MaxContainers}
	if s.maxContainers == 0 {
		s.maxContainers = DefaultMaxContainers
	}
	return s
}

// Datasets lists what the source reads.
func (s *Source) Datasets() []snapshot.Name {
	return []snapshot.Name{
		snapshot.ContainerTypes, snapshot.ContainerTypeOwners, snapshot.ContainerTypeRegistrations, snapshot.ContainerTypeGrants,
		snapshot.Containers, snapshot.ContainerPermissions,
	}
}

// Collect reads the source's datasets.
func (s *Source) Collect(ctx context.Context, w *snapshot.Writer) error {
	session, err := s.graph.Open(ctx, w, s.Datasets())
	if err != nil || session == nil {
		return err
	}
	defer session.Close()
	r := &run{Source: s, session: session}
	r.noteNeeds()
	types, err := r.containerTypes(ctx)
	if err != nil {
		return err
	}
	if err := r.owners(ctx, types); err != nil {
		return err
	}
	registrations, err := r.registrations(ctx)
	if err != nil {
		return err
	}
	if err := r.grants(ctx, registrations); err != nil {
		return err
	}
	containers, err := r.containers(ctx, registrations)
	if err != nil {
		return err
	}
	return r.permissions(ctx, containers)
}

// run is one collection.
type run struct {
	*Source
	session *graphapi.Session
}

// found is a dataset that others are read along.
type found struct {
	dataset snapshot.Dataset
	rows    []parent
	seen    map[string]bool
	keep    bool // the rows, not just their ids
}

// parent is one row to go on from.
type parent struct {
	id  string
	row json.RawMessage // of registrations, for the grants in it
}

// add notes a row to go on from, once; pages may repeat rows.
func (f *found) add(row json.RawMessage) {
	var key struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(row, &key) != nil || strings.TrimSpace(key.ID) == "" || f.seen[key.ID] {
		return // the snapshot complains of rows without an id
	}
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	f.seen[key.ID] = true
	if !f.keep {
		row = nil
	}
	f.rows = append(f.rows, parent{key.ID, row})
}

// notAll says why a delegated listing shows only part of a tenant: users who are
// no administrators see what they own. It is empty for administrators.
func (r *run) notAll() string {
	switch {
	case r.session.AppOnly():
		return ""
	case !r.session.Readable || !r.session.Claims.KnowsRoles:
		return "cannot tell whether the signed-in user is an administrator; others see only what they own"
	case !r.administrator():
		return "the signed-in user is no SharePoint Embedded Administrator and sees only what they own"
	}
	return ""
}

// explain adds what a refusal usually means where a permission is what reading needs:
// that one, or an administrator's role, is missing.
func (r *run) explain(permission string) func(snapshot.Dataset) snapshot.Dataset {
	return func(missing snapshot.Dataset) snapshot.Dataset {
		if missing.Status != snapshot.Denied || r.session.AppOnly() {
			return missing
		}
		isAdministrator := r.administrator()
		holdsPermission := r.session.Readable && r.session.Claims.HasAny(permission)
		switch {
		case isAdministrator && holdsPermission:
			missing.Reason += " (although the token carries " + permission + " and the administrator's role)"
		case isAdministrator:
			missing.Reason += " (probably the permission " + permission + " is missing)"
		case holdsPermission:
			missing.Reason += " (probably the signed-in user lacks the SharePoint Embedded Administrator role)"
		default:
			missing.Reason += " (probably the signed-in user lacks the SharePoint Embedded Administrator role, or the permission " +
				permission + " is missing)"
		}
		return missing
	}
}

// explainContainers does so for the listing of containers, which is also refused to
// users without a OneDrive
// (https://learn.microsoft.com/graph/api/filestorage-list-containers).
func (r *run) explainContainers(missing snapshot.Dataset) snapshot.Dataset {
	if missing.Status != snapshot.Denied || r.session.AppOnly() {
		return missing
	}
	cause := "the signed-in user has no OneDrive"
	if !r.administrator() {
		cause += ", or lacks the SharePoint Embedded Administrator role"
	}
	missing.Reason += " (probably " + cause + ")"
	return missing
}

func (r *run) administrator() bool {
	return r.session.Claims.HasDirectoryRole(embeddedAdministrator, globalAdministrator)
}

// listing is a dataset that others are read along.
type listing struct {
	name   snapshot.Name
	notAll string // why not all rows are listed; empty when they are
	keep   bool   // the rows, not just their ids
	read   func(*graphapi.Reading, *found) error
	// explain says what a refusal usually means.
	explain func(snapshot.Dataset) snapshot.Dataset
}

// list reads such a dataset.
func (r *run) list(ctx context.Context, l listing) (*found, error) {
	f := &found{keep: l.keep}
	var err error
	if missing := r.lacking(l.name); missing != nil {
		f.dataset, err = r.session.Without(l.name, *missing)
		return f, err
	}
	f.dataset, err = r.session.Collect(ctx, l.name, func(reading *graphapi.Reading) error {
		if l.notAll != "" {
			reading.Partial(l.notAll)
		}
		if err := l.read(reading, f); err != nil {
			return err
		}
		reading.Explain(l.explain)
		return nil
	})
	return f, err
}

// all stores the rows of a listing, and notes them to go on from.
func (f *found) all(ctx context.Context, reading *graphapi.Reading, part, path string, query graphapi.Query) error {
	return reading.All(ctx, part, reading.Graph.List(ctx, path, query), func(row json.RawMessage) error {
		f.add(row)
		return reading.Add(row)
	})
}

// containerTypes reads the container types that this tenant owns
// (https://learn.microsoft.com/graph/api/filestorage-list-containertypes).
func (r *run) containerTypes(ctx context.Context) (*found, error) {
	if r.session.AppOnly() {
		dataset, err := r.session.Without(snapshot.ContainerTypes, snapshot.Dataset{
			Status: snapshot.Denied,
			Reason: "no app-only listing exists: needs a delegated SharePoint Embedded Administrator",
		})
		return &found{dataset: dataset}, err
	}
	return r.list(ctx, listing{
		name: snapshot.ContainerTypes, notAll: r.notAll(), explain: r.explain(manageTypes),
		read: func(reading *graphapi.Reading, f *found) error {
			if err := f.all(ctx, reading, "", storage+"containerTypes", graphapi.Query{Count: true}); err != nil {
				return err
			}
			reading.ReconcileListing(storage + "containerTypes")
			return nil
		},
	})
}

// registrations reads the container types registered in this tenant
// (https://learn.microsoft.com/graph/api/filestorage-list-containertyperegistrations).
func (r *run) registrations(ctx context.Context) (*found, error) {
	return r.list(ctx, listing{
		name: snapshot.ContainerTypeRegistrations, notAll: r.notAllRegistrations(), keep: true, explain: r.explain(manageRegistrations),
		read: func(reading *graphapi.Reading, f *found) error {
			return f.all(ctx, reading, "", storage+"containerTypeRegistrations", graphapi.Query{})
		},
	})
}

// notAllRegistrations says why some registrations are not listed: without
// Manage.All only those of container types that the calling application owns are.
func (r *run) notAllRegistrations() string {
	switch {
	case r.session.AppOnly():
		return "an app-only listing holds only registrations of the calling application's own container types"
	case !r.session.Readable:
		return "cannot tell whether the token carries " + manageRegistrations
	case !r.session.Claims.HasAny(manageRegistrations):
		return "without " + manageRegistrations + " only registrations of the calling application's own container types are listed"
	}
	return r.notAll()
}
