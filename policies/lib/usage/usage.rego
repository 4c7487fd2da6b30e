# METADATA
# title: What calls and their absence prove
# description: >-
#   That no call was seen says something where the look-back is long enough, without a hole, and reaches up to the day
#   of the audit; and of a grant that stood all the while. That one was seen says something for unused_days.
# scope: package
package policies.lib.usage

# METADATA
# description: Whether the look-back of an application proves what it does not show.
proves_absence(app) if {
	app.activity.whole == true
	app.activity.days >= data.config.unused_days
	is_number(app.activity.ago)
	app.activity.ago <= data.config.stale_days
	not _damaged(app)
}

# METADATA
# description: >-
#   Whether nothing is known of the calls of an identity of this program, because its own calls are left out of the
#   evidence. AUD-001 judges what it holds.
left_out(app) if {
	app.usage_left_out == true
	object.get(app, "least", null) == null
}

# METADATA
# description: >-
#   What the evidence tells of the use of a grant in the last unused_days - "used", "not_used", which counts where
#   proves_absence says so, and "unclear": there is no evidence, a use has no date, or a call since an old use may have
#   taken the permission.
taken(grant) := "used" if {
	grant.used == "used"
	is_number(grant.used_days)
	grant.used_days <= data.config.unused_days
} else := "not_used" if {
	grant.used == "not_used"
} else := "not_used" if {
	grant.used == "used"
	grant.idle == true
	is_number(grant.used_days)
} else := "unclear"

# METADATA
# description: The same of an operation of an application that was seen at some time.
called(app, use) := "used" if {
	is_number(use.days)
	use.days <= data.config.unused_days
} else := "not_used" if {
	is_number(use.days)
	proves_absence(app)
} else := "unclear"

# METADATA
# description: >-
#   For how long nothing took a grant, as evidence. What was used within the look-back has been idle since; of what was
#   used before it, the look-back tells.
silence(app, grant) := object.union(look_back(app), {"from": grant.last_used_at, "days": days}) if {
	grant.used == "used"
	days := grant.used_days - app.activity.ago
	days <= app.activity.days
} else := look_back(app)

# METADATA
# description: The look-back, as evidence.
look_back(app) := object.filter(app.activity, ["from", "to", "days"])

# METADATA
# description: >-
#   Whether a grant stood while its application was observed - "standing", "young" when that was for too short a time,
#   and "unclear" when it is not known since when it stands. Of a grant older than the look-back it is known that it
#   stood throughout, which a short one makes no less true.
standing(app, grant) := "young" if {
	is_number(grant.stood_most)
	grant.stood_most < data.config.unused_days
	grant.stood_most < app.activity.days
} else := "standing" if {
	grant.stood_least >= data.config.unused_days
} else := "unclear"

_damaged(app) if {
	some gap in app.incomplete
	gap.dataset == "graph_activity"
}
