# METADATA
# title: Where an application is registered
# scope: package
package policies.lib.origin

# METADATA
# description: >-
#   Origins other than this tenant, and "deleted": only grants are left. Such applications have no manifest and no
#   owners to choose here.
elsewhere := {"foreign", "microsoft", "managed_identity", "deleted"}
