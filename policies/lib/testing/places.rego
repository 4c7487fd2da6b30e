package policies.lib.testing

# METADATA
# description: A sound container type, registered in its own tenant, with one more application.
container_type := {
	"kind": "container_type",
	"id": "a1b2c3d4-0000-4000-8000-0000000000c1",
	"display_name": "Contracts",
	"owning_app_id": "a1b2c3d4-0000-4000-8000-000000000001",
	"owning_app_name": "Contract archive",
	"billing": "standard",
	"billing_status": "valid",
	"owned_here": true,
	"sharing": "disabled",
	"sharing_restricted": true,
	"owners": [object.union(_owner, {"of": ["container_type"]})],
	"created_at": "2026-06-01T08:00:00Z",
	"age_days": 171,
	"registered": true,
	"registered_at": "2026-06-01T09:00:00Z",
	"registered_days": 171,
	"grants": _type_grants,
}

_type_grants := [
	{
		"app_id": "a1b2c3d4-0000-4000-8000-000000000001",
		"app_name": "Contract archive",
		"application_permissions": ["full"],
		"delegated_permissions": ["full"],
	},
	{
		"app_id": "a1b2c3d4-0000-4000-8000-000000000002",
		"app_name": "Contract search",
		"application_permissions": ["readContent", "read"],
		"delegated_permissions": ["readContent"],
	},
]

# METADATA
# description: A sound container with two owners and a reader.
container := {
	"kind": "container",
	"id": "b!a1b2c3d4",
	"display_name": "Contract 4711",
	"container_type_id": "a1b2c3d4-0000-4000-8000-0000000000c1",
	"container_type_name": "Contracts",
	"owning_app_id": "a1b2c3d4-0000-4000-8000-000000000001",
	"owning_app_name": "Contract archive",
	"created_at": "2026-06-02T08:00:00Z",
	"age_days": 170,
	"members": [
		member("owner", "a1b2c3d4-0000-4000-8000-00000000f001"),
		member("owner", "a1b2c3d4-0000-4000-8000-00000000f002"),
		member("reader", "a1b2c3d4-0000-4000-8000-00000000f003"),
	],
}

# METADATA
# description: A user of this tenant with a role in a container.
member(role, id) := {
	"type": "user",
	"id": id,
	"upn": sprintf("%s@contoso.com", [id]),
	"name": "Adele Vance",
	"role": role,
	"guest": false,
}

# METADATA
# description: >-
#   A sound tenant: users consent to low permissions only, ask administrators for the rest, and register no
#   applications; the life of secrets is bounded.
tenant := {
	"kind": "tenant",
	"id": "11111111-2222-3333-4444-555555555555",
	"display_name": "Contoso",
	"cloud": "global",
	"user_consent": _low_consent,
	"owner_consent": [],
	"risky_consent": false,
	"risky_consent_read": true,
	"create_apps": false,
	"consent_workflow": {"enabled": true, "reviewers": 2, "request_days": 30, "notifies_reviewers": true},
	"app_management": [{
		"id": "00000000-0000-0000-0000-000000000000",
		"name": "Default app management tenant policy",
		"default": true,
		"enabled": true,
		"restrictions": [restriction |
			some of in ["application", "service_principal"]
			some restriction in [
				{"of": of, "type": "passwordAddition", "state": "enabled"},
				{"of": of, "type": "passwordLifetime", "state": "enabled", "max_days": 180},
				{"of": of, "type": "asymmetricKeyLifetime", "state": "enabled", "max_days": 180},
			]
		],
	}],
}

_low_consent := [{
	"id": "microsoft-user-default-low",
	"name": "Default User Low Risk Policy",
	"built_in": true,
	"found": true,
	"includes": [{
		"classification": "low",
		"permission_type": "delegatedUserConsentable",
		"resource": "any",
		"permissions": ["all"],
		"client_apps": ["all"],
		"client_tenants": ["all"],
		"client_publishers": ["all"],
		"verified_publisher_only": true,
	}],
	"excludes": [],
}]
