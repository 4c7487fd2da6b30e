package policies

import (
	"maps"
	"strings"

	"leastwise/policies/subject"
)

// Choices are what a tenant decides for itself, mostly where authorities give conflicting advice.
// They reach Rego as data.config, under the names of their yaml tags in cmd.
type Choices struct {
	// PrivilegedAppOwners says who may own an application with critical permissions: "none",
	// "privileged_only" (those who hold one of PrivilegedRoles), or "any".
	PrivilegedAppOwners string
	// PrivilegedRoles are template ids of the directory roles that may manage every application.
	PrivilegedRoles []string
	// Unrated says whether a granted permission without a tier fails: "report" or "fail".
	Unrated string
	// UserConsent are the ids of the permission grant policies under which users may consent.
	UserConsent []string
	// MembersCreateApps says whether members may register applications.
	MembersCreateApps bool
	// Sharing is the widest sharingCapability that a container type may have.
	Sharing string
	// ContainerOwnerGuests says whether guests may own containers.
	ContainerOwnerGuests bool
	// TrustedIssuers are issuers of federated credentials; an entry that ends in "/" is a prefix.
	// The tenant's own issuer is always trusted.
	TrustedIssuers []string
}

// DefaultChoices are those in force unless the configuration says otherwise. On owners of
// privileged applications Maester advises none and Microsoft's Zero Trust assessment at least two;
// the default takes neither side and asks that an owner be as privileged as the application.
func DefaultChoices() Choices {
	return Choices{
		PrivilegedAppOwners: "privileged_only",
		// Global, Privileged Role, Application, Cloud Application and Hybrid Identity Administrator
		// (https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference).
		PrivilegedRoles: []string{
			"62e90394-69f5-4237-9190-012177145e10", "e8611ab8-c189-46e8-94e1-60213ab1f814",
			"9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "158c047a-c907-4556-b7ef-446551a6b5f7",
			"8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2",
		},
		Unrated:        "report",
		UserConsent:    []string{"microsoft-user-default-low", "microsoft-user-default-recommended"},
		Sharing:        "existingExternalUserSharingOnly",
		TrustedIssuers: []string{"https://token.actions.githubusercontent.com", "https://vstoken.dev.azure.com/"},
	}
}

// into adds the choices to what Rego sees.
func (c Choices) into(config map[string]any) {
	config["privileged_app_owners"] = c.PrivilegedAppOwners
	config["privileged_roles"] = lowered(c.PrivilegedRoles)
	config["unrated"] = c.Unrated
	config["user_consent"] = lowered(c.UserConsent)
	config["members_create_apps"] = c.MembersCreateApps
	config["sharing"] = c.Sharing
	config["container_owner_guests"] = c.ContainerOwnerGuests
	config["trusted_issuers"] = anys(c.TrustedIssuers)
}

func lowered(list []string) []any {
	return anys(strings.Fields(strings.ToLower(strings.Join(list, " "))))
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, item := range list {
		out[i] = item
	}
	return out
}

// Declared is what the operator says of applications, by appId: facts that nothing else
// tells.
type Declared struct {
	Needs []DeclaredNeed
	// MultiTenant are applications that other tenants have to use.
	MultiTenant []string
	// Critical are critical permissions that applications are allowed to hold.
	Critical []DeclaredNeed
	// Operations are what applications are built to call, for the least set that would do.
	Operations []DeclaredOperations
	// Containers are what guest applications need on container types.
	Containers []DeclaredContainerNeed
	// PreAuthorized are clients that the tenant's APIs may authorise without consent, by appId.
	PreAuthorized []string
}

// DeclaredOperations are calls of Microsoft Graph that an application is built to make.
type DeclaredOperations struct {
	AppID      string
	Kind       string   // application or delegated
	Operations []string // "GET /users/{id}", without version
	Reason     string
}

// operations are the declared calls as the join takes them.
func (d Declared) operations() []subject.DeclaredOperations {
	var list []subject.DeclaredOperations
	for _, o := range d.Operations {
		list = append(list, subject.DeclaredOperations{AppID: o.AppID, Kind: o.Kind, Operations: o.Operations})
	}
	return list
}

// facts gives what is declared by lower-cased appId, for the join.
func (d Declared) facts() map[string]*subject.DeclaredFacts {
	byApp := map[string]*subject.DeclaredFacts{}
	of := func(appID string) *subject.DeclaredFacts {
		appID = strings.ToLower(appID)
		if byApp[appID] == nil {
			byApp[appID] = &subject.DeclaredFacts{}
		}
		return byApp[appID]
	}
	for _, need := range d.Needs {
		f := of(need.AppID)
		f.Needs = append(f.Needs, folded(need.Permissions)...)
	}
	for _, need := range d.Critical {
		f := of(need.AppID)
		f.Critical = append(f.Critical, folded(need.Permissions)...)
	}
	for _, appID := range d.MultiTenant {
		of(appID).MultiTenant = true
	}
	for _, need := range d.Containers {
		f := of(need.AppID)
		f.ContainerApplication = append(f.ContainerApplication, folded(need.ApplicationPermissions)...)
		f.ContainerDelegated = append(f.ContainerDelegated, folded(need.DelegatedPermissions)...)
	}
	return byApp
}

func folded(list []string) []string {
	return strings.Fields(strings.ToLower(strings.Join(list, " ")))
}

// DeclaredContainerNeed is what an application needs on container types that others own.
type DeclaredContainerNeed struct {
	AppID                  string
	ApplicationPermissions []string
	DelegatedPermissions   []string
	Reason                 string
}

// DeclaredNeed says that an application needs permissions, whatever they look like, and
// why, which stands in every report.
type DeclaredNeed struct {
	AppID       string
	Permissions []string // values
	Reason      string
}

// Config is what Rego sees as data.config: the thresholds, the choices by their own names, and what is declared of
// more than one application - container_needs, objects {application, delegated} of lists by appId, and
// pre_authorized, a list of appIds, in lower case. What is declared of an application itself the join
// puts on its document: a control that looked it up by appId would see no two applications alike.
func Config(thresholds map[string]any, choices Choices, declared Declared) map[string]any {
	config := maps.Clone(thresholds)
	choices.into(config)
	config["pre_authorized"] = lowered(declared.PreAuthorized)
	containers := map[string]any{}
	for _, need := range declared.Containers {
		containers[strings.ToLower(need.AppID)] = map[string]any{
			"application": anys(need.ApplicationPermissions), "delegated": anys(need.DelegatedPermissions),
		}
	}
	config["container_needs"] = containers
	return config
}

// DefaultThresholds are the values that controls compare with unless the
// configuration says otherwise: days, and one number of owners.
func DefaultThresholds() map[string]any {
	return map[string]any{
		"approval_warning_days":   30,
		"credential_max_days":     180,
		"credential_warning_days": 30, // the auditor's own credentials
		"unused_days":             90,
		"leftover_grace_days":     7,
		"stale_days":              7,  // older datasets of a snapshot are in doubt
		"idle_approval_days":      90, // Data Connect approvals without extractions
		"max_container_owners":    5,
	}
}
