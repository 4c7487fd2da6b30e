# METADATA
# title: Secrets and certificates
# scope: package
package policies.lib.credentials

# METADATA
# description: What a credential is called.
name(credential) := credential.key_id if {
	is_string(credential.key_id)
} else := credential.name if {
	is_string(credential.name)
} else := "unnamed"

# METADATA
# description: Those that have ended.
expired(app) := [credential | some credential in app.credentials; _ended(credential)]

# METADATA
# description: Certificates that have not ended, as far as is known.
certificates(app) := [credential | some credential in _lasting(app); credential.type == "certificate"]

# METADATA
# description: >-
#   Secrets that have not ended, as far as is known. The password of a signing certificate, which has the key id of the
#   certificate, is none.
secrets(app) := [credential |
	some credential in _lasting(app)
	credential.type == "secret"
	not object.get(credential, "key_id", "") in {other.key_id |
		some other in app.credentials
		other.type == "certificate"
	}
]

# METADATA
# description: Whether the key of a certificate is an RSA key of less than 2048 bits.
short(certificate) if {
	is_string(certificate.key_algorithm)
	lower(certificate.key_algorithm) == "rsa"
	is_number(certificate.key_bits)
	certificate.key_bits < 2048
}

# METADATA
# description: Whether it is known of a certificate that its key is none.
# scope: document
long(certificate) if {
	is_string(certificate.key_algorithm)
	lower(certificate.key_algorithm) != "rsa"
}

long(certificate) if {
	is_number(certificate.key_bits)
	certificate.key_bits >= 2048
}

_lasting(app) := [credential | some credential in app.credentials; not _ended(credential)]

_ended(credential) if {
	is_number(credential.days_left)
	credential.days_left <= 0
}
