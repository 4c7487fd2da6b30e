package entra

import "leastwise/collector/snapshot"

// need is what a dataset takes
// (https://learn.microsoft.com/graph/permissions-reference).
func need(name snapshot.Name) snapshot.Need {
	of := func(least []string, accepted ...string) snapshot.Need {
		return snapshot.Need{Dataset: name, Least: least, Accepted: accepted}
	}
	switch name {
	case snapshot.Organization:
		return of([]string{"Organization.Read.All", "User.Read"},
			"Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All", "User.Read.All",
			"DeviceManagementServiceConfig.Read.All", "DeviceManagementServiceConfig.ReadWrite.All",
			"DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All")
	case snapshot.Applications, snapshot.ServicePrincipals, snapshot.AppRoleAssignments, snapshot.FederatedCredentials,
		snapshot.CertificateKeys, snapshot.ApplicationOwners, snapshot.ServicePrincipalOwners:
		// OwnedBy lets an application list all of them
		// (https://learn.microsoft.com/graph/api/serviceprincipal-get).
		return of([]string{"Application.Read.All"},
			"Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.Read.All", "Directory.ReadWrite.All")
	case snapshot.DelegatedGrants:
		// The first is what is documented; the other is published and named for it.
		return of([]string{"Directory.Read.All", "DelegatedPermissionGrant.Read.All"},
			"Directory.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All")
	case snapshot.DirectoryRoleAssignments, snapshot.DirectoryRoleDefinitions:
		return of([]string{"RoleManagement.Read.Directory"},
			"RoleManagement.Read.All", "RoleManagement.ReadWrite.Directory", "Directory.Read.All", "Directory.ReadWrite.All")
	case snapshot.AuthorizationPolicy:
		return of([]string{"Policy.Read.All"}, "Policy.ReadWrite.Authorization")
	case snapshot.AdminConsentPolicy:
		return of([]string{"Policy.Read.All"}, "Policy.ReadWrite.ConsentRequest", "Directory.Read.All", "Directory.ReadWrite.All")
	case snapshot.AppManagementPolicies:
		return of([]string{"Policy.Read.All"}, "Policy.ReadWrite.ApplicationConfiguration")
	case snapshot.PermissionGrantPolicies:
		return of([]string{"Policy.Read.PermissionGrant"}, "Policy.ReadWrite.PermissionGrant")
	case snapshot.SignInActivity, snapshot.CredentialActivity:
		return of([]string{"AuditLog.Read.All"}, "Directory.Read.All", "Directory.ReadWrite.All")
	}
	return of(nil)
}

// furtherNeeds lists what a dataset takes beside that to be whole.
func furtherNeeds(name snapshot.Name) []snapshot.Need {
	switch name {
	case snapshot.ApplicationOwners, snapshot.ServicePrincipalOwners:
		// Owners are listed with their objects; whether an account is a guest, or enabled,
		// takes a look at the person.
		return []snapshot.Need{{
			Dataset: name, Least: []string{"Directory.Read.All", "User.Read.All"},
			Accepted: []string{"Directory.ReadWrite.All", "User.ReadWrite.All"},
		}}
	case snapshot.DirectoryRoleAssignments:
		return []snapshot.Need{{ // the roles that Privileged Identity Management lets a principal activate
			Dataset: name, Least: []string{"RoleEligibilitySchedule.Read.Directory"},
			Accepted: []string{
				"RoleEligibilitySchedule.ReadWrite.Directory", "RoleManagement.Read.Directory", "RoleManagement.Read.All",
				"RoleManagement.ReadWrite.Directory",
			},
		}, { // the groups through which roles are held
			Dataset: name, Least: []string{"GroupMember.ReadBasic.All", "GroupMember.Read.All"},
			Accepted: []string{
				"GroupMember.ReadWrite.All", "Group.ReadBasic.All", "Group.Read.All", "Group.ReadWrite.All",
				"Directory.Read.All", "Directory.ReadWrite.All",
			},
		}}
	}
	return nil
}
