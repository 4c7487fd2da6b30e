package policies.lib.permissions_test

import data.policies.lib.permissions

mail_read := {
	"key": "00000003-0000-0000-c000-000000000000/application/Mail.Read",
	"resource_app_id": permissions.microsoft_graph,
	"permission_id": "810c84a8-4a9e-49e6-bf7d-12d183f40d01",
	"permission": "Mail.Read",
	"kind": "application",
	"resolved_by": "tenant",
}

test_protocol_scopes_are_delegated_and_of_graph if {
	permissions.protocol_scopes == {sprintf("%s/delegated/%s", [permissions.microsoft_graph, scope]) |
		some scope in ["openid", "profile", "email", "offline_access"]
	}
}

test_resolved if not permissions.unresolved(mail_read)

test_unresolved_without_key_or_resolver[name] if {
	some name in ["key", "resolved_by"]
	permissions.unresolved(object.remove(mail_read, [name]))
	permissions.unresolved(object.union(mail_read, {name: null}))
}

test_evidence_always_names_the_permission if {
	permissions.evidence(mail_read) == {
		"permission": "Mail.Read",
		"permission_id": mail_read.permission_id,
		"kind": "application",
	}
	permissions.evidence(object.remove(mail_read, ["permission"])).permission == mail_read.permission_id
	permissions.evidence({"kind": "application"}) == {"kind": "application", "permission": "a permission without a name"}
}

comparisons := {
	"itself": {"with": mail_read, "verdict": "same"},
	"another id": {"with": object.union(mail_read, {"permission_id": "x"}), "verdict": "different"},
	"another resource": {"with": object.union(mail_read, {"resource_app_id": "x"}), "verdict": "different"},
	"id and name of the other kind": {"with": object.union(mail_read, {"kind": "delegated"}), "verdict": "different"},
	"id of the other kind, without name": {
		"with": {"permission_id": mail_read.permission_id, "kind": "delegated"},
		"verdict": "unclear",
	},
	"id of an unknown kind": {"with": {"permission_id": mail_read.permission_id}, "verdict": "unclear"},
	"id and kind of an unknown resource": {
		"with": object.filter(mail_read, ["permission_id", "kind"]),
		"verdict": "same",
	},
	"id of an unknown resource": {"with": {"permission_id": "x"}, "verdict": "different"},
	"another name": {"with": {"permission": "Mail.Send"}, "verdict": "different"},
	"name in other case": {"with": {"permission": "mail.read", "kind": "application"}, "verdict": "same"},
	"name of the other kind": {"with": {"permission": "Mail.Read", "kind": "delegated"}, "verdict": "different"},
	"name of an unknown kind": {"with": {"permission": "Mail.Read"}, "verdict": "unclear"},
	"null id": {"with": {"permission_id": null}, "verdict": "unclear"},
	"nothing known": {"with": {}, "verdict": "unclear"},
}

test_compare[name] if {
	some name, comparison in comparisons
	permissions.compare(mail_read, comparison["with"]) == comparison.verdict
	permissions.compare(comparison["with"], mail_read) == comparison.verdict
}

test_among_prefers_certainty if {
	permissions.among(mail_read, []) == "different"
	other := object.union(mail_read, {"permission_id": "x"})
	permissions.among(mail_read, {other}) == "different"
	permissions.among(mail_read, [other, {}]) == "unclear"
	permissions.among(mail_read, [other, {}, mail_read]) == "same"
}

labels := {
	"a name": {"row": {"permission": "Mail.Read", "permission_id": "1"}, "is": "Mail.Read"},
	"a name that is null": {"row": {"permission": null, "permission_id": "1"}, "is": "1"},
	"nothing": {"row": {"permission": null, "permission_id": null}, "is": "a permission without a name"},
}

test_evidence_names_a_permission[name] if {
	some name, example in labels
	permissions.evidence(example.row).permission == example.is
}
