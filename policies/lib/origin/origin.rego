# METADATA
# title: Where an application is registered
# scope: package
package policies.lib.origin

# METADATA
# description: Origins other than this tenant. Such applications have no manifest and no owners to choose here.
elsewhere := {"foreign", "microsoft", "managed_identity"}
