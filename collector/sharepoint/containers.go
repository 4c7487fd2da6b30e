package sharepoint

import (
	"context"
	"fmt"
	"net/url"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// containers reads the containers of each registered type; Graph lists them by
// type only (https://learn.microsoft.com/graph/api/filestorage-list-containers).
func (r *run) containers(ctx context.Context, registrations *found) (*found, error) {
	if r.lacking(snapshot.Containers) == nil && !registrations.dataset.Status.Readable() {
		dataset, err := r.session.Dependent(snapshot.Containers, "the registrations could not be read", registrations.dataset)
		return &found{dataset: dataset}, err
	}
	return r.list(ctx, listing{
		name: snapshot.Containers, notAll: r.notAllContainers(), explain: r.explainContainers,
		read: func(reading *graphapi.Reading, f *found) error {
			reading.Follow(registrations.dataset, "registrations are missing")
			for _, registration := range registrations.rows {
				query := graphapi.Query{Filter: "containerTypeId eq " + registration.id}
				if err := f.all(ctx, reading, "containers of type "+registration.id, storage+"containers", query); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

// notAllContainers says why some containers are not listed. FileStorageContainer
// .Manage.All works for administrators only
// (https://learn.microsoft.com/sharepoint/dev/embedded/build/configure-authentication-authorization).
func (r *run) notAllContainers() string {
	switch {
	case r.session.AppOnly():
		return ""
	case !r.session.Readable:
		return "cannot tell whether the token carries " + manageContainers
	case !r.session.Claims.HasAny(manageContainers):
		return "without " + manageContainers + " only containers that the signed-in user is a direct member of are listed"
	}
	return r.notAll()
}

// permissions reads who may open each container, up to a limit
// (https://learn.microsoft.com/graph/api/filestoragecontainer-list-permissions).
func (r *run) permissions(ctx context.Context, containers *found) error {
	if !containers.dataset.Status.Readable() {
		_, err := r.session.Dependent(snapshot.ContainerPermissions, "the containers could not be read", containers.dataset)
		return err
	}
	h := hanging{
		name: snapshot.ContainerPermissions, on: containers, what: "permissions of container ", idMember: "containerId",
		missing: "containers are missing", permission: manageContainers,
		path: func(id string) string { return storage + "containers/" + url.PathEscape(id) + "/permissions" },
	}
	if limit := max(r.maxContainers, 0); len(containers.rows) > limit {
		h.limit = fmt.Sprintf("permissions of %d of %d containers were read, the limit", limit, len(containers.rows))
		h.on = &found{dataset: containers.dataset, rows: containers.rows[:limit]}
	}
	return r.hanging(ctx, h)
}
