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
// Applications are listed with them; those that are not listed, or whose list may not
// be all there is, are asked by themselves. How many applications have any is what
// Graph's index says as well: when it knows of more, each that it names is asked.
func (r *run) federatedCredentials(ctx context.Context, of map[string]bool, applications snapshot.Dataset) error {
	if missing, err := r.without(snapshot.FederatedCredentials); missing != nil {
		return err
	}
	_, err := r.session.Collect(ctx, snapshot.FederatedCredentials, func(reading *graphapi.Reading) error {
		reading.Follow(applications, "credentials of missing applications may be missing, because applications is "+string(applications.Status))
		f := &federated{reading: reading, of: of, whole: applications.Whole(), rows: map[string][]json.RawMessage{}, with: map[string]bool{}, ask: map[string]bool{}}
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
	of      map[string]bool // the applications of the dataset
	whole   bool            // it has all there are
	rows    map[string][]json.RawMessage
	with    map[string]bool // those that have any, as far as the listing shows
	ask     map[string]bool // those of which nothing has shown all credentials
	listed  bool            // the listing came to its end
	all     bool            // every application is asked
}

// list reads the applications with their credentials. That it may be refused from the
// start is no failure: then all are asked.
func (f *federated) list(ctx context.Context) error {
	query := graphapi.Query{Select: "id", Top: pageSize, Expand: "federatedIdentityCredentials"}
	shown := map[string]bool{}
	for row, err := range f.reading.Graph.List(ctx, applicationsPath, query) {
		if e, ok := errors.AsType[*graphapi.Error](err); ok && e.Status == http.StatusBadRequest && len(shown) == 0 {
			return f.everyone(ctx, err)
		}
		if err != nil {
			return errors.Join(f.write(), f.reading.Fail(ctx, "applications with their credentials", err))
		}
		shown[f.take(row)] = true
	}
	for id := range f.of {
		if !shown[id] {
			f.ask[id] = true
		}
	}
	f.reading.PartRead()
	f.listed = true
	return f.write()
}

// take notes the credentials that an application is listed with. Those that may be
// cut, or are not there, do not pass for all.
func (f *federated) take(row json.RawMessage) string {
	var application struct {
		ID          string            `json:"id"`
		Credentials []json.RawMessage `json:"federatedIdentityCredentials"`
		More        json.RawMessage   `json:"federatedIdentityCredentials@odata.nextLink"`
	}
	if json.Unmarshal(row, &application) != nil || application.ID == "" {
		f.reading.Fault("an application was listed that cannot be read")
		return application.ID
	}
	id, n := application.ID, len(application.Credentials)
	if n > 0 || application.More != nil {
		f.with[id] = true
	}
	if application.Credentials == nil || n >= expandLimit || application.More != nil {
		f.ask[id] = true
	}
	f.rows[id] = application.Credentials
	return id
}

// write stores the credentials that applications were listed with last.
func (f *federated) write() error {
	for _, id := range slices.Sorted(maps.Keys(f.rows)) {
		for _, credential := range f.rows[id] {
			if err := f.reading.Add(snapshot.WithMember(credential, "objectId", id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// check compares with the index, which may lag behind but not know of more. Without
// a listing and without an index every application is asked.
func (f *federated) check(ctx context.Context) error {
	if f.all {
		return nil
	}
	count, err := f.reading.Graph.CountListing(ctx, applicationsPath, hasFederated)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && !f.listed:
		return f.everyone(ctx, err)
	case err != nil || count <= len(f.with):
		return nil //nolint:nilerr // a listing needs no index
	}
	query := graphapi.Query{Select: "id", Top: pageSize, Filter: hasFederated, ConsistencyLevel: graphapi.Eventual, Count: true}
	ids, err := idsOf(ctx, f.reading, query)
	if err != nil {
		return f.reading.Fail(ctx, "which applications have any", err)
	}
	if len(ids) < count {
		f.reading.Fault(fmt.Sprintf("Graph counts %d applications that have any, and names %d", count, len(ids)))
	}
	for _, id := range ids {
		f.ask[id] = true
	}
	return nil
}

// everyone has every application asked, since Graph does not tell which have any.
func (f *federated) everyone(ctx context.Context, because error) error {
	f.reading.Remark("every application was asked, because Graph does not tell which have any: " + because.Error())
	f.all = true
	maps.Copy(f.ask, f.of)
	if f.whole {
		return nil
	}
	ids, err := idsOf(ctx, f.reading, graphapi.Query{Select: "id", Top: pageSize})
	if err != nil {
		return f.reading.Fail(ctx, "which applications there are", err)
	}
	for _, id := range ids {
		f.ask[id] = true
	}
	return nil
}

// reread asks applications by themselves.
func (f *federated) reread(ctx context.Context) error {
	ids := slices.Sorted(maps.Keys(f.ask))
	requests := make([]graphapi.Request, len(ids))
	for i, id := range ids {
		requests[i] = graphapi.Request{Path: applicationsPath + "/" + id + "/federatedIdentityCredentials"}
	}
	return f.reading.Graph.ListEach(ctx, requests, func(i int, row json.RawMessage) error {
		return f.reading.Add(snapshot.WithMember(row, "objectId", ids[i]))
	}, func(i, _ int, err error) error {
		if err != nil {
			return f.reading.FailOne(ctx, ids[i], fmt.Errorf("federated credentials: %w", err))
		}
		f.reading.PartRead()
		return nil
	})
}

// idsOf lists the object ids of applications, each once.
func idsOf(ctx context.Context, reading *graphapi.Reading, query graphapi.Query) ([]string, error) {
	var ids []string
	seen := map[string]bool{}
	for row, err := range reading.Graph.List(ctx, applicationsPath, query) {
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
