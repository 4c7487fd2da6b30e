package manifest

import (
	"net/url"
	"strings"
)

// store is what a linked service tells of where it leads.
type store struct {
	base      []part // https://<host>[/<path>], or parts of it
	container bool   // the first segment of the path is a container, which must be known
	at        *node
}

// readDestination reads where a copy writes to, and in which tenant that is.
func (w *world) readDestination(r *row, a, props *node, s *scope) {
	w.fresh()
	sink := props.get("sink")
	output, c := w.dataset(sink, a.get("outputs"), s)
	var linked *binding
	if c == nil {
		linked, c = w.linkedService(output)
	}
	if c != nil {
		r.open(fieldDestination, c)
		r.open(fieldDestinationTenant, c)
		return
	}
	w.readLocation(r, output, linked)
	w.readSinkTenant(r, linked)
	for _, place := range []func(*node, *scope) *cause{w.staging, w.redirection} {
		if c := place(props, s); c != nil {
			r.open(fieldDestination, c)
		}
	}
}

// on says why a switch of a copy is, or may be, set; nil when it is not.
func (w *world) on(at *node, s *scope, format string, args ...any) *cause {
	if !present(at) {
		return nil
	}
	plain, c, ok := w.evaluate(at, s.env).known()
	if ok && strings.EqualFold(plain, "false") {
		return nil
	}
	if c == nil {
		c = because(at, format, args...)
	}
	return c
}

func (w *world) staging(props *node, s *scope) *cause {
	return w.on(props.get("enableStaging"), s, "the copy is staged, and writes to a second place on its way")
}

// redirection looks for the second place that rows are written to which the sink does not
// take (https://learn.microsoft.com/azure/data-factory/copy-activity-fault-tolerance).
func (w *world) redirection(props *node, s *scope) *cause {
	skips := w.on(props.get("enableSkipIncompatibleRow"), s, "rows that the sink does not take are skipped")
	if skips == nil {
		return nil
	}
	for _, name := range []string{"redirectIncompatibleRowSettings", "logSettings", "logStorageSettings"} {
		at := props.get(name)
		if !present(at) {
			continue
		}
		if log := at.get("enableCopyActivityLog"); present(log) && w.on(log, s, "") == nil {
			continue
		}
		return because(at, "rows that the sink does not take are written to a second place, which %s names", name)
	}
	return nil
}

// readSinkTenant reads the tenant of the sink. A linked service that names none is of
// the tenant that the factory is in.
func (w *world) readSinkTenant(r *row, linked *binding) {
	at := linked.def.props.path("typeProperties", "tenant")
	v := w.evaluate(at, linked.linkedEnv())
	id, c, ok := v.known()
	id = strings.ToLower(strings.TrimSpace(id))
	switch {
	case v.sort == nullSort, ok && id == "":
		if w.tenant == "" {
			r.open(fieldDestinationTenant, because(linked.def.root, "the linked service %s names no tenant, and the tenant that it is deployed in is not told", linked.def.title()))
			return
		}
		r.DestinationTenantID, r.DestinationAssumed = w.tenant, true
	case !ok && c == nil:
		r.open(fieldDestinationTenant, because(at, "the tenant is no text"))
	case !ok:
		r.open(fieldDestinationTenant, c)
	case !isGUID(id) && id != w.tenant:
		r.open(fieldDestinationTenant, because(at, "the tenant is not named by its id, which approvals have"))
	default:
		r.DestinationTenantID, r.DestinationAssumed = id, v.assumed
	}
}

// readLocation puts the location together from account, container and path.
func (w *world) readLocation(r *row, output, linked *binding) {
	name, _, _ := w.evaluate(linked.def.props.get("type"), &env{arm: linked.def.arm}).known()
	r.Destination = &destination{Type: name}
	to, c := w.store(strings.ToLower(name), linked)
	if c != nil {
		r.open(fieldDestination, c)
		return
	}
	host, segments, c := hostOf(to)
	if c != nil {
		r.open(fieldDestination, c)
		return
	}
	path := &location{segments: segments}
	if c := w.pathOf(path, strings.ToLower(name), output, linked); c != nil {
		r.open(fieldDestination, c)
		return
	}
	if to.container && len(path.segments) == 0 {
		if path.cut == nil {
			path.cut = because(output.def.root, "the dataset %s names no container", output.def.title())
		}
		r.open(fieldDestination, path.cut)
		return
	}
	for _, segment := range path.segments {
		if segment == "." || segment == ".." {
			r.open(fieldDestination, because(output.def.root, "the path goes through %s", segment))
			return
		}
	}
	r.Destination.Location = strings.Join(append([]string{"https://" + host}, path.segments...), "/")
	r.Destination.Partial = path.cut != nil
}

// location is a path being put together, up to the first segment that is not known.
type location struct {
	segments []string
	cut      *cause
}

// add appends what stands between slashes.
func (l *location) add(v value) *cause {
	parts, ok := v.asParts()
	if !ok {
		return &cause{reason: "a part of the path is no text"}
	}
	current := ""
	for _, p := range parts {
		if l.cut != nil {
			return nil
		}
		if p.cause != nil {
			l.cut = p.cause
			return nil
		}
		pieces := strings.Split(strings.ReplaceAll(p.text, `\`, "/"), "/")
		for _, piece := range pieces[:len(pieces)-1] {
			l.push(current + piece)
			current = ""
		}
		current += pieces[len(pieces)-1]
	}
	if l.cut == nil {
		l.push(current)
	}
	return nil
}

func (l *location) push(segment string) {
	if segment != "" {
		l.segments = append(l.segments, segment)
	}
}

// pathOf adds the path that a dataset names: its location, or in old datasets
// folderPath, which begins with the container.
func (w *world) pathOf(l *location, store string, output, linked *binding) *cause {
	props, in := output.def.props.get("typeProperties"), output.datasetEnv()
	place := props.object("location")
	if place == nil {
		place = props
	}
	if store == "lakehouse" {
		if root := linked.def.props.path("typeProperties", "rootFolder"); present(root) {
			if c := l.add(w.evaluate(root, linked.linkedEnv())); c != nil {
				return c
			}
		} else if present(props.get("table")) {
			l.push("Tables")
		} else if place != props {
			l.push("Files")
		}
	}
	names := []string{"container", "fileSystem", "bucketName", "folderPath", "fileName"}
	if store == "lakehouse" {
		names = []string{"schema", "table", "folderPath", "fileName"}
	}
	if store == "azuresqldatabase" {
		names = nil
	}
	for _, name := range names {
		at := place.get(name)
		if !present(at) {
			continue
		}
		// Only in old datasets does the folder begin with the container.
		below := place != props && containers(store) && (name == "folderPath" || name == "fileName")
		if below && len(l.segments) == 0 && l.cut == nil {
			return because(output.def.root, "the dataset %s names no container", output.def.title())
		}
		v := w.evaluate(at, in)
		if (name == "container" || name == "fileSystem") && len(l.segments) > 0 {
			if first, _, ok := v.known(); !ok || first != l.segments[0] {
				return because(at, "the linked service and the dataset name different containers")
			}
			continue
		}
		if c := l.add(v); c != nil {
			c.at = at
			return c
		}
	}
	return nil
}

// containers reports whether paths in a store of this type begin with a container
// (https://learn.microsoft.com/azure/data-factory/connector-azure-blob-storage).
func containers(store string) bool {
	return store == "azureblobfs" || store == "azureblobstorage" || store == "azurestorage"
}

// hostOf takes an address apart. The query, where keys stand, is dropped.
func hostOf(to *store) (host string, segments []string, c *cause) {
	plain, c, ok := value{sort: textSort, parts: to.base}.known()
	if !ok {
		return "", nil, c
	}
	plain = strings.TrimSpace(plain)
	if !strings.Contains(plain, "://") {
		plain = "https://" + plain
	}
	u, err := url.Parse(plain)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Hostname(), "*<>{}$ ") {
		return "", nil, because(to.at, "the address of the sink cannot be read")
	}
	if strings.HasPrefix(strings.ToLower(u.Scheme), "abfs") && u.User.Username() != "" {
		segments = append(segments, u.User.Username())
	}
	host = strings.ToLower(u.Hostname())
	if port := u.Port(); port != "" && port != "443" {
		host += ":" + port
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment != "" {
			segments = append(segments, segment)
		}
	}
	return host, segments, nil
}
