# METADATA
# title: Container types are paid for
# description: >-
#   A trial of a container type ends after thirty days, and access to its containers with it. Without valid billing, a
#   container type cannot be registered, and nobody is known to pay for what is kept in its containers. Where the owning
#   side and the registration differ, the worse counts. An expiry in the year 1 says that there is none, which nobody
#   may say of a trial.
# scope: package
# schemas:
#   - input: schema.container_type
# related_resources:
#   - ref: https://learn.microsoft.com/graph/api/resources/filestoragecontainertype
#   - ref: https://learn.microsoft.com/sharepoint/dev/embedded/administration/billing/billing
# custom:
#   id: SPE-011
#   severity: medium
#   subject: container_type
#   requires: [container_type_registrations]
#   optional: [container_types]
#   absence: false
#   message: "{subject} ({evidence.billing}): {evidence.problem}"
#   remediation: >-
#     Move what is needed to a container type with standard billing: the kind of billing cannot be changed. Remove the
#     rest: DELETE /storage/fileStorage/containerTypeRegistrations/{id} after its containers, DELETE
#     /storage/fileStorage/containerTypes/{id} in the owning tenant. Invalid billing: SharePoint Online Management
#     Shell, Add-SPOContainerTypeBilling; for direct-to-customer billing, Microsoft 365 admin center > Settings > Org
#     settings > Pay-as-you-go services > SharePoint Embedded.
package policies.sharepoint_embedded.billing_expired

import data.policies.lib.facts

deny contains {"key": {"fault": "expired"}, "evidence": object.union(facts.pick(input, _details), problem)} if {
	is_number(input.days_left)
	input.days_left <= 0
	problem := {"problem": sprintf("expired on %s", [object.get(input, "expires_at", "a day that was not read")])}
}

deny contains {"key": {"fault": "billing"}, "evidence": object.union(facts.pick(input, _details), problem)} if {
	facts.folded(input, "billing_status") == "invalid"
	problem := {"problem": "the billing is invalid"}
}

unknown contains "billing_status" if facts.folded(input, "billing_status") == ""

unknown contains sprintf("meaning of billing status %s", [input.billing_status]) if {
	not facts.folded(input, "billing_status") in {"", "valid", "invalid"}
}

unknown contains "days_left: when the container type expires" if {
	not is_number(object.get(input, "days_left", null))
	_may_expire
}

_may_expire if {
	not _endless
}

# Whatever is not known to be paid for may be a trial.
_may_expire if {
	not facts.folded(input, "billing") in {"standard", "direct_to_customer"}
}

_endless if object.get(input, "expires_at", null) == null

_endless if startswith(input.expires_at, "0001-")

_details := ["billing", "billing_status", "expires_at", "days_left", "registered", "owning_app_id", "owning_app_name"]
