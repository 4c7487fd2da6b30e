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
	GraphActivity              Name = "graph_activity"
	Manifests                  Name = "manifests"
	Pipelines                  Name = "pipelines"
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
		GraphActivity, Manifests, Pipelines,
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
	case ContainerPermissions:
		return []string{"containerId", "id"}
	case FederatedCredentials:
		return []string{"objectId", "id"}
	case DataConnectRegister:
		return []string{"tenantId", "appId"}
	default:
		return []string{"id"}
	}
}

// joinKey makes one id of several parts. The parts are GUIDs or opaque ids, none
// of which holds a slash.
func joinKey(parts []string) string { return strings.Join(parts, "/") }
