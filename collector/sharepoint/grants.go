package sharepoint

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// grants reads what each registration lets which application do
// (https://learn.microsoft.com/graph/api/resources/filestoragecontainertypeapppermissiongrant).
// The listing of registrations carries the grants as well, which makes two counts to
// compare.
func (r *run) grants(ctx context.Context, registrations *found) error {
	if !registrations.dataset.Status.Readable() {
		_, err := r.session.Dependent(snapshot.ContainerTypeGrants, "the registrations could not be read", registrations.dataset)
		return err
	}
	_, err := r.session.Collect(ctx, snapshot.ContainerTypeGrants, func(reading *graphapi.Reading) error {
		reading.Follow(registrations.dataset, "registrations are missing")
		err := readGrants(ctx, reading, registrations)
		reading.Explain(r.explain(manageRegistrations))
		return err
	})
	return err
}

func readGrants(ctx context.Context, reading *graphapi.Reading, registrations *found) error {
	requests := make([]graphapi.Request, len(registrations.rows))
	inline := make([]listedGrants, len(registrations.rows))
	listed, all := 0, true
	for i, registration := range registrations.rows {
		requests[i] = graphapi.Request{
			Path: storage + "containerTypeRegistrations/" + url.PathEscape(registration.id) + "/applicationPermissionGrants",
		}
		inline[i] = grantsIn(registration.row)
		listed, all = listed+len(inline[i].rows), all && inline[i].whole
	}
	read := make([]map[string]bool, len(requests)) // appIds by registration
	add := func(i int, grant json.RawMessage) error {
		return reading.Add(snapshot.WithMember(grant, "containerTypeId", registrations.rows[i].id))
	}
	err := reading.Graph.ListEach(ctx, requests, func(i int, grant json.RawMessage) error {
		if read[i] == nil {
			read[i] = map[string]bool{}
		}
		read[i][grantee(grant)] = true
		return add(i, grant)
	}, func(i, _ int, err error) error {
		// What only the listing carried is better than nothing, and no proof that it is all.
		for grantee, grant := range inline[i].rows {
			if read[i][grantee] {
				continue
			}
			if err := add(i, grant); err != nil {
				return err
			}
		}
		id := registrations.rows[i].id
		if err != nil {
			return reading.Fail(ctx, "grants of registration "+id, err)
		}
		reading.PartRead()
		if !inline[i].fits(read[i]) {
			reading.Fault(fmt.Sprintf("registration %s was listed with %d grants, and asked for them it has %d, or others", id, len(inline[i].rows), len(read[i])))
		}
		return nil
	})
	if err == nil && all && len(requests) > 0 {
		reading.ReconcileWith("the grants in the listing of registrations", listed)
	}
	return err
}

// listedGrants are the grants that a listed registration carries.
type listedGrants struct {
	rows  map[string]json.RawMessage // by whom they are granted to
	whole bool
}

// fits reports whether those that came by themselves are the same, as far as the
// listing tells.
func (l listedGrants) fits(read map[string]bool) bool {
	for grantee := range l.rows {
		if !read[grantee] {
			return false
		}
	}
	return !l.whole || len(read) == len(l.rows)
}

// grantsIn reads the grants in a listed registration. They are a navigation property,
// which need not be there: without it, the listing says nothing.
func grantsIn(registration json.RawMessage) listedGrants {
	var inline struct {
		Grants []json.RawMessage `json:"applicationPermissionGrants"`
		More   json.RawMessage   `json:"applicationPermissionGrants@odata.nextLink"`
	}
	if json.Unmarshal(registration, &inline) != nil {
		return listedGrants{}
	}
	l := listedGrants{rows: map[string]json.RawMessage{}, whole: inline.Grants != nil && inline.More == nil}
	for _, grant := range inline.Grants {
		l.rows[grantee(grant)] = grant
	}
	return l
}

// grantee is the application that a grant is for; of a grant that does not tell, of
// which the snapshot complains, it is the grant.
func grantee(grant json.RawMessage) string {
	var key struct {
		AppID string `json:"appId"`
	}
	if json.Unmarshal(grant, &key) != nil || key.AppID == "" {
		return string(grant)
	}
	return strings.ToLower(key.AppID)
}
