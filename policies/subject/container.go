package subject

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

// wireContainer (https://learn.microsoft.com/graph/api/resources/filestoragecontainer).
type wireContainer struct {
	ID              string `json:"id"`
	DisplayName     string `json:"displayName"`
	ContainerTypeID string `json:"containerTypeId"`
	CreatedDateTime string `json:"createdDateTime"`
	Status          string `json:"status"`
	LockState       string `json:"lockState"`
}

// wireMember is a permission of a container (https://learn.microsoft.com/graph/api/resources/permission).
type wireMember struct {
	ID          string       `json:"id"`
	ContainerID string       `json:"containerId"`
	Roles       []string     `json:"roles"`
	GrantedTo   *wireGrantee `json:"grantedToV2"`
}

type wireGrantee struct {
	User            *wireMemberIdentity `json:"user"`
	Group           *wireMemberIdentity `json:"group"`
	SiteUser        *wireMemberIdentity `json:"siteUser"`
	SiteGroup       *wireMemberIdentity `json:"siteGroup"`
	SharePointGroup *wireMemberIdentity `json:"sharePointGroup"`
	Application     *wireMemberIdentity `json:"application"`
}

// wireMemberIdentity is of a user, a group or an application. Some ids are numbers.
type wireMemberIdentity struct {
	ID          any    `json:"id"`
	DisplayName string `json:"displayName"`
	UPN         string `json:"userPrincipalName"`
	Email       string `json:"email"`
	LoginName   string `json:"loginName"`
}

func (w *wireMemberIdentity) id() string {
	switch id := w.ID.(type) {
	case string:
		return strings.ToLower(id)
	case float64:
		return fmt.Sprintf("%.0f", id)
	}
	return ""
}

// containerFacts are the members of containers, by container id, whose case counts.
type containerFacts struct {
	members map[string][]Member
	gaps    map[string][]Gap
	guests  map[string]bool // whether people are guests, by object id, as far as owner lists tell
}

// loadContainers reads the members of containers. It needs the owners of applications.
func (j *Join) loadContainers() error {
	c := &j.containers
	*c = containerFacts{members: map[string][]Member{}, gaps: map[string][]Gap{}, guests: map[string]bool{}}
	if !j.readable(snapshot.ContainerPermissions) {
		return nil
	}
	for id, owner := range j.people() {
		if owner.UserType != "" {
			c.guests[id] = owner.UserType == "guest"
		}
	}
	err := eachRow(j, snapshot.ContainerPermissions, func(row *wireMember, fault string) {
		if row.ContainerID == "" {
			j.setLoose(snapshot.ContainerPermissions, "a permission does not say of which container it is")
			return
		}
		c.members[row.ContainerID] = append(c.members[row.ContainerID], c.membersOf(row)...)
		if fault != "" || row.Roles == nil || row.GrantedTo == nil {
			c.gaps[row.ContainerID] = append(c.gaps[row.ContainerID], Gap{
				Dataset: snapshot.ContainerPermissions, Reason: cmp.Or(fault, "a permission does not say who may do what"), Field: "members",
			})
		}
	})
	if err != nil {
		return err
	}
	// A gap names a row, <container>/<permission>, or the container whose permissions could not be listed.
	for _, gap := range j.snap.Dataset(snapshot.ContainerPermissions).Gaps {
		if gap.Field == "" {
			id, _, _ := strings.Cut(gap.Row, "/")
			c.gaps[id] = append(c.gaps[id], Gap{Dataset: snapshot.ContainerPermissions, Reason: gap.Reason, Field: "members"})
		}
	}
	return nil
}

// membersOf makes a member of each role that a permission gives; one without a role stays to be seen.
func (c *containerFacts) membersOf(row *wireMember) []Member {
	m := Member{}
	if to := row.GrantedTo; to != nil {
		m = c.grantee(to)
	}
	if len(row.Roles) == 0 {
		return []Member{m}
	}
	list := make([]Member, len(row.Roles))
	for i, role := range row.Roles {
		m.Role = spelt(role, "reader", "writer", "manager", "owner", "principalOwner")
		list[i] = m
	}
	return list
}

// grantee names who holds a permission. SharePoint tells a person as user and as siteUser at once:
// the first that is there is taken.
func (c *containerFacts) grantee(to *wireGrantee) Member {
	for _, of := range []struct {
		kind     string
		identity *wireMemberIdentity
	}{
		{"user", to.User},
		{"group", to.Group},
		{"application", to.Application},
		{"site_user", to.SiteUser},
		{"site_group", to.SiteGroup},
		{"sharepoint_group", to.SharePointGroup},
	} {
		if of.identity == nil {
			continue
		}
		m := Member{Type: of.kind, ID: of.identity.id(), UPN: of.identity.UPN, Name: of.identity.DisplayName}
		if of.kind == "user" || of.kind == "site_user" {
			m.Guest = c.guest(to.User, to.SiteUser)
		}
		return m
	}
	return Member{}
}

// guest tells whether a person is a guest by all that is told of the person: one sign of it is enough.
func (c *containerFacts) guest(told ...*wireMemberIdentity) *bool {
	var is *bool
	for _, identity := range told {
		if identity == nil {
			continue
		}
		if known, ok := c.guests[identity.id()]; ok && identity.id() != "" {
			return &known
		}
		for _, name := range []string{identity.UPN, identity.LoginName} {
			if of := guest(name); of != nil && (is == nil || *of) {
				is = of
			}
		}
	}
	return is
}

// guest tells whether a person is a guest by the mark that Entra sets into the user principal name of external users
// (https://learn.microsoft.com/entra/external-id/user-properties) or the one by which SharePoint knows who signs in with a
// code sent by mail, percent-encoded or not; nil where the name is none of a user.
func guest(name string) *bool {
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	name = strings.ToLower(name)
	switch {
	case strings.Contains(name, "#ext#"), strings.Contains(name, "urn:spo:guest"):
		return new(true)
	case strings.Contains(name, "@"):
		return new(false)
	default:
		return nil
	}
}

// containerDocuments yields the containers in the order of their ids.
func (j *Join) containerDocuments() iter.Seq2[Builder, error] {
	return func(yield func(Builder, error) bool) {
		for line, err := range j.snap.Rows(snapshot.Containers) {
			if err != nil {
				yield(nil, err)
				return
			}
			row := bytes.Clone(line)
			if !yield(func() (Document, error) { return j.container(row) }, nil) {
				return
			}
		}
	}
}

func (j *Join) container(line []byte) (Document, error) {
	row, fault, err := decodeRow[wireContainer](line)
	if err != nil {
		return Document{}, fmt.Errorf("read dataset %s: %w", snapshot.Containers, err)
	}
	c := &Container{
		Kind: KindContainer, ID: row.ID, DisplayName: row.DisplayName, TypeID: strings.ToLower(row.ContainerTypeID),
		CreatedAt: row.CreatedDateTime, Status: spelt(row.Status, "active", "inactive"), LockState: row.LockState,
	}
	if created, ok := parseInstant(row.CreatedDateTime); ok {
		c.AgeDays = ageDays(j.asOf, created)
	}
	if reason := j.gap(snapshot.Containers, row.ID, fault); reason != "" {
		c.Incomplete = append(c.Incomplete, Gap{Dataset: snapshot.Containers, Reason: reason})
	}
	if t := j.typeByID[c.TypeID]; t != nil {
		c.TypeName, c.OwningAppID = t.DisplayName, t.OwningAppID
		c.OwningAppName = j.appName(t.OwningAppID)
	}
	j.addMembers(c)
	return Document{Kind: KindContainer, ID: c.ID, Name: c.DisplayName, Value: c, Incomplete: c.Incomplete}, nil
}

// addMembers adds who may do what. None met is not none there when part of them was not read.
func (j *Join) addMembers(c *Container) {
	if !j.readable(snapshot.ContainerPermissions) {
		return
	}
	gaps := j.containers.gaps[c.ID]
	c.Incomplete = append(c.Incomplete, gaps...)
	c.Members = slices.Clone(j.containers.members[c.ID])
	if c.Members == nil && len(gaps) == 0 && j.whole(snapshot.ContainerPermissions) {
		c.Members = []Member{}
	}
	slices.SortFunc(c.Members, func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID), cmp.Compare(a.UPN, b.UPN), cmp.Compare(a.Name, b.Name))
	})
}
