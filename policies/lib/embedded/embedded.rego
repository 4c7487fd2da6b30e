# METADATA
# title: Permissions of SharePoint Embedded
# description: >-
#   Two kinds of permissions work together: an application needs one of Microsoft Graph to call at all, and a grant on
#   a container type, app-only or for users, to reach anything with it
#   (https://learn.microsoft.com/sharepoint/dev/embedded/development/auth).
# scope: package
package policies.lib.embedded

import data.policies.lib.facts
import data.policies.lib.permissions

# METADATA
# description: FileStorageContainer.Selected, as a role, as a scope, and as a scope for personal accounts.
selected := {
	"resource": permissions.microsoft_graph,
	"name": "filestoragecontainer.selected",
	"ids": {
		"40dc41bc-0f7e-42ff-89bd-d9516947e474",
		"085ca537-6565-41c2-aca7-db852babc212",
		"64b146e2-de0e-481c-90d9-2120004739a9",
	},
}

# METADATA
# description: FileStorageContainerType.Manage.All, which exists as a scope only.
manage_types := {
	"resource": permissions.microsoft_graph,
	"name": "filestoragecontainertype.manage.all",
	"ids": {"8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b"},
}

# METADATA
# description: >-
#   The application of Microsoft Foundry, which reads containers for users where they serve as a knowledge source
#   (https://learn.microsoft.com/sharepoint/dev/embedded/build/sharepoint-embedded-knowledge-source).
foundry := "880da380-985e-4198-81b9-e05b1cc53158"

# METADATA
# description: The permissions of a grant on a container type that open the content of files.
content := {"readContent", "writeContent", "manageContent", "full"}

# METADATA
# description: >-
#   All permissions of such a grant
#   (https://learn.microsoft.com/graph/api/resources/filestoragecontainertypeapppermissiongrant).
known := content | {
	"none", "create", "delete", "read", "write", "enumeratePermissions", "addPermissions", "updatePermissions",
	"deletePermissions", "deleteOwnPermission", "managePermissions",
}

# METADATA
# description: The two sides of a grant on a container type, called as the kinds of permissions are.
sides := {"application", "delegated"}

# METADATA
# description: What a grant on a container type allows on one side.
# scope: document
side(grant, "application") := grant.application_permissions

side(grant, "delegated") := grant.delegated_permissions

# METADATA
# description: Whether one side of a grant on a container type was not read.
# scope: document
unread(grant, "application") if object.get(grant, "application_permissions", null) == null

unread(grant, "delegated") if object.get(grant, "delegated_permissions", null) == null

# METADATA
# description: What tells an owner or member from the others - its object id, else its name.
identity(row) := id if {
	id := facts.folded(row, "id")
	id != ""
} else := upn if {
	upn := facts.folded(row, "upn")
	upn != ""
} else := sprintf("%s without an id, %s", [object.get(row, "type", "member"), object.get(row, "name", "unnamed")])

# METADATA
# description: >-
#   Whether a request or a grant is a permission such as the above, by its id, or by its name where the id is that of
#   another cloud. A manifest that gives it the wrong type changes neither.
# scope: document
matches(row, wanted) if facts.folded(row, "permission_id") in wanted.ids

matches(row, wanted) if {
	facts.folded(row, "permission") == wanted.name
	facts.folded(row, "resource_app_id") in {wanted.resource, ""}
}

# METADATA
# description: Whether a request or a grant without a name may be a permission of a resource.
nameless(row, resource) if {
	object.get(row, "permission", null) == null
	facts.folded(row, "resource_app_id") in {resource, ""}
}
