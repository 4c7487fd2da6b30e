package policies.lib.requests

# The approvals that count, by their index. What merely stands in the register is none where the events of all the time
# that an approval lasts are known, and tell of no decision; else there may be one. What the register calls pending or
# denied is the better yardstick.
_listed := [i | some i, _ in input.approvals; not _never(i)]

_never(i) if {
	reaches
	_undecided(i)
	object.get(input.approvals[i], "doubts", []) == []
}

_undecided(i) if {
	approval := input.approvals[i]
	every field in ["state", "approved_at", "expires_at", "datasets", "sinks", "destination_tenant_id"] {
		object.get(approval, field, null) == null
	}
}
