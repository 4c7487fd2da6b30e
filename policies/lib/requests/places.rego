package policies.lib.requests

import data.policies.lib.sinks

_destination(i) := "unknown" if {
	not _clean(_location)
} else := "ok" if {
	_place(_locations(i), i, _location) == "within"
} else := "unknown" if {
	_place(_locations(i), i, _location) == "unclear"
} else := "unknown" if {
	not input.destination.partial == false
	some sink in _locations(i)
	_place([_location], i, sink) == "within"
} else := "broken" if {
	is_array(_locations(i))
} else := "unknown"

_locations(i) := _of_approval(i, "sink_locations")

_place(locations, i, location) := sinks.verdict(
	{"sinks": [], "sink_locations": locations, "sinks_unclear": object.get(input.approvals[i], "sinks_unclear", true)},
	location,
)

_location := object.get(input, ["destination", "location"], null)

# A path with steps back, empty steps or escapes may end up elsewhere than it seems to.
_clean(location) if {
	is_string(location)
	regex.match(`^https://[^/\s?#%\\]+(/[^/?#%\\]+)*$`, location)
	not regex.match(`/\.\.?(/|$)`, location)
}
