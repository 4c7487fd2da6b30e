# METADATA
# title: Where data is written to
# description: >-
#   An approved application may write to the sinks of its approval, and to anywhere below them. Sinks are compared as
#   https://<host>/<container>/<path>, the host without regard to case; the blob and the dfs host of one storage
#   account are two.
# scope: package
package policies.lib.sinks

# METADATA
# description: >-
#   Whether a sink is "within" the sinks of an approval, "beyond" them, or "unclear" because it, or one of theirs, is
#   in no form that can be compared.
# scope: document
default verdict(_, _) := "unclear"

verdict(app, sink) := "within" if {
	some approved in app.sinks
	_same(sink, approved)
} else := "within" if {
	place := _place(sink)
	some approved in app.sink_locations
	_below(place, _place(approved))
} else := "beyond" if {
	app.sinks_unclear == false
	is_array(app.sinks)
	_place(sink)
	every approved in app.sink_locations {
		_place(approved)
	}
}

_same(a, b) if {
	is_string(a)
	is_string(b)
	_folded(a) == _folded(b)
}

# Scheme and host go without regard to case, containers and paths with it.
_folded(sink) := concat("", [lower(parts[1]), parts[2], lower(parts[3]), parts[4]]) if {
	address := trim_right(trim_space(sink), "/")
	parts := regex.find_all_string_submatch_n(`^([A-Za-z]+://|)([^/@]*@|)([^/]*)(.*)$`, address, 1)[0]
}

# [host, container, path, …] of a URL that names one place.
_place(sink) := array.concat([host], array.slice(steps, 3, count(steps))) if {
	is_string(sink)
	url := trim_right(trim_space(sink), "/")
	regex.match(`^(?i)https://[a-z0-9-]+(\.[a-z0-9-]+)+(:443)?(/[^/?#*%\\@]+)*$`, url)
	steps := split(url, "/")
	{".", ".."} & {step | some step in steps} == set()
	host := trim_suffix(lower(steps[2]), ":443")
}

_below(place, approved) if array.slice(place, 0, count(approved)) == approved
