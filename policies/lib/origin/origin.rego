# METADATA
# title: Where an application is registered
# scope: package
package policies.lib.origin

# METADATA
# description: Registered in another tenant, or by the platform; there is no manifest to read here.
elsewhere := {"foreign", "microsoft", "managed_identity"}

# METADATA
# description: Every origin there is.
known := elsewhere | {"own"}
