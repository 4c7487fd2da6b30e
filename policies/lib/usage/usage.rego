# METADATA
# title: What the absence of calls proves
# description: >-
#   That no call was seen says something where the look-back is long enough, without a hole, and reaches up to the day
#   of the audit; and of a grant that stood all the while.
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
