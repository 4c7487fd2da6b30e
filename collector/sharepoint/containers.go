package sharepoint

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// containers reads the containers of each registered type; Graph lists them by
// type only (https://learn.microsoft.com/graph/api/filestorage-list-containers).
func (r *run) containers(ctx context.Context, registrations *found) (*found, error) {
	if missing := r.lacking(snapshot.Containers, r.containersNeed()); missing != nil {
		dataset, err := r.session.Without(snapshot.Containers, *missing)
		return &found{dataset: dataset}, err
	}
	if !registrations.dataset.Status.Readable() {
		dataset, err := r.without(snapshot.Containers, "the registrations", registrations.dataset)
		return &found{dataset: dataset}, err
	}
	reading, err := r.session.Read(ctx, snapshot.Containers)
	if err != nil {
		return nil, err
	}
	defer reading.Abort()
	if registrations.incomplete() {
		reading.Partial("registrations are missing: " + registrations.dataset.Reason)
	}
	if why := r.notAllContainers(); why != "" {
		reading.Partial(why)
	}
	f := &found{}
	for _, registration := range registrations.rows {
		query := graphapi.Query{Filter: "containerTypeId eq " + registration.id}
		listing := reading.Graph.List(ctx, storage+"containers", query)
		err := reading.All(ctx, "containers of type "+registration.id, listing, func(row json.RawMessage) error {
			f.add(row)
			return reading.Add(row)
		})
		if err != nil {
			return nil, err
		}
	}
	reading.Explain(r.explainContainers)
	f.dataset, err = reading.Close(ctx)
	return f, err
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
		_, err := r.without(snapshot.ContainerPermissions, "the containers", containers.dataset)
		return err
	}
	h := hanging{
		name: snapshot.ContainerPermissions, on: containers, what: "permissions of container ", member: "containerId",
		missing: "containers are missing: ", permission: manageContainers,
		path: func(id string) string { return storage + "containers/" + url.PathEscape(id) + "/permissions" },
	}
	if limit := max(r.maxContainers, 0); len(containers.rows) > limit {
		h.limit = fmt.Sprintf("permissions of %d of %d containers were read, the limit", limit, len(containers.rows))
		h.on = &found{dataset: containers.dataset, rows: containers.rows[:limit]}
	}
	return r.hanging(ctx, h)
}
