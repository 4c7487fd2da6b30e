# METADATA
# title: Secrets and certificates
# scope: package
package policies.lib.credentials

import data.policies.lib.facts
import data.policies.lib.keys

# METADATA
# description: What a credential is called.
name(credential) := credential.key_id if {
	is_string(credential.key_id)
} else := credential.name if {
	is_string(credential.name)
} else := "unnamed"

# METADATA
# description: Those that have ended.
expired(app) := [credential | some credential in app.credentials; ended(credential)]

# METADATA
# description: Certificates that have not ended, as far as is known.
certificates(app) := [credential | some credential in _lasting(app); credential.type == "certificate"]

# METADATA
# description: >-
#   Secrets that have not ended, as far as is known. The password of a service principal's signing certificate, which
#   has the key id of the certificate, is none.
secrets(app) := [credential |
	some credential in _lasting(app)
	credential.type == "secret"
	not _opens_certificate(app, credential)
]

# Tokens are signed for a service principal, and not for its registration.
_opens_certificate(app, credential) if {
	credential.of == "service_principal"
	some other in app.credentials
	other.key_id == credential.key_id
	other.of == "service_principal"
	not other.type == "secret"
	other.usage == "sign"
}

# METADATA
# description: >-
#   What identifies a credential in a finding. Others may have the same name, with another end.
key(credential) := object.union({"credential": name(credential)}, object.filter(credential, ["of"])) if {
	is_string(credential.key_id)
} else := object.union({"credential": name(credential)}, keys.told(credential, ["of", "ends"]))

# METADATA
# description: The same in one text.
identity(credential) := name(credential) if {
	is_string(credential.key_id)
} else := sprintf("%s until %s", [name(credential), credential.ends]) if {
	is_string(credential.ends)
} else := name(credential)

# METADATA
# description: Whether a credential has not ended. One that begins later counts.
lasting(credential) if {
	is_number(credential.days_left)
	credential.days_left > 0
}

# METADATA
# description: Whether it is not known if a credential has ended.
undated(credential) if object.get(credential, "days_left", null) == null

# METADATA
# description: Whether it is not known if a credential is a secret or a certificate.
untyped(credential) if not object.get(credential, "type", null) in {"secret", "certificate"}

# METADATA
# description: Whether the key of a certificate is an RSA key of less than 2048 bits.
short(certificate) if {
	facts.folded(certificate, "key_algorithm") == "rsa"
	is_number(certificate.key_bits)
	certificate.key_bits < 2048
}

# METADATA
# description: Whether it is known of a certificate that its key is none.
# scope: document
long(certificate) if not facts.folded(certificate, "key_algorithm") in {"", "rsa"}

long(certificate) if {
	is_number(certificate.key_bits)
	certificate.key_bits >= 2048
}

_lasting(app) := [credential | some credential in app.credentials; not ended(credential)]

# METADATA
# description: Whether a credential has certainly ended.
ended(credential) if {
	is_number(credential.days_left)
	credential.days_left <= 0
}
