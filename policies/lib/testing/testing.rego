# METADATA
# title: What the tests of controls share
# description: >-
#   One sound subject of each kind, which no control has anything to say about, ways to change it, and the order in
#   which the engine comes to an outcome.
# scope: package
package policies.lib.testing

# METADATA
# description: The thresholds that the cases are written for.
config := {
	"approval_warning_days": 30,
	"credential_max_days": 180,
	"credential_warning_days": 30,
	"unused_days": 90,
	"leftover_grace_days": 7,
	"stale_days": 7,
	"idle_approval_days": 90,
	"max_container_owners": 5,
	"privileged_app_owners": "privileged_only",
	"privileged_roles": ["62e90394-69f5-4237-9190-012177145e10", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"],
	"unrated": "report",
	"user_consent": ["microsoft-user-default-low", "microsoft-user-default-recommended"],
	"members_create_apps": false,
	"sharing": "existingExternalUserSharingOnly",
	"container_owner_guests": false,
	"trusted_issuers": ["https://token.actions.githubusercontent.com", "https://vstoken.dev.azure.com/"],
	"container_needs": {},
	"pre_authorized": [],
}

# METADATA
# description: >-
#   Whether a control, evaluated on a case's input, comes to the outcome and the keys that the case names. No two
#   findings may share a key.
agrees(case, control) if {
	outcome(control) == case.outcome
	keys := [finding.key | some finding in control.deny]
	count(keys) == count({key | some key in keys})
	_agreeing_keys(case, {key | some key in keys})
}

_agreeing_keys(case, keys) if keys == {key | some key in case.keys}

_agreeing_keys(case, _) if case.outcome != "fail"

# METADATA
# description: The outcome of an evaluated control; `applies` must be given for one that has no such rule.
outcome(control) := "not_applicable" if {
	not control.applies == true
} else := "fail" if {
	count(control.deny) > 0
} else := "unknown" if {
	count(object.get(control, "unknown", set())) > 0
} else := "pass"

# METADATA
# description: A permission of Microsoft Graph, resolved and of low tier.
permission(kind, name, id) := {
	"key": sprintf("%s/%s/%s", [_graph, kind, name]),
	"resource_app_id": _graph,
	"resource_name": "Microsoft Graph",
	"permission_id": id,
	"permission": name,
	"kind": kind,
	"resolved_by": "tenant",
	"tier": "low",
	"narrower": [],
}

# METADATA
# description: A permission of the Office 365 Management APIs, resolved and of medium tier.
management_permission(kind, name, id) := object.union(permission(kind, name, id), {
	"key": sprintf("%s/%s/%s", [_management, kind, name]),
	"resource_app_id": _management,
	"resource_name": "Office 365 Management APIs",
	"tier": "medium",
})

# METADATA
# description: The permission to read the audit feed, as an application permission.
feed_read := management_permission("application", "ActivityFeed.Read", "594c1fb6-4f81-4475-ae41-0c394909246c")

# METADATA
# description: A permission of Microsoft Graph of which only the id is known.
unresolved(kind, id) := object.remove(
	permission(kind, id, id),
	["permission", "resolved_by", "tier", "narrower"],
)

# METADATA
# description: The members that hold requests, and those that hold grants.
of_requests := ["requests", "requested_keys", "requested_resources"]

# METADATA
# description: See of_requests.
of_grants := ["grants", "granted_keys", "granted_resources"]

# METADATA
# description: An application whose manifest asks for these permissions.
requesting(app, permissions) := object.union(object.remove(app, ["requested_keys"]), {
	"requested_resources": sort({object.get(permission, "resource_app_id", "") | some permission in permissions}),
	"requests": [object.union({"type_mismatch": false}, permission) | some permission in permissions],
	"requested_keys": {permission.key: true | some permission in permissions},
})

# METADATA
# description: An application to which an administrator granted these permissions, unless they say otherwise.
holding(app, permissions) := object.union(object.remove(app, ["granted_keys"]), {
	"granted_resources": sort({object.get(permission, "resource_app_id", "") | some permission in permissions}),
	"grants": [object.union({"consent": "admin"}, permission) | some permission in permissions],
	"granted_keys": {permission.key: true | some permission in permissions},
})

# METADATA
# description: The members that say something of credentials.
of_credentials := ["credentials", "expired_credentials", "undated_credentials", "valid_credentials"]

# METADATA
# description: An application with these credentials and the look-ups into them.
with_credentials(app, credentials) := object.union(object.remove(app, of_credentials), {
	"credentials": credentials,
	"expired_credentials": [c | some c in credentials; c.days_left <= 0],
	"undated_credentials": count([c | some c in credentials; object.get(c, "days_left", null) == null]),
	"valid_credentials": {c.of: true |
		some c in credentials
		c.days_left > 0
		object.get(c, "age_days", 0) >= 0
	},
})

# METADATA
# description: An application permission.
sites_selected := permission("application", "Sites.Selected", "883ea226-0bf2-4a8f-9f9d-92c9162a727d")

# METADATA
# description: A delegated permission.
user_read := permission("delegated", "User.Read", "e1fe6dd8-ba31-4d61-89e7-88639da4683d")

# METADATA
# description: The scopes of OpenID Connect.
sign_in := [permission("delegated", name, id) | some name, id in {
	"openid": "37f7f235-527c-4136-accd-4a02d197296e",
	"profile": "14dad69e-099b-42c9-810b-d002981feec1",
	"email": "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
	"offline_access": "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
}]

# METADATA
# description: A sound application of this tenant.
application := holding(
	requesting(with_credentials(_registration, [_secret]), [sites_selected, user_read]),
	[sites_selected, user_read],
)

# METADATA
# description: A sound application of another tenant, which has no manifest here.
foreign_application := object.remove(
	object.union(application, {"origin": "foreign"}),
	["object_id", "registered", "requests", "requested_keys", "requested_resources"],
)

# METADATA
# description: A sound Data Connect application of this tenant, declared, approved and run.
data_connect_app := object.union_n([_connect_registration, _connect_approval, _connect_runs, _connect_register])

# METADATA
# description: A sound read of Data Connect in a repository file, which the approval of data_connect_app covers.
pipeline := object.union(_copy_activity, {
	"app_id": "a1b2c3d4-0000-4000-8000-0000000000d1",
	"app_tenant_id": "11111111-2222-3333-4444-555555555555",
	"data_tenant_id": "11111111-2222-3333-4444-555555555555",
	"dataset": "BasicDataSet_v0.Message_v1",
	"catalogued": true,
	"all_columns": false,
	"columns": ["ReceivedDateTime", "Subject"],
	"scope": "list",
	"groups": ["a1b2c3d4-0000-4000-8000-0000000000e1"],
	"destination_tenant_id": "11111111-2222-3333-4444-555555555555",
	"destination_assumed": false,
	"destination": {
		"type": "AzureBlobStorage",
		"location": "https://contosoinsights.blob.core.windows.net/mail/raw",
		"partial": false,
	},
	"unresolved": [],
	"approvals": [approval],
	"coverage": _coverage,
})

# METADATA
# description: The approval of data_connect_app, as pipelines are held against it.
approval := {
	"id": "11111111-2222-3333-4444-555555555555/a1b2c3d4-0000-4000-8000-0000000000d1",
	"app_id": "a1b2c3d4-0000-4000-8000-0000000000d1",
	"app_tenant_id": "11111111-2222-3333-4444-555555555555",
	"name": "Mail insights",
	"state": "approved",
	"self_declared": false,
	"state_seen": true,
	"approved_at": "2026-09-01T00:00:00Z",
	"expires_at": "2027-02-28T00:00:00Z",
	"days_left": 100,
	"datasets": [_messages, _users],
	"sinks": ["https://contosoinsights.blob.core.windows.net"],
	"sink_locations": ["https://contosoinsights.blob.core.windows.net"],
	"sinks_unclear": false,
	"destination_tenant_id": "11111111-2222-3333-4444-555555555555",
}

# METADATA
# description: A sound identity of leastwise, app-only, that was asked for two datasets.
auditor := {
	"kind": "auditor",
	"id": "certificate/a1b2c3d4-0000-4000-8000-0000000000a1",
	"credential": "certificate",
	"signed_in": true,
	"client_id": "a1b2c3d4-0000-4000-8000-0000000000a1",
	"app_only": true,
	"opaque": false,
	"held": [held("Application.Read.All", "medium"), held("Directory.Read.All", "medium")],
	"needs": [
		{
			"dataset": "applications",
			"least": ["Application.Read.All"],
			"accepted": ["Application.ReadWrite.All", "Directory.Read.All"],
		},
		{
			"dataset": "delegated_grants",
			"least": ["DelegatedPermissionGrant.Read.All", "Directory.Read.All"],
			"accepted": ["Directory.ReadWrite.All"],
		},
	],
	"read": ["applications", "delegated_grants"],
}

# METADATA
# description: An application permission in the token of an identity.
held(name, tier) := {"permission": name, "kind": "application", "tier": tier}

# METADATA
# description: An identity whose token carries these permissions.
with_held(identity, permissions) := object.union(object.remove(identity, ["held"]), {"held": permissions})

_connect_registration := {
	"kind": "data_connect_app",
	"id": "11111111-2222-3333-4444-555555555555/a1b2c3d4-0000-4000-8000-0000000000d1",
	"app_id": "a1b2c3d4-0000-4000-8000-0000000000d1",
	"app_tenant_id": "11111111-2222-3333-4444-555555555555",
	"display_name": "Mail insights",
	"own": true,
	"multi_tenant": false,
	"purpose": "How long customers wait for an answer",
	"developer": {"upn": "Devon.Builder@contoso.com", "object_id": "a1b2c3d4-0000-4000-8000-00000000f00d"},
	"owners": [_owner],
	"registered": true,
	"has_principal": true,
}

_connect_approval := {
	"state": "approved",
	"self_declared": false,
	"version": "3",
	"approved_at": "2026-09-01T00:00:00Z",
	"approved_days": 80,
	"valid_days": 180,
	"expires_at": "2027-02-28T00:00:00Z",
	"days_left": 100,
	"expiry_conflict": false,
	"datasets": [_messages, _users],
	"sinks": ["https://contosoinsights.blob.core.windows.net"],
	"sink_locations": ["https://contosoinsights.blob.core.windows.net"],
	"sinks_unclear": false,
	"destination_tenant_id": "11111111-2222-3333-4444-555555555555",
	"history": [{
		"event_id": "a1b2c3d4-0000-4000-8000-00000000dd01",
		"at": "2026-09-01T00:00:00Z",
		"state": "approved",
		"approver": _approver,
		"version": "3",
		"expires_at": "2027-02-28T00:00:00Z",
	}],
}

_connect_runs := {
	"approver": _approver,
	"approver_roles": [{
		"role_id": "62e90394-69f5-4237-9190-012177145e10",
		"role": "Global Administrator",
		"via": "assigned",
		"scope": "/",
	}],
	"approver_role_events": [],
	"role_coverage": _coverage,
	"coverage": _coverage,
	"extractions": [{
		"dataset": "BasicDataSet_v0.Message_v1",
		"columns": ["ReceivedDateTime", "Subject"],
		"groups": ["a1b2c3d4-0000-4000-8000-0000000000e1"],
		"started_at": "2026-10-01T02:00:00Z",
		"pipeline": "CopyMail",
		"failed": false,
		"runs": 3,
		"decision": "approved",
		"decided_at": "2026-09-01T00:00:00Z",
		"approved": [_messages, _users],
	}],
	"last_run_at": "2026-11-18T02:00:00Z",
	"run_days": 2,
}

_connect_register := {
	"cross_tenant_movement": false,
	"expected": [
		{"name": "BasicDataSet_v0.Message_v1", "columns": ["ReceivedDateTime", "SentDateTime", "Subject"]},
		{"name": "BasicDataSet_v0.User_v1", "columns": ["displayName", "department"]},
	],
	"definition": {
		"version": "3",
		"updated_at": "2026-08-30T09:00:00Z",
		"after_decision": false,
		"datasets": [_messages, _users],
		"sinks": ["https://contosoinsights.blob.core.windows.net"],
		"sink_locations": ["https://contosoinsights.blob.core.windows.net"],
		"sinks_unclear": false,
		"destination_tenant_id": "11111111-2222-3333-4444-555555555555",
	},
}

_copy_activity := {
	"kind": "pipeline",
	"id": "factory/pipeline/CopyMail.json#CopyMail/Copy messages",
	"name": "CopyMail/Copy messages",
	"file": "factory/pipeline/CopyMail.json",
	"line": 12,
	"pipeline": "CopyMail",
	"activity": "Copy messages",
	"product": "data_factory",
	"type": "Copy",
	"inactive": false,
}

_approver := {"upn": "Grady.Approver@contoso.com", "object_id": "a1b2c3d4-0000-4000-8000-00000000f009"}

_coverage := {"from": "2026-01-01T00:00:00Z", "days": 323, "whole": true}

_messages := {
	"name": "BasicDataSet_v0.Message_v1",
	"columns": ["ReceivedDateTime", "SentDateTime", "Subject"],
	"scope": "list",
	"groups": ["a1b2c3d4-0000-4000-8000-0000000000e1", "a1b2c3d4-0000-4000-8000-0000000000e2"],
	"catalogued": true,
	"sensitive": ["Subject"],
	"unrated": [],
}

_users := {
	"name": "BasicDataSet_v0.User_v1",
	"columns": ["displayName", "department"],
	"scope": "all",
	"catalogued": true,
	"sensitive": [],
	"unrated": [],
}

_registration := {
	"kind": "application",
	"id": "a1b2c3d4-0000-4000-8000-000000000001",
	"object_id": "a1b2c3d4-0000-4000-8000-00000000a001",
	"service_principal_id": "a1b2c3d4-0000-4000-8000-00000000b001",
	"display_name": "Contract archive",
	"tenant_id": "11111111-2222-3333-4444-555555555555",
	"origin": "own",
	"sign_in_audience": "AzureADMyOrg",
	"service_principal_type": "Application",
	"enabled": true,
	"registered": true,
	"created_at": "2026-05-01T08:00:00Z",
	"age_days": 202,
	"verified_publisher": false,
	"implicit_tokens": [],
	"pre_authorized": [],
	"federated_credentials": [],
	"directory_roles": [],
	"sign_in": {"seen": true, "last_at": "2026-11-18T06:00:00Z", "days": 1, "application_days": 1, "delegated_days": 2},
	"activity": _look_back,
	"uses": [],
	"least": [],
	"consents": [],
	"consent_coverage": _coverage,
	"registered_types": [],
	"type_grants": [],
	"owners": [_owner],
	"container_types": [],
}

_look_back := {
	"from": "2026-08-01T00:00:00Z",
	"to": "2026-11-19T00:00:00Z",
	"days": 110,
	"ago": 1,
	"whole": true,
	"sources": ["activity"],
}

_secret := {
	"key_id": "a1b2c3d4-0000-4000-8000-00000000e001",
	"name": "nightly job",
	"type": "secret",
	"of": "application",
	"starts": "2026-09-01T00:00:00Z",
	"ends": "2027-01-01T00:00:00Z",
	"days_left": 42,
	"age_days": 80,
	"lifetime_days": 122,
	"last_used_at": "2026-11-18T06:00:00Z",
	"used_days": 1,
	"reported": true,
}

_owner := {
	"id": "a1b2c3d4-0000-4000-8000-00000000f001",
	"type": "user",
	"name": "Adele Vance",
	"upn": "AdeleV@contoso.com",
	"user_type": "member",
	"enabled": true,
	"readable": true,
	"of": ["application"],
}

_graph := "00000003-0000-0000-c000-000000000000"

_management := "c5393580-f805-4401-95e8-94b7a6ef2fc2"
