package snapshot

import (
	"slices"
	"strings"
)

// Name of a dataset; its file is <name>.ndjson.gz.
type Name = string

// The datasets that a snapshot can hold.
const (
	Organization               Name = "organization"
	Applications               Name = "applications"
	ApplicationOwners          Name = "application_owners"
	ServicePrincipals          Name = "service_principals"
	ServicePrincipalOwners     Name = "service_principal_owners"
	AppRoleAssignments         Name = "app_role_assignments"
	DelegatedGrants            Name = "delegated_grants"
	FederatedCredentials       Name = "federated_credentials"
	CertificateKeys            Name = "certificate_keys"
	DirectoryRoleAssignments   Name = "directory_role_assignments"
	DirectoryRoleDefinitions   Name = "directory_role_definitions"
	AuthorizationPolicy        Name = "authorization_policy"
	PermissionGrantPolicies    Name = "permission_grant_policies"
	AdminConsentPolicy         Name = "admin_consent_policy"
	AppManagementPolicies      Name = "app_management_policies"
	SignInActivity             Name = "sign_in_activity"
	CredentialActivity         Name = "credential_activity"
	ContainerTypes             Name = "container_types"
	ContainerTypeOwners        Name = "container_type_owners"
	ContainerTypeRegistrations Name = "container_type_registrations"
	ContainerTypeGrants        Name = "container_type_grants"
	Containers                 Name = "containers"
	ContainerPermissions       Name = "container_permissions"
	DataConnectEvents          Name = "data_connect_events"
	DataConnectRegister        Name = "data_connect_register"
	ConsentEvents              Name = "consent_events"
	RoleEvents                 Name = "role_events"
	ActivitySubscriptions      Name = "activity_subscriptions"
	GraphActivity              Name = "graph_activity"
	Manifests                  Name = "manifests"
	Pipelines                  Name = "pipelines"
)

// The ids of rows that are about the tenant, beside rows about single things.
const (
	// AuditLogRow is the row of ActivitySubscriptions that says whether the unified audit log
	// is on; the others are content types.
	AuditLogRow = "audit-log"
	// TenantRow is the appId of the row of DataConnectRegister that declares the tenant's own
	// settings; the others are applications.
	TenantRow = "*"
)

// Names lists every dataset name, in the order reports show them.
func Names() []Name {
	return []Name{
		Organization, Applications, ApplicationOwners, ServicePrincipals, ServicePrincipalOwners,
		AppRoleAssignments, DelegatedGrants, FederatedCredentials, CertificateKeys,
		DirectoryRoleAssignments, DirectoryRoleDefinitions, AuthorizationPolicy, PermissionGrantPolicies,
		AdminConsentPolicy, AppManagementPolicies, SignInActivity, CredentialActivity,
		ContainerTypes, ContainerTypeOwners, ContainerTypeRegistrations, ContainerTypeGrants,
		Containers, ContainerPermissions, DataConnectEvents, DataConnectRegister, ConsentEvents,
		RoleEvents, ActivitySubscriptions, GraphActivity, Manifests, Pipelines,
	}
}

// KnownName reports whether name is a dataset.
func KnownName(name string) bool { return slices.Contains(Names(), name) }

// keyFields names the members that make up a row's id where Graph gives the row
// none of its own. An application permission grant's key is its appId within its
// container type's registration
// (https://learn.microsoft.com/graph/api/resources/filestoragecontainertypeapppermissiongrant).
func keyFields(dataset Name) []string {
	switch dataset {
	case ApplicationOwners, ServicePrincipalOwners:
		return []string{"objectId", "ownerId"}
	case ContainerTypeGrants:
		return []string{"containerTypeId", "appId"}
	case ContainerTypeOwners:
		return []string{"containerTypeId", "id"}
	case ContainerPermissions:
		return []string{"containerId", "id"}
	case FederatedCredentials:
		return []string{"objectId", "id"}
	case CertificateKeys:
		return []string{"objectId", "keyId"}
	case DataConnectRegister:
		return []string{"tenantId", "appId"}
	default:
		return []string{"id"}
	}
}

// fixedID is the id of the one row that a dataset can have, for rows without any:
// Graph gives an admin consent request policy none
// (https://learn.microsoft.com/graph/api/adminconsentrequestpolicy-get). It is empty
// where there may be several rows.
func fixedID(dataset Name) string {
	switch dataset {
	case AdminConsentPolicy:
		return "adminConsentRequestPolicy"
	case AuthorizationPolicy:
		return "authorizationPolicy"
	}
	return ""
}

// RowID makes the id of a row out of its key members' values: that of a grant out
// of containerTypeId and appId, for example. The parts are GUIDs or opaque ids, none
// of which holds a slash.
func RowID(parts ...string) string { return strings.Join(parts, "/") }

// Identified reports whether an object that has these members may be a row of the
// dataset: it has one of the key members, such as id, or the dataset needs none. It is
// a question of names, not of values.
func Identified(dataset Name, has func(member string) bool) bool {
	return fixedID(dataset) != "" || slices.ContainsFunc(keyFields(dataset), has)
}
