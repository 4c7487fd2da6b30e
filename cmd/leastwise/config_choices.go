package main

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"leastwise/collector/identity"
	"leastwise/policies"
	"leastwise/policies/subject"
)

// choices are what a tenant decides for itself. What is left out is at its default.
type choices struct {
	PrivilegedAppOwners  string   `yaml:"privileged_app_owners"`
	PrivilegedRoles      []string `yaml:"privileged_roles"` // template ids
	Unrated              string   `yaml:"unrated"`
	UserConsent          []string `yaml:"user_consent"` // ids of permission grant policies; [] for no consent by users
	MembersCreateApps    *bool    `yaml:"members_create_apps"`
	Sharing              string   `yaml:"sharing"`
	ContainerOwnerGuests *bool    `yaml:"container_owner_guests"`
	TrustedIssuers       []string `yaml:"trusted_issuers"`
}

// declarations are what the operator says of applications, by appId.
type declarations struct {
	CriticalAllowed []declaredNeed       `yaml:"critical_allowed"`
	Operations      []declaredOperations `yaml:"operations"`
	ContainerNeeds  []containerNeed      `yaml:"container_needs"`
	PreAuthorized   []string             `yaml:"pre_authorized"`
}

// declaredOperations are calls of Microsoft Graph that an application is built to make.
type declaredOperations struct {
	AppID      string   `yaml:"app_id"`
	Kind       string   `yaml:"kind"`
	Operations []string `yaml:"operations"` // GET /users/{id}
	Reason     string   `yaml:"reason"`
}

// containerNeed is what a guest application needs on container types; a side that is left out needs
// nothing.
type containerNeed struct {
	AppID       string   `yaml:"app_id"`
	Application []string `yaml:"application"`
	Delegated   []string `yaml:"delegated"`
	Reason      string   `yaml:"reason"`
}

// spot is a key of the configuration: names, and numbers of list items.
type spot []any

// lineOf finds where a place stands in the file; what is not there stands where its parent does.
func lineOf(data []byte, path spot) int {
	var document yaml.Node
	if yaml.Unmarshal(data, &document) != nil || len(document.Content) == 0 {
		return 1
	}
	node, at := document.Content[0], 1
	for _, step := range path {
		var next *yaml.Node
		switch step := step.(type) {
		case int:
			if node.Kind == yaml.SequenceNode && step < len(node.Content) {
				next = node.Content[step]
				at = next.Line
			}
		case string:
			for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == step {
					next, at = node.Content[i+1], node.Content[i].Line
				}
			}
		}
		if next == nil {
			return at
		}
		node = next
	}
	return at
}

// fault is something wrong at a place of the configuration.
func (c *config) fault(data []byte, path spot, problem, hint string) error {
	var name strings.Builder
	for _, step := range path {
		if n, ok := step.(int); ok {
			name.WriteString("[" + strconv.Itoa(n) + "]")
			continue
		}
		fmt.Fprintf(&name, ".%v", step)
	}
	return fmt.Errorf("%s:%d: %s: %s; hint: %s", c.path, lineOf(data, path), strings.TrimPrefix(name.String(), "."), problem, hint)
}

// sharings are the values of sharingCapability, the narrowest first
// (https://learn.microsoft.com/graph/api/resources/filestoragecontainertypesettings).
func sharings() []string {
	return []string{"disabled", "existingExternalUserSharingOnly", "externalUserSharingOnly", "externalUserAndGuestSharing"}
}

// checkChoices checks the sections choices and declared.
func (c *config) checkChoices(data []byte) error {
	for _, closed := range []struct {
		name, value string
		values      []string
	}{
		{"privileged_app_owners", c.Choices.PrivilegedAppOwners, []string{"none", "privileged_only", "any"}},
		{"unrated", c.Choices.Unrated, []string{"report", "fail"}},
		{"sharing", c.Choices.Sharing, sharings()},
	} {
		if closed.value != "" && !slices.Contains(closed.values, closed.value) {
			return c.fault(data, spot{"choices", closed.name}, fmt.Sprintf("%q is no value of it", closed.value), "one of "+strings.Join(closed.values, ", "))
		}
	}
	for _, list := range []struct {
		name   string
		items  []string
		ok     func(string) bool
		is     string
		advice string
	}{
		{"privileged_roles", c.Choices.PrivilegedRoles, identity.IsTenantID, "no id of a role", "list template ids of directory roles, such as 62e90394-69f5-4237-9190-012177145e10"},
		{"user_consent", c.Choices.UserConsent, isWord, "no id of a permission grant policy", "list ids, such as microsoft-user-default-low, or [] where users may not consent"},
		{"trusted_issuers", c.Choices.TrustedIssuers, isIssuer, "no issuer of tokens", "write https://token.actions.githubusercontent.com; one that ends in / is a prefix"},
	} {
		for i, item := range list.items {
			if !list.ok(item) {
				return c.fault(data, spot{"choices", list.name, i}, fmt.Sprintf("%q is %s", item, list.is), list.advice)
			}
		}
	}
	return c.checkDeclarations(data)
}

func isWord(text string) bool { return text != "" && !strings.ContainsAny(text, " \t\n") }

// isIssuer reports whether text may be the issuer of tokens, or the beginning of one: a host and no wildcard.
func isIssuer(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && !strings.ContainsAny(text, "* ")
}

// checkDeclarations checks what is declared of applications: an id, something, and why.
func (c *config) checkDeclarations(data []byte) error {
	d := &c.Stated
	for i, need := range d.CriticalAllowed {
		at := spot{"declared", "critical_allowed", i}
		if err := c.checkDeclaration(data, at, need.AppID, need.Reason); err != nil {
			return err
		}
		if len(need.Permissions) == 0 || !allWords(need.Permissions) {
			return c.fault(data, append(at, "permissions"), "it names no permission", "permissions: [Directory.ReadWrite.All]")
		}
	}
	if err := c.checkOperations(data); err != nil {
		return err
	}
	if err := c.checkContainerNeeds(data); err != nil {
		return err
	}
	for i, id := range d.PreAuthorized {
		if !identity.IsTenantID(id) {
			return c.fault(data, spot{"declared", "pre_authorized", i}, fmt.Sprintf("%q is not an application id", id), "list client ids")
		}
	}
	return nil
}

func allWords(list []string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !isWord(s) })
}

func (c *config) checkDeclaration(data []byte, at spot, appID, reason string) error {
	switch {
	case !identity.IsTenantID(appID): // both are GUIDs
		return c.fault(data, append(at, "app_id"), fmt.Sprintf("%q is not an application id", appID), "app_id is the client id of the registration")
	case strings.TrimSpace(reason) == "":
		return c.fault(data, append(at, "reason"), "it has no reason", "say why, the reason stands in every report")
	}
	return nil
}

func (c *config) checkOperations(data []byte) error {
	seen := map[string]bool{}
	for i, o := range c.Stated.Operations {
		at := spot{"declared", "operations", i}
		if err := c.checkDeclaration(data, at, o.AppID, o.Reason); err != nil {
			return err
		}
		key := strings.ToLower(o.AppID) + " " + o.Kind
		switch {
		case o.Kind != "application" && o.Kind != "delegated":
			return c.fault(data, append(at, "kind"), fmt.Sprintf("%q is no kind", o.Kind), "application (without a user) or delegated")
		case seen[key]:
			return c.fault(data, at, "operations of this application and kind are declared twice", "keep them in one list")
		case len(o.Operations) == 0:
			return c.fault(data, append(at, "operations"), "it names no operation", "operations: [GET /users/{id}]")
		}
		seen[key] = true
		for n, written := range o.Operations {
			if !isOperation(written) {
				return c.fault(data, append(at, "operations", n), fmt.Sprintf("%q is no operation", written), "a method and a path of Microsoft Graph, such as GET /users/{id}")
			}
		}
	}
	return nil
}

// isOperation reports whether text is a method and a path.
func isOperation(text string) bool {
	return regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) /\S+$`).MatchString(text)
}

func (c *config) checkContainerNeeds(data []byte) error {
	seen := map[string]bool{}
	for i, need := range c.Stated.ContainerNeeds {
		at := spot{"declared", "container_needs", i}
		if err := c.checkDeclaration(data, at, need.AppID, need.Reason); err != nil {
			return err
		}
		id := strings.ToLower(need.AppID)
		switch {
		case seen[id]:
			return c.fault(data, at, "the need of this application is declared twice", "keep it in one place")
		case need.Application == nil && need.Delegated == nil:
			return c.fault(data, at, "it names no permission", "delegated: [readContent]; [] says that it needs none")
		}
		seen[id] = true
		for _, side := range []struct {
			name string
			list []string
		}{{"application", need.Application}, {"delegated", need.Delegated}} {
			for n, permission := range side.list {
				if _, ok := subject.ContainerPermission(permission); !ok {
					return c.fault(data, append(at, side.name, n), fmt.Sprintf("%q is no permission on container types", permission), "one of "+strings.Join(subject.ContainerPermissions(), ", "))
				}
			}
		}
	}
	return nil
}

// choices are those in force: those of the file over the defaults.
func (c *config) choices() *policies.Choices {
	chosen, in := policies.DefaultChoices(), &c.Choices
	for from, to := range map[*string]*string{
		&in.PrivilegedAppOwners: &chosen.PrivilegedAppOwners, &in.Unrated: &chosen.Unrated, &in.Sharing: &chosen.Sharing,
	} {
		if *from != "" {
			*to = *from
		}
	}
	for from, to := range map[*[]string]*[]string{
		&in.PrivilegedRoles: &chosen.PrivilegedRoles, &in.UserConsent: &chosen.UserConsent, &in.TrustedIssuers: &chosen.TrustedIssuers,
	} {
		if *from != nil {
			*to = *from
		}
	}
	if in.MembersCreateApps != nil {
		chosen.MembersCreateApps = *in.MembersCreateApps
	}
	if in.ContainerOwnerGuests != nil {
		chosen.ContainerOwnerGuests = *in.ContainerOwnerGuests
	}
	return &chosen
}

// addDeclared adds what the section declared says.
func (c *config) addDeclared(to *policies.Declared) {
	d := &c.Stated
	for _, need := range d.CriticalAllowed {
		to.Critical = append(to.Critical, policies.DeclaredNeed{
			AppID: strings.ToLower(need.AppID), Permissions: need.Permissions, Reason: strings.TrimSpace(need.Reason),
		})
	}
	for _, o := range d.Operations {
		to.Operations = append(to.Operations, policies.DeclaredOperations{
			AppID: strings.ToLower(o.AppID), Kind: o.Kind, Operations: o.Operations, Reason: strings.TrimSpace(o.Reason),
		})
	}
	for _, need := range d.ContainerNeeds {
		to.Containers = append(to.Containers, policies.DeclaredContainerNeed{
			AppID: strings.ToLower(need.AppID), Reason: strings.TrimSpace(need.Reason),
			ApplicationPermissions: containerPermissions(need.Application), DelegatedPermissions: containerPermissions(need.Delegated),
		})
	}
	for _, id := range d.PreAuthorized {
		to.PreAuthorized = append(to.PreAuthorized, strings.ToLower(id))
	}
}

// containerPermissions spells permissions as the documents do; "none" is the same as none.
func containerPermissions(written []string) []string {
	list := []string{}
	for _, permission := range written {
		if known, _ := subject.ContainerPermission(permission); known != "none" {
			list = append(list, known)
		}
	}
	return list
}
