package sharepoint

import (
	"context"
	"encoding/json"
	"net/url"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// owners reads who owns the container types: at most three users each, in beta only,
// and in the worldwide cloud only
// (https://learn.microsoft.com/graph/api/filestoragecontainertype-list-permissions).
func (r *run) owners(ctx context.Context, types *found) error {
	if !types.dataset.Status.Readable() {
		_, err := r.session.Dependent(snapshot.ContainerTypeOwners, "the container types could not be read", types.dataset)
		return err
	}
	return r.hanging(ctx, hanging{
		name: snapshot.ContainerTypeOwners, on: types, what: "owners of container type ", idMember: "containerTypeId",
		missing: "container types are missing", permission: manageTypes,
		path: func(id string) string {
			return "/beta/storage/fileStorage/containerTypes/" + url.PathEscape(id) + "/permissions"
		},
	})
}

// hanging is a dataset of lists that hang on the rows of another one.
type hanging struct {
	name       snapshot.Name
	on         *found
	what       string // of each list, for people
	idMember   string // gets the id of the row that a list hangs on
	missing    string
	permission string
	path       func(id string) string
	limit      string // why not all rows are looked at; empty when they are
}

// hanging reads such a dataset, twenty lists to a request.
func (r *run) hanging(ctx context.Context, h hanging) error {
	_, err := r.session.Collect(ctx, h.name, func(reading *graphapi.Reading) error {
		reading.Follow(h.on.dataset, h.missing)
		if h.limit != "" {
			reading.Partial(h.limit)
		}
		requests := make([]graphapi.Request, len(h.on.rows))
		for i, row := range h.on.rows {
			requests[i] = graphapi.Request{Path: h.path(row.id)}
		}
		err := reading.Graph.ListEach(ctx, requests, func(i int, row json.RawMessage) error {
			return reading.Add(snapshot.WithMember(row, h.idMember, h.on.rows[i].id))
		}, func(i, _ int, err error) error {
			if err != nil {
				return reading.Fail(ctx, h.what+h.on.rows[i].id, err)
			}
			reading.PartRead()
			return nil
		})
		reading.Explain(r.explain(h.permission))
		return err
	})
	return err
}
