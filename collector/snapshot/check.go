package snapshot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// check finds members that judgements rest on and that cannot be read: a date that
// is no instant, null where a list is expected. A member that is absent is not one
// of them, since Graph leaves out what was not asked for; one without which the row
// belongs to nothing is. Row is left for the caller to fill in.
func check(dataset Name, line []byte) []Gap {
	var c checker
	switch dataset {
	case Applications, ServicePrincipals, AppRoleAssignments, DelegatedGrants, ContainerTypes,
		ContainerTypeRegistrations, ContainerTypeGrants, Containers:
		c.object(dataset, line)
	case DataConnectEvents:
		c.whole = true
		c.event(line)
	case DataConnectRegister:
		c.whole = true
		c.entry(line)
	case RoleEvents:
		c.whole = true
		c.roleEvent(line)
	case ConsentEvents:
		c.whole = true
		c.consentEvent(line)
	case ActivitySubscriptions:
		c.whole = true
		c.subscription(line)
	}
	if members := membersOf(dataset); members != nil {
		c.members("", line, members)
	}
	return c.gaps
}

// membersOf lists what is checked of the rows of a dataset.
func membersOf(dataset Name) []member {
	switch dataset {
	case Organization:
		return organizationMembers
	case ApplicationOwners, ServicePrincipalOwners:
		return ownerMembers
	case FederatedCredentials:
		return federatedMembers
	case CertificateKeys:
		return certificateMembers
	case DirectoryRoleAssignments:
		return roleAssignmentMembers
	case DirectoryRoleDefinitions:
		return roleDefinitionMembers
	case AuthorizationPolicy:
		return authorizationMembers
	case PermissionGrantPolicies:
		return grantPolicyMembers
	case AdminConsentPolicy:
		return adminConsentMembers
	case AppManagementPolicies:
		return appManagementMembers
	case SignInActivity:
		return signInMembers
	case CredentialActivity:
		return credentialActivityMembers
	case ContainerTypeOwners, ContainerPermissions:
		return permissionMembers
	case Containers:
		return containerMembers
	case RoleEvents:
		return roleEventMembers
	case ConsentEvents:
		return consentEventMembers
	case ActivitySubscriptions:
		return subscriptionMembers
	case Pipelines:
		return pipelineMembers
	}
	return nil
}

// checker collects what it finds wrong with a row.
type checker struct {
	// whole is set for rows where policies fall back on something else when a member
	// is absent: then no gap is confined to its member.
	whole bool
	gaps  []Gap
}

func (c *checker) found(pointer, reason string) {
	if c.whole {
		c.doubt(strings.TrimPrefix(pointer, "/"), reason)
		return
	}
	c.gaps = append(c.gaps, Gap{Field: pointer, Reason: reason})
}

// doubt puts the whole row in doubt because of one member.
func (c *checker) doubt(member, reason string) {
	c.gaps = append(c.gaps, Gap{Reason: member + ": " + reason})
}

func expected(what string, raw json.RawMessage) string {
	return "expected " + what + ", found " + shape(raw)
}

// required is for a member without which a row belongs to nothing.
func (c *checker) required(member string, raw json.RawMessage) {
	var text string
	if json.Unmarshal(raw, &text) != nil || strings.TrimSpace(text) == "" {
		c.doubt(member, expected("an id", raw))
	}
}

// key is for a member that says what a row belongs to.
func (c *checker) key(member string, raw json.RawMessage) {
	if raw != nil && shape(raw) != aText {
		c.doubt(member, expected(aText, raw))
	}
}

// objects hands the elements of a list to each, and finds those that are no
// objects.
func (c *checker) objects(pointer string, raw json.RawMessage, each func(pointer string, element json.RawMessage)) {
	for i, element := range c.array(pointer, raw) {
		at := fmt.Sprintf("%s/%d", pointer, i)
		if shape(element) != anObject {
			c.found(at, expected(anObject, element))
			continue
		}
		each(at, element)
	}
}

func (c *checker) texts(pointer string, raw json.RawMessage) {
	if plainTexts(raw) {
		return
	}
	for i, element := range c.array(pointer, raw) {
		if shape(element) != aText { // a pointer for each of them would be slow
			c.text(fmt.Sprintf("%s/%d", pointer, i), element)
		}
	}
}

// plainTexts reports whether raw is a compact list of texts without escapes, as most
// are. It is many times faster than decoding the list.
func plainTexts(raw json.RawMessage) bool {
	rest, ok := bytes.CutPrefix(raw, []byte(`["`))
	if !ok || bytes.IndexByte(rest, '\\') >= 0 {
		return false
	}
	for {
		end := bytes.IndexByte(rest, '"')
		switch rest = rest[end+1:]; {
		case end < 0:
			return false
		case string(rest) == "]":
			return true
		case !bytes.HasPrefix(rest, []byte(`,"`)):
			return false
		}
		rest = rest[len(`,"`):]
	}
}

func (c *checker) array(pointer string, raw json.RawMessage) []json.RawMessage {
	if raw == nil {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || list == nil {
		c.found(pointer, expected(anArray, raw))
	}
	return list
}

func (c *checker) text(pointer string, raw json.RawMessage) {
	if raw != nil && shape(raw) != aText {
		c.found(pointer, expected(aText, raw))
	}
}

func (c *checker) instant(pointer string, raw json.RawMessage) {
	if raw == nil || shape(raw) == aNull {
		return
	}
	var text string
	if json.Unmarshal(raw, &text) != nil || !IsInstant(text) {
		c.found(pointer, shorten(raw)+" is not an instant")
	}
}
