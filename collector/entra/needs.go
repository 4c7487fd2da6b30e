package entra

import "leastwise/collector/snapshot"

// need is what reading a dataset takes: one of the least permissions, or one of the
// accepted ones, which open more than the dataset.
type need struct {
	least, accepted []string
	// partial is true when the dataset can be read without, but not all of it.
	partial bool
}

// needs lists the permissions that a dataset takes
// (https://learn.microsoft.com/graph/permissions-reference).
func needs(name snapshot.Name) []need {
	switch name {
	case snapshot.Organization:
		return []need{{
			least: []string{"Organization.Read.All", "User.Read"},
			accepted: []string{
				"Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All", "User.Read.All",
				"DeviceManagementServiceConfig.Read.All", "DeviceManagementServiceConfig.ReadWrite.All",
				"DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All",
			},
		}}
	case snapshot.Applications, snapshot.ServicePrincipals, snapshot.AppRoleAssignments, snapshot.FederatedCredentials,
		snapshot.CertificateKeys:
		return []need{objects()}
	case snapshot.ApplicationOwners, snapshot.ServicePrincipalOwners:
		// Owners are listed with their objects; whether an account is a guest, or enabled,
		// takes a look at the person.
		return []need{objects(), {
			least: []string{"Directory.Read.All", "User.Read.All"}, accepted: []string{"Directory.ReadWrite.All", "User.ReadWrite.All"},
			partial: true,
		}}
	case snapshot.DelegatedGrants:
		// The first is what is documented; the other is published and named for it.
		return []need{{
			least:    []string{"Directory.Read.All", "DelegatedPermissionGrant.Read.All"},
			accepted: []string{"Directory.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"},
		}}
	case snapshot.DirectoryRoleAssignments:
		return []need{directoryRoles(), eligibility(), groupMembers()}
	case snapshot.DirectoryRoleDefinitions:
		return []need{directoryRoles()}
	case snapshot.AuthorizationPolicy:
		return []need{{least: []string{"Policy.Read.All"}, accepted: []string{"Policy.ReadWrite.Authorization"}}}
	case snapshot.AdminConsentPolicy:
		return []need{{
			least:    []string{"Policy.Read.All"},
			accepted: []string{"Policy.ReadWrite.ConsentRequest", "Directory.Read.All", "Directory.ReadWrite.All"},
		}}
	case snapshot.AppManagementPolicies:
		return []need{{least: []string{"Policy.Read.All"}, accepted: []string{"Policy.ReadWrite.ApplicationConfiguration"}}}
	case snapshot.PermissionGrantPolicies:
		return []need{{least: []string{"Policy.Read.PermissionGrant"}, accepted: []string{"Policy.ReadWrite.PermissionGrant"}}}
	case snapshot.SignInActivity, snapshot.CredentialActivity:
		return []need{{least: []string{"AuditLog.Read.All"}, accepted: []string{"Directory.Read.All", "Directory.ReadWrite.All"}}}
	}
	return nil
}

// objects opens applications and service principals. OwnedBy lets an application
// list all of them (https://learn.microsoft.com/graph/api/serviceprincipal-get).
func objects() need {
	return need{
		least: []string{"Application.Read.All"},
		accepted: []string{
			"Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.Read.All", "Directory.ReadWrite.All",
		},
	}
}

func directoryRoles() need {
	return need{
		least: []string{"RoleManagement.Read.Directory"},
		accepted: []string{
			"RoleManagement.Read.All", "RoleManagement.ReadWrite.Directory", "Directory.Read.All", "Directory.ReadWrite.All",
		},
	}
}

// eligibility opens the roles that Privileged Identity Management lets a principal
// activate.
func eligibility() need {
	return need{
		least: []string{"RoleEligibilitySchedule.Read.Directory"},
		accepted: []string{
			"RoleEligibilitySchedule.ReadWrite.Directory", "RoleManagement.Read.Directory", "RoleManagement.Read.All",
			"RoleManagement.ReadWrite.Directory",
		},
		partial: true,
	}
}

// groupMembers opens the groups through which roles are held.
func groupMembers() need {
	return need{
		least: []string{"GroupMember.ReadBasic.All", "GroupMember.Read.All"},
		accepted: []string{
			"GroupMember.ReadWrite.All", "Group.ReadBasic.All", "Group.Read.All", "Group.ReadWrite.All",
			"Directory.Read.All", "Directory.ReadWrite.All",
		},
		partial: true,
	}
}
