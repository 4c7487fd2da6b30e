# METADATA
# title: Whoever reads the audit feed receives it
# description: >-
#   The unified audit log of the tenant is off although an application holds ActivityFeed.Read or ActivityFeed.ReadDlp;
#   or a content type that leastwise needs has no enabled subscription. Content from while there is none is lost for
#   good, also where the collection has started the subscription since. Subscriptions belong to the application that
#   started them, and nobody else can list them - of other applications than the one that collected the snapshot nothing
#   can be judged once the log is on. Whoever holds ServiceHealth.Read alone reads no audit feed.
# scope: package
# schemas:
#   - input: schema.application
# related_resources:
#   - ref: https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference
#   - ref: https://learn.microsoft.com/office/office-365-management-api/troubleshooting-the-office-365-management-activity-api
#   - ref: https://learn.microsoft.com/purview/audit-log-enable-disable
# custom:
#   id: MA-004
#   severity: high
#   subject: application
#   requires: [service_principals, app_role_assignments, delegated_grants]
#   optional: [activity_subscriptions]
#   absence: false
#   message: "{key.feed} was {evidence.status} when {subject} was to read it"
#   remediation: >-
#     Audit log: Microsoft Purview portal > Audit > Start recording user and admin activity, or Exchange Online
#     PowerShell: Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true (takes up to an hour; there is no Graph
#     call). Subscription: collect again, which starts it, or POST
#     {tenant id}/activity/feed/subscriptions/start?contentType={content type} to the Management Activity API; then
#     `leastwise collect --backfill 180d` for what was missed. A subscription that an administrator has disabled
#     (AF20023) must be enabled by one.
package policies.management_api.audit_not_read

import data.policies.lib.facts
import data.policies.lib.management_api

applies if {
	not input.origin == "microsoft"
	not input.origin == "deleted"
	not _without_feed
	not _unlistable
}

deny contains {"key": {"feed": "audit_log"}, "evidence": {"status": "off"}} if {
	input.audit_log == "off"
	_feeds != set()
}

deny contains {"key": {"feed": subscription.content_type}, "evidence": evidence} if {
	some subscription in input.subscriptions
	_faulty(subscription)
	evidence := facts.pick(subscription, ["status", "started", "reason"])
}

unknown contains "grants" if object.get(input, "grants", null) == null

unknown contains "name of a permission" if {
	some row in management_api.of_list(input, "grants")
	"unclear" in {management_api.compare(row, name) | some name in _names}
}

unknown contains "audit_log" if not object.get(input, "audit_log", null) in {"on", "off"}

unknown contains "subscriptions" if {
	input.auditor == true
	not input.audit_log == "off"
	object.get(input, "subscriptions", null) in {null, []}
}

unknown contains "content type or status of a subscription" if {
	some subscription in input.subscriptions
	not _told(subscription)
}

_names := ["ActivityFeed.Read", "ActivityFeed.ReadDlp"]

# What the application certainly may read, and the subscriptions that it has.
_feeds contains name if {
	some name in _names
	some row in management_api.of_list(input, "grants")
	management_api.compare(row, name) == "same"
}

_feeds contains subscription.content_type if some subscription in input.subscriptions

_without_feed if {
	object.get(input, "subscriptions", null) in {null, []}
	is_array(input.grants)
	every row in management_api.of_list(input, "grants") {
		{"different"} == {management_api.compare(row, name) | some name in _names}
	}
}

_unlistable if {
	not input.auditor == true
	object.get(input, "subscriptions", null) in {null, []}
	input.audit_log == "on"
}

_told(subscription) if {
	is_string(subscription.content_type)
	is_boolean(subscription.started)
	subscription.status in {"enabled", "disabled", "missing"}
}

_faulty(subscription) if subscription.started == true

_faulty(subscription) if subscription.status in {"disabled", "missing"}
