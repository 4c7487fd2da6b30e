# METADATA
# title: What leastwise itself holds and needs
# description: >-
#   Reading a dataset takes any one of the permissions of a need: one of those that are the least there is, or one that
#   is accepted and allows more. A dataset may have several needs, each of which must be met. Names of permissions are
#   compared in lower case.
# scope: package
package policies.lib.needs

import data.policies.lib.facts

# METADATA
# description: What tokens carry so that a person can sign in. Nobody holds too much with it.
sign_in_scopes := {"email", "offline_access", "openid", "profile", "user.read"}

# METADATA
# description: Whether a need says what it is about.
readable(need) if {
	is_string(need.dataset)
	is_array(need.least)
}

# METADATA
# description: The permissions that are the least for a need.
least(need) := _folded(need, "least")

# METADATA
# description: The further permissions that serve a need.
accepted(need) := _folded(need, "accepted")

# METADATA
# description: The least permissions of a need, as text.
alternatives(need) := concat(" or ", need.least)

# METADATA
# description: What is not known of the permissions that an identity holds.
unknown_holdings(identity) := {"held permissions: the token is opaque"} if {
	identity.opaque == true
} else := {"held permissions"} if {
	object.get(identity, "held", null) == null
} else := {"the name of a held permission" | some row in identity.held; facts.folded(row, "permission") == ""}

# METADATA
# description: What is not known of the needs of an identity.
unknown_needs(identity) := {"needs: the snapshot does not say what its datasets take"} if {
	object.get(identity, "needs", null) == null
} else := {"what a dataset takes" | some need in identity.needs; not readable(need)}

_folded(need, member) := {lower(name) | some name in object.get(need, member, [])}
