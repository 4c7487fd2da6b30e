# METADATA
# title: Approvals of Data Connect applications
# scope: package
package policies.lib.approvals

import data.policies.lib.facts

# METADATA
# description: States in which an approval is, or until its expiry was, in force.
in_force := {"approved", "update_available"}

# METADATA
# description: States in which there is no approval.
refused := {"pending", "denied"}

# METADATA
# description: Every state there is. Expiry is a date, not a state.
known := in_force | refused

# METADATA
# description: What proves how long an approval lasts.
evidence(app) := facts.pick(app, ["state", "approved_at", "valid_days", "expires_at", "days_left", "expiry_conflict"])
