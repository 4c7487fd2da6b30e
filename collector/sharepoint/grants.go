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
func (r *run) grants(ctx context.Context, registrations *found) error {
	if !registrations.dataset.Status.Readable() {
		_, err := r.without(snapshot.ContainerTypeGrants, "the registrations", registrations.dataset)
		return err
	}
	reading, err := r.session.Read(snapshot.ContainerTypeGrants)
	if err != nil {
		return err
	}
	defer reading.Abort()
	if registrations.incomplete() {
		reading.Partial("registrations are missing: " + registrations.dataset.Reason)
	}
	for _, registration := range registrations.rows {
		if err := r.grantsOf(ctx, reading, registration); err != nil {
			return err
		}
	}
	_, err = r.close(ctx, reading, manageRegistrations)
	return err
}

// grantsOf takes the grants that the listing carries. They are a navigation
// property, which need not be there: none listed is not none granted, so then they
// are asked for.
func (r *run) grantsOf(ctx context.Context, reading *graphapi.Reading, registration member) error {
	part := "grants of registration " + registration.id
	each := func(grant json.RawMessage) error {
		return reading.Add(withMember(grant, "containerTypeId", registration.id))
	}
	var inline struct {
		Grants []json.RawMessage `json:"applicationPermissionGrants"`
		More   json.RawMessage   `json:"applicationPermissionGrants@odata.nextLink"`
	}
	if json.Unmarshal(registration.row, &inline) == nil && len(inline.Grants) > 0 && inline.More == nil {
		return reading.All(ctx, part, graphapi.Rows(inline.Grants), each)
	}
	path := storage + "containerTypeRegistrations/" + url.PathEscape(registration.id) + "/applicationPermissionGrants"
	return reading.All(ctx, part, reading.Graph.List(ctx, path, graphapi.Query{}), each)
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
