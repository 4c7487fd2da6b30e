package sharepoint

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// grants reads what each registration lets which application do
// (https://learn.microsoft.com/graph/api/resources/filestoragecontainertypeapppermissiongrant).
// The listing of registrations carries the grants as well, which makes two counts to
// compare.
func (r *run) grants(ctx context.Context, registrations *found) error {
	if !registrations.dataset.Status.Readable() {
		_, err := r.without(snapshot.ContainerTypeGrants, "the registrations", registrations.dataset)
		return err
	}
	reading, err := r.session.Read(ctx, snapshot.ContainerTypeGrants)
	if err != nil {
		return err
	}
	defer reading.Abort()
	if registrations.incomplete() {
		reading.Partial("registrations are missing: " + registrations.dataset.Reason)
	}
	requests := make([]graphapi.Request, len(registrations.rows))
	inline := make([][]json.RawMessage, len(registrations.rows))
	listed, all := 0, true
	for i, registration := range registrations.rows {
		requests[i] = graphapi.Request{
			Path: storage + "containerTypeRegistrations/" + url.PathEscape(registration.id) + "/applicationPermissionGrants",
		}
		grants, whole := inlineGrants(registration.row)
		inline[i], listed, all = grants, listed+len(grants), all && whole
	}
	add := func(i int, grant json.RawMessage) error {
		return reading.Add(withMember(grant, "containerTypeId", registrations.rows[i].id))
	}
	err = reading.Graph.ListEach(ctx, requests, add, func(i, _ int, err error) error {
		if err == nil {
			reading.Seen()
			return nil
		}
		// What the listing carried is better than nothing, and no proof that it is all.
		for _, grant := range inline[i] {
			if err := add(i, grant); err != nil {
				return err
			}
		}
		return reading.Fail(ctx, "grants of registration "+registrations.rows[i].id, err)
	})
	if err != nil {
		return err
	}
	if all && len(requests) > 0 {
		reading.ReconcileWith("the grants in the listing of registrations", listed)
	}
	_, err = r.close(ctx, reading, manageRegistrations)
	return err
}

// inlineGrants are the grants that a listed registration carries. They are a
// navigation property, which need not be there: without any it says nothing.
func inlineGrants(registration json.RawMessage) ([]json.RawMessage, bool) {
	var inline struct {
		Grants []json.RawMessage `json:"applicationPermissionGrants"`
		More   json.RawMessage   `json:"applicationPermissionGrants@odata.nextLink"`
	}
	if json.Unmarshal(registration, &inline) != nil || inline.More != nil {
		return nil, false
	}
	return inline.Grants, len(inline.Grants) > 0
}

// withMember adds to a row the id of what it hangs on. A row that is no object
// stays what it is; the snapshot finds it out.
func withMember(row json.RawMessage, name, value string) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(row, &members) != nil || members == nil {
		return row
	}
	text, err := json.Marshal(value)
	if err != nil {
		return row
	}
	members[name] = text
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(members) != nil {
		return row
	}
	return out.Bytes()
}
