# METADATA
# title: Who uses the Office 365 Management APIs
# description: >-
#   An application uses the API when its manifest asks for one of the API's permissions or one was granted to it. The
#   ids are the same for application and delegated permissions
#   (https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis).
# scope: package
package policies.lib.management_api

import data.policies.lib.facts
import data.policies.lib.origin
import data.policies.lib.permissions

# METADATA
# description: The application id of the Office 365 Management APIs, the same in every cloud.
resource := "c5393580-f805-4401-95e8-94b7a6ef2fc2"

# METADATA
# description: Ids of the permissions that controls ask about.
ids := {
	"ActivityFeed.Read": "594c1fb6-4f81-4475-ae41-0c394909246c",
	"ActivityFeed.ReadDlp": "4807a72c-ad38-4250-94c9-4eabfe26cd55",
	"ServiceHealth.Read": "e2cea78f-e743-4d8f-a16a-75b629a038ae",
}

# METADATA
# description: What an application asks for or holds, less what certainly is a permission of another API.
rows(app) := array.concat(of_list(app, "requests"), of_list(app, "grants"))

# METADATA
# description: The same of one list, "requests" or "grants".
of_list(app, list) := [row |
	some row in app[list]
	facts.folded(row, "resource_app_id") in {"", resource}
]

# METADATA
# description: The permissions of the API that an application certainly asks for or holds.
used(app) := [row | some row in rows(app); facts.folded(row, "resource_app_id") == resource]

# METADATA
# description: >-
#   Whether an application certainly does not use the API. It rests on the look-ups alone, which thousands of
#   applications have in common.
unused(app) if {
	_absent(app) == set()
	resources := {lower(id) | some list in ["requested_resources", "granted_resources"]; some id in app[list]}
	resources & {"", resource} == set()
}

# METADATA
# description: What is not known of the permissions of an application.
unread(app) := {"grants" | object.get(app, "grants", null) == null} | {"requests" |
	object.get(app, "requests", null) == null
	not object.get(app, "origin", null) in origin.elsewhere
}

_absent(app) := {"grants" | object.get(app, "granted_resources", null) == null} | {"requests" |
	object.get(app, "requested_resources", null) == null
	not object.get(app, "origin", null) in origin.elsewhere
}

# METADATA
# description: >-
#   Whether a row is a permission of the API, as application or delegated permission - "same", "different" or "unclear".
compare(row, name) := permissions.among(row, [_permission("application", name), _permission("delegated", name)])

# METADATA
# description: The kinds - application, delegated - in which an application asks for or holds a permission, with proof.
held(app, name) := {kind: evidence |
	some kind in ["application", "delegated"]
	lists := {list |
		some list in ["requests", "grants"]
		some row in of_list(app, list)
		permissions.compare(row, _permission(kind, name)) == "same"
	}
	lists != set()
	evidence := {"permission": name, "kind": kind, "requested": "requests" in lists, "granted": "grants" in lists}
}

# METADATA
# description: The key of a permission of the API, as in keys of requests and grants.
key(kind, name) := sprintf("%s/%s/%s", [resource, kind, name])

_permission(kind, name) := {
	"resource_app_id": resource,
	"permission_id": ids[name],
	"permission": name,
	"kind": kind,
}
