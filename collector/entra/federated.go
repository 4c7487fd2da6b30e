package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// hasFederated finds applications that have any federated credential, as an advanced
// query (https://learn.microsoft.com/graph/api/resources/application#relationships).
const hasFederated = "federatedIdentityCredentials/$count ne 0"

// federatedCredentials reads the federated identity credentials of applications.
// Applications are listed with them; of those whose list may have been cut it is
// read again. How many applications have any is what Graph's index says as well:
// when it knows of more, each that it names is asked.
func (r *run) federatedCredentials(ctx context.Context, applications snapshot.Dataset) error {
	if missing, err := r.without(snapshot.FederatedCredentials); missing != nil {
		return err
	}
	_, err := r.read(ctx, snapshot.FederatedCredentials, func(reading *graphapi.Reading) error {
		if !applications.Whole() {
			reading.Partial("credentials of missing applications may be missing, because applications is " +
				string(applications.Status) + ": " + applications.Reason)
		}
		f := &federated{reading: reading, with: map[string]bool{}}
		if err := f.list(ctx); err != nil {
			return err
		}
		if err := f.check(ctx); err != nil {
			return err
		}
		return f.reread(ctx)
	})
	return err
}

// federated is which applications have federated credentials.
type federated struct {
	reading *graphapi.Reading
	with    map[string]bool // applications that have any → the list may be cut
	listed  bool            // with holds all that the listing shows
}

// list reads the applications with their credentials. That it may be refused is no
// failure: then the index tells whom to ask.
func (f *federated) list(ctx context.Context) error {
	query := graphapi.Query{Select: "id", Top: pageSize, Expand: "federatedIdentityCredentials"}
	for row, err := range f.reading.Graph.List(ctx, "/v1.0/applications", query) {
		if e, ok := errors.AsType[*graphapi.Error](err); ok && e.Status == http.StatusBadRequest {
			return nil
		}
		if err != nil {
			return f.reading.Fail(ctx, "applications with their credentials", err)
		}
		var application struct {
			ID          string            `json:"id"`
			Credentials []json.RawMessage `json:"federatedIdentityCredentials"`
			More        json.RawMessage   `json:"federatedIdentityCredentials@odata.nextLink"`
		}
		if json.Unmarshal(row, &application) != nil || application.ID == "" {
			f.reading.Fault("an application was listed that cannot be read")
			continue
		}
		if len(application.Credentials) == 0 && application.More == nil {
			continue
		}
		f.with[application.ID] = len(application.Credentials) >= expandLimit || application.More != nil
		for _, credential := range application.Credentials {
			if err := f.reading.Add(withMember(credential, "objectId", application.ID)); err != nil {
				return err
			}
		}
	}
	f.reading.Seen()
	f.listed = true
	return nil
}

// check compares with the index, which may lag behind but not know of more. Without
// a listing and without an index every application is asked.
func (f *federated) check(ctx context.Context) error {
	count, err := f.reading.Graph.CountListing(ctx, "/v1.0/applications", hasFederated)
	enough := err == nil && count <= len(f.with) || err != nil && f.listed
	if enough || ctx.Err() != nil {
		return ctx.Err()
	}
	query := graphapi.Query{Select: "id", Top: pageSize, Filter: hasFederated, Eventual: true}
	if err != nil {
		query = graphapi.Query{Select: "id", Top: pageSize}
		f.reading.Remark("every application was asked, because Graph does not tell which have any: " + err.Error())
	}
	ids, err := idsOf(ctx, f.reading, query)
	if err != nil {
		return f.reading.Fail(ctx, "which applications have any", err)
	}
	for _, id := range ids {
		f.with[id] = true
	}
	return nil
}

// reread asks the applications whose list is not known to be whole.
func (f *federated) reread(ctx context.Context) error {
	var ids []string
	var requests []graphapi.Request
	for _, id := range slices.Sorted(maps.Keys(f.with)) {
		if f.with[id] {
			ids = append(ids, id)
			requests = append(requests, graphapi.Request{Path: "/v1.0/applications/" + id + "/federatedIdentityCredentials"})
		}
	}
	return f.reading.Graph.ListEach(ctx, requests, func(i int, row json.RawMessage) error {
		return f.reading.Add(withMember(row, "objectId", ids[i]))
	}, func(i, _ int, err error) error {
		if err != nil {
			return f.reading.FailOne(ctx, ids[i], fmt.Errorf("federated credentials: %w", err))
		}
		f.reading.Seen()
		return nil
	})
}

// idsOf lists the object ids of applications, each once.
func idsOf(ctx context.Context, reading *graphapi.Reading, query graphapi.Query) ([]string, error) {
	var ids []string
	seen := map[string]bool{}
	for row, err := range reading.Graph.List(ctx, "/v1.0/applications", query) {
		if err != nil {
			return nil, err
		}
		var key struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(row, &key) != nil || key.ID == "" {
			return nil, errors.New("an application without id was listed")
		}
		if !seen[key.ID] {
			seen[key.ID] = true
			ids = append(ids, key.ID)
		}
	}
	return ids, nil
}

// withMember adds to a row the id of what it hangs on. A row that is no object
// stays what it is; the snapshot finds it out.
func withMember(row json.RawMessage, name, value string) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(row, &members) != nil || members == nil {
		return row
	}
	members[name], _ = json.Marshal(value) // text always has a JSON form
	return encoded(members, row)
}
