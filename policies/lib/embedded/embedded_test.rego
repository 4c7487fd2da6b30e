package policies.lib.embedded_test

import data.policies.lib.embedded

microsoft_graph := "00000003-0000-0000-c000-000000000000"

sharepoint := "00000003-0000-0ff1-ce00-000000000000"

matching := {
	"by id": {"permission_id": "8E6EC84C-5FCD-4CC7-AC8A-2296EFC0ED9B"},
	"by id, under another name": {"permission_id": "8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b", "permission": "x"},
	"by name": {"permission": "filestoragecontainertype.MANAGE.all", "resource_app_id": upper(microsoft_graph)},
	"by name, resource not known": {"permission": "FileStorageContainerType.Manage.All"},
}

others := {
	"by name, of another resource": {"permission": "FileStorageContainerType.Manage.All", "resource_app_id": sharepoint},
	"another name": {"permission": "FileStorageContainer.Manage.All", "resource_app_id": microsoft_graph},
	"another id": {"permission_id": "8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9c", "resource_app_id": microsoft_graph},
	"nothing": {"permission": null},
}

test_matches[name] if {
	some name, row in matching
	embedded.matches(row, embedded.manage_types)
}

test_does_not_match[name] if {
	some name, row in others
	not embedded.matches(row, embedded.manage_types)
}

test_nameless if {
	embedded.nameless({"permission_id": "x", "resource_app_id": microsoft_graph}, microsoft_graph)
	embedded.nameless({"permission": null}, microsoft_graph)
	not embedded.nameless({"permission": "x"}, microsoft_graph)
	not embedded.nameless({"resource_app_id": sharepoint}, microsoft_graph)
}

test_sides if {
	grant := {"application_permissions": ["read"], "delegated_permissions": null}
	embedded.side(grant, "application") == ["read"]
	not embedded.unread(grant, "application")
	embedded.unread(grant, "delegated")
	embedded.unread({}, "application")
}

test_identity if {
	embedded.identity({"id": "A1", "upn": "b@x"}) == "a1"
	embedded.identity({"id": "", "upn": "B@x"}) == "b@x"
	embedded.identity({"upn": "B@x"}) == "b@x"
	embedded.identity({"type": "group", "name": "Legal"}) == "group without an id, Legal"
	embedded.identity({"id": null, "upn": ""}) == "member without an id, unnamed"
}

# As the permissions reference of Microsoft Graph and the registration API of SharePoint Embedded list them.
test_ids_of_the_selected_permission if {
	embedded.selected.ids == {
		"40dc41bc-0f7e-42ff-89bd-d9516947e474",
		"085ca537-6565-41c2-aca7-db852babc212",
		"64b146e2-de0e-481c-90d9-2120004739a9",
	}
}

test_known_permissions if {
	embedded.known == {
		"none", "create", "delete", "read", "write", "full", "readContent", "writeContent", "manageContent",
		"enumeratePermissions", "addPermissions", "updatePermissions", "deletePermissions", "deleteOwnPermission",
		"managePermissions",
	}
}
