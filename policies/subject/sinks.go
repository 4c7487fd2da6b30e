package subject

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// sinkLocations brings sinks into the form https://<host>/<container>/<path> that
// destinations of pipelines have. unclear is true when one of them is in no form that
// names a place: an application may then write to places that are not listed.
func sinkLocations(sinks []string) (locations []string, unclear bool) {
	if sinks == nil {
		return nil, false
	}
	locations = []string{}
	for _, sink := range sinks {
		location, ok := sinkLocation(sink)
		switch {
		case !ok:
			unclear = true
		case !slices.Contains(locations, location):
			locations = append(locations, location)
		}
	}
	return locations, unclear
}

// sinksUnread are the sinks that are in no form that names a place, without their query:
// keys may stand there.
func sinksUnread(sinks []string) []string {
	var unread []string
	for _, sink := range sinks {
		if _, ok := sinkLocation(sink); !ok {
			before, query, _ := strings.Cut(strings.TrimSpace(sink), "?")
			if query != "" {
				before += "?…"
			}
			unread = append(unread, before)
		}
	}
	return unread
}

// sinkLocation reads one sink: a URL of the storage account, container or folder, the
// same as Hadoop's drivers write it (abfss://container@host/path, see
// https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-introduction-abfs-uri), or
// the account's host alone. The ARM id of an account names no host, and blob and dfs hosts
// of one account are different sinks, so it is no place.
func sinkLocation(sink string) (string, bool) {
	sink = strings.TrimSpace(sink)
	if !strings.Contains(sink, "://") {
		sink = "https://" + sink
	}
	u, err := url.Parse(sink)
	if err != nil || u.Opaque != "" || u.Fragment != "" || !signatureOnly(u) {
		return "", false
	}
	container := ""
	switch strings.ToLower(u.Scheme) {
	case "https":
		if u.User != nil {
			return "", false
		}
	case "abfss", "abfs", "wasbs", "wasb":
		if _, secret := u.User.Password(); u.User.Username() == "" || strings.Contains(u.User.Username(), "/") || secret {
			return "", false
		}
		container = "/" + u.User.Username()
	default:
		return "", false
	}
	host := strings.ToLower(u.Hostname())
	if port := u.Port(); port != "" && port != "443" || !regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`).MatchString(host) {
		return "", false
	}
	path, ok := sinkPath(container, u)
	return "https://" + host + path, ok
}

// signatureOnly reports whether what stands after the path is nothing, or a shared access
// signature: that says who may write, not where
// (https://learn.microsoft.com/azure/storage/common/storage-sas-overview). Anything else may
// name the place.
func signatureOnly(u *url.URL) bool {
	if u.RawQuery == "" {
		return true
	}
	query, err := url.ParseQuery(u.RawQuery)
	return err == nil && query.Get("sig") != ""
}

// sinkPath is the path below the host, without a final slash; false when it is not sure
// what place it names.
func sinkPath(container string, u *url.URL) (string, bool) {
	path := strings.TrimRight(container+u.Path, "/")
	if path == "" {
		return "", true
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." || strings.ContainsAny(segment, `\*?`) {
			return "", false
		}
	}
	written := strings.ToLower(u.EscapedPath())
	return path, path[0] == '/' && !strings.Contains(written, "%2f")
}
