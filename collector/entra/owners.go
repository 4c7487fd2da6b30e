package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"leastwise/collector/graphapi"
	"leastwise/collector/snapshot"
)

// expandLimit is how many objects $expand gives at most, without saying that there
// are more (https://learn.microsoft.com/graph/query-parameters#expand).
const expandLimit = 20

// getByIDs tells of directory objects of any kind; those that do not exist are left
// out. It takes so many ids at once
// (https://learn.microsoft.com/graph/api/directoryobject-getbyids).
const (
	getByIDs = "/v1.0/directoryObjects/getByIds"
	chunk    = 1000
)

// owner is what is known of an owner. Members that were not read are nil and stay
// out of the snapshot.
type owner struct {
	ID                string          `json:"-"`
	Type              json.RawMessage `json:"@odata.type,omitempty"`
	DisplayName       json.RawMessage `json:"displayName,omitempty"`
	UserPrincipalName json.RawMessage `json:"userPrincipalName,omitempty"`
	UserType          json.RawMessage `json:"userType,omitempty"`
	AccountEnabled    json.RawMessage `json:"accountEnabled,omitempty"`
}

// parseOwner reads a directory object. It may be a stub of type and id, the rest
// null, when the caller may not read objects of its kind
// (https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects).
func parseOwner(raw json.RawMessage) (owner, bool) {
	var o owner
	var key struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(raw, &o) != nil || json.Unmarshal(raw, &key) != nil || key.ID == "" {
		return owner{}, false
	}
	o.ID = key.ID
	for _, member := range []*json.RawMessage{&o.Type, &o.DisplayName, &o.UserPrincipalName, &o.UserType, &o.AccountEnabled} {
		if string(*member) == "null" {
			*member = nil
		}
	}
	return o, true
}

// add takes over what other knows and o does not.
func (o *owner) add(other owner) {
	for _, pair := range []struct{ to, from *json.RawMessage }{
		{&o.Type, &other.Type},
		{&o.DisplayName, &other.DisplayName},
		{&o.UserPrincipalName, &other.UserPrincipalName},
		{&o.UserType, &other.UserType},
		{&o.AccountEnabled, &other.AccountEnabled},
	} {
		if *pair.to == nil {
			*pair.to = *pair.from
		}
	}
}

// ownership is who owns which object of a collection.
type ownership struct {
	of     map[string][]string // object id → owner ids
	known  map[string]*owner   // owner id → what is known
	reread map[string]bool     // objects whose expanded list cannot be trusted
	// expanded is true when the list of some object could be.
	expanded bool
}

func newOwnership() *ownership {
	return &ownership{of: map[string][]string{}, known: map[string]*owner{}, reread: map[string]bool{}}
}

// take reads the expanded owners of an object. A list that may be cut, or that is
// not there or not readable, is read again by itself.
func (s *ownership) take(o object) {
	// An object that is listed twice, as by a listing that began again, has the owners
	// that it was listed with last.
	delete(s.of, o.id)
	delete(s.reread, o.id)
	var listed []json.RawMessage
	_, more := o.members["owners@odata.nextLink"]
	raw := o.members["owners"]
	whole := raw != nil && json.Unmarshal(raw, &listed) == nil && listed != nil && len(listed) < expandLimit && !more
	for _, raw := range listed {
		whole = s.add(o.id, raw) && whole
	}
	if s.expanded = s.expanded || whole; !whole {
		s.reread[o.id] = true
	}
}

// add notes one owner of an object. It returns false when raw names nobody.
func (s *ownership) add(object string, raw json.RawMessage) bool {
	o, ok := parseOwner(raw)
	if !ok {
		return false
	}
	if !slices.Contains(s.of[object], o.ID) {
		s.of[object] = append(s.of[object], o.ID)
	}
	if s.known[o.ID] == nil {
		s.known[o.ID] = &owner{ID: o.ID}
	}
	s.known[o.ID].add(o)
	return true
}

// owners writes the owners of a collection's objects. When only changes of the
// objects were read, their owners are not known yet: changes of owners are not told.
func (r *run) owners(ctx context.Context, c collection, owners *ownership, objects snapshot.Dataset, unread bool) error {
	if missing, err := r.without(c.owners); missing != nil {
		return err
	}
	if !objects.Status.Readable() {
		return r.dependent(c.owners, "whose owners to read is not known", objects)
	}
	_, err := r.session.Collect(ctx, c.owners, func(reading *graphapi.Reading) error {
		reading.Follow(objects, "owners of missing objects are missing too, because "+c.objects+" is partial")
		if unread {
			if err := owners.list(ctx, reading, c); err != nil {
				return err
			}
		}
		if owners.expanded {
			reading.PartRead()
		}
		if err := r.rereadOwners(ctx, c, owners, reading); err != nil {
			return err
		}
		if err := r.describeOwners(ctx, owners, reading); err != nil {
			return err
		}
		return owners.write(reading)
	})
	return err
}

// list reads the objects of a collection again, for their owners. Those that do not
// come with it are asked by themselves.
func (s *ownership) list(ctx context.Context, reading *graphapi.Reading, c collection) error {
	shown := map[string]bool{}
	look := collection{see: func(o object) { shown[o.id] = true }}
	for row, err := range reading.Graph.List(ctx, c.path, graphapi.Query{Select: "id", Top: pageSize, Expand: "owners"}) {
		if err != nil {
			return reading.Fail(ctx, "", err)
		}
		look.take(row, s)
	}
	reading.PartRead()
	for id := range c.ids {
		if !shown[id] {
			s.reread[id] = true
		}
	}
	return nil
}

// rereadOwners reads the lists that may have been cut.
func (r *run) rereadOwners(ctx context.Context, c collection, owners *ownership, reading *graphapi.Reading) error {
	ids := slices.Sorted(maps.Keys(owners.reread))
	requests := make([]graphapi.Request, len(ids))
	for i, id := range ids {
		requests[i] = graphapi.Request{Path: c.path + "/" + id + "/owners", Query: graphapi.Query{Top: pageSize}}
	}
	nameless := map[int]bool{}
	return reading.Graph.ListEach(ctx, requests, func(i int, row json.RawMessage) error {
		if !owners.add(ids[i], row) {
			nameless[i] = true
		}
		return nil
	}, func(i, _ int, err error) error {
		if err == nil && nameless[i] {
			err = errors.New("one of them has no id")
		}
		if err != nil {
			return reading.FailOne(ctx, ids[i], fmt.Errorf("owners: %w", err))
		}
		reading.PartRead()
		return nil
	})
}

// describeOwners asks for what $expand leaves out: whether an account is enabled,
// and whether it is a guest. An owner that the answer leaves out stays what it is.
func (r *run) describeOwners(ctx context.Context, owners *ownership, reading *graphapi.Reading) error {
	query := graphapi.Query{Select: "id,displayName,userPrincipalName,userType,accountEnabled"}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(owners.known)), chunk) {
		listing := reading.Graph.PostList(ctx, getByIDs, query, map[string]any{"ids": ids})
		err := reading.All(ctx, "details of owners", listing, func(raw json.RawMessage) error {
			if described, ok := parseOwner(raw); ok && owners.known[described.ID] != nil {
				described.add(*owners.known[described.ID])
				owners.known[described.ID] = &described
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *ownership) write(reading *graphapi.Reading) error {
	for _, object := range slices.Sorted(maps.Keys(s.of)) {
		for _, id := range s.of[object] {
			row, err := snapshot.Encode(struct {
				Object string `json:"objectId"`
				Owner  string `json:"ownerId"`
				owner
			}{object, id, *s.known[id]})
			if err != nil {
				return err
			}
			if err := reading.Add(row); err != nil {
				return err
			}
		}
	}
	return nil
}
