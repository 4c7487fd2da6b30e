# METADATA
# title: Who held an approving role when an approval was given
# description: >-
#   The directory tells which roles somebody holds now, audit events tell who was given or lost them since. From both
#   follows what was held at the instant of an approval: the first change after it says what was there just before;
#   without a change it is as it is now. A story that contradicts itself is not clear, for then events are missing.
# scope: package
package policies.lib.roles

# METADATA
# description: >-
#   The roles that may approve Data Connect applications, by template id
#   (https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference).
approving := {
	"62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
	"ee67aa9c-e510-4759-b906-227085a7fd4d": "Microsoft Graph Data Connect Administrator",
}

# METADATA
# description: Whether the approver held one of them when it approved - "held", "not held" or "unclear".
verdict(app) := _best({at_approval(app, role) | some role, _ in approving})

# METADATA
# description: What is known of each of them, as evidence.
findings(app) := [{"role": name, "now": _now(app, role), "changes": changes} |
	some role, name in approving
	changes := [object.filter(event, ["at", "change", "by"]) | some event in _events(app, role)]
]

# METADATA
# description: Whether role events are complete from the approval on.
covered(app) if {
	app.role_coverage.whole == true
	is_string(app.role_coverage.from)
	is_string(app.approved_at)
	time.parse_rfc3339_ns(app.role_coverage.from) <= time.parse_rfc3339_ns(app.approved_at)
}

# METADATA
# description: Whether one role was held at the instant of the approval, in the words of verdict.
# scope: document
default at_approval(_, _) := "unclear"

at_approval(app, role) := "held" if {
	_told(app, role)
	_activated(app, role)
} else := _doubted(app, role, _held_before[_first(app, role)]) if {
	_told(app, role)
	not _contradictory(app, role)
} else := _doubted(app, role, _now(app, role)) if {
	_told(app, role)
	not _contradictory(app, role)
}

# What a change says of the time just before it.
_held_before := {"removed": "held", "added": "not held"}

_best(verdicts) := "held" if {
	"held" in verdicts
} else := "unclear" if {
	"unclear" in verdicts
} else := "not held"

# Whether all is there that the story is made of.
_told(app, role) if {
	covered(app)
	is_array(app.approver_roles)
	is_array(app.approver_role_events)
	_now(app, role) != "unclear"
	every event in _events(app, role) {
		_placed(app, event)
	}
}

_placed(app, event) if {
	event.role_id in object.keys(approving)
	event.change in {"added", "removed"}
	is_boolean(event.after_approval)
	is_string(event.at)
	not _same_day(app.approved_at, event.at)
}

# A decision may be dated by its day alone: what happened on that day is neither before nor after it.
_same_day(approved_at, at) if {
	endswith(approved_at, "T00:00:00Z")
	startswith(at, substring(approved_at, 0, 10))
}

# Of a change of a role that is not named it is not known whether it is this one. What is older than the time that is
# covered proves nothing.
_events(app, role) := [event |
	some event in app.approver_role_events
	_concerns(event, role)
	not _uncovered(app, event)
]

_concerns(event, role) if event.role_id == role

_concerns(event, _) if not is_string(object.get(event, "role_id", null))

_uncovered(app, event) if {
	is_string(event.at)
	is_string(app.role_coverage.from)
	time.parse_rfc3339_ns(event.at) < time.parse_rfc3339_ns(app.role_coverage.from)
}

_changes(app, role, after) := [event.change | some event in _events(app, role); event.after_approval == after]

_first(app, role) := array.concat(_changes(app, role, true), ["none"])[0]

_last(changes) := array.concat(["none"], changes)[count(changes)]

_now(app, role) := "held" if {
	some hold in app.approver_roles
	hold.role_id == role
	hold.via == "assigned"
	hold.scope == "/"
} else := "unclear" if {
	some hold in app.approver_roles
	not _clear(hold, role)
} else := "not held"

_clear(hold, role) if {
	is_string(hold.role_id)
	hold.role_id != role
}

_clear(hold, _) if hold.via in {"eligible", "group"}

_clear(hold, _) if {
	hold.via == "assigned"
	is_string(hold.scope)
}

# The same change on both sides of the approval, or a last change that did not lead to what is held now.
_contradictory(app, role) if {
	_first(app, role) != "none"
	_last(_changes(app, role, false)) == _first(app, role)
}

_contradictory(app, role) if {
	changes := array.concat(_changes(app, role, false), _changes(app, role, true))
	_held_before[_last(changes)] == _now(app, role)
}

# Privileged Identity Management activates a role for a day at most.
_activated(app, role) if {
	_may(app, role, {"eligible"})
	before := [event | some event in _events(app, role); event.after_approval == false]
	latest := before[count(before) - 1]
	latest.change == "added"
	approved := time.parse_rfc3339_ns(app.approved_at)
	approved - time.parse_rfc3339_ns(latest.at) <= ((24 * 60) * 60) * 1000000000
}

# Whoever may activate a role, or may be in a group that holds it, could have held it.
_doubted(app, role, word) := "unclear" if {
	word == "not held"
	_may(app, role, {"eligible", "group"})
} else := word

_may(app, role, ways) if {
	some hold in app.approver_roles
	hold.role_id in {role, ""}
	hold.via in ways
}
