package manifest

import (
	"slices"
	"strings"
)

// store reads the address of a linked service. Keys, tokens and connection strings
// are taken apart for account and host, and never kept. Of expressions that keep it from
// being known nothing is told that may be one of them.
func (w *world) store(name string, linked *binding) (*store, *cause) {
	w.fresh()
	to, c := w.storeOf(name, linked)
	if to != nil {
		to.base = slices.Clone(to.base)
		for i := range to.base {
			to.base[i].cause = to.base[i].cause.veiled()
		}
	}
	return to, c.veiled()
}

func (w *world) storeOf(name string, linked *binding) (*store, *cause) {
	props, in := linked.def.props.get("typeProperties"), linked.linkedEnv()
	switch name {
	case "azureblobfs":
		return w.address(linked, props.get("url"), in, true)
	case "azureblobstorage", "azurestorage":
		for _, member := range []string{"serviceEndpoint", "sasUri", "containerUri"} {
			if at := props.get(member); present(at) {
				return w.address(linked, at, in, true)
			}
		}
		return w.connectionString(linked, props.get("connectionString"), in)
	case "azuredatalakestore":
		return w.lakeStore(linked, props, in)
	case "lakehouse":
		return w.lakehouse(linked, props, in)
	case "azuresqldatabase":
		return w.sqlDatabase(linked, props, in)
	case "":
		return nil, because(linked.def.root, "the type of the linked service %s cannot be told", linked.def.title())
	}
	return nil, because(linked.def.root, "where a linked service of the type %s leads is not known", name)
}

// address reads a URL. A secret one is read for its host, as an SAS URL is often kept.
func (w *world) address(linked *binding, at *node, in *env, container bool) (*store, *cause) {
	if !present(at) {
		return nil, because(linked.def.root, "the linked service %s names no address", linked.def.title())
	}
	v := w.evaluate(secretValue(at), in)
	parts, ok := v.asParts()
	if !ok || v.sort == nullSort {
		return nil, because(at, "the address of the linked service %s is no text", linked.def.title())
	}
	return &store{base: beforeQuery(parts), container: container, at: at}, nil
}

// secretValue is the value of a secure string that stands in the file, for what in it
// is no secret.
func secretValue(at *node) *node {
	if at.isType("SecureString") && at.get("value") != nil {
		return at.get("value")
	}
	return at
}

// beforeQuery cuts an address at its query or fragment.
func beforeQuery(parts []part) []part {
	for i, p := range parts {
		if p.cause != nil {
			continue
		}
		if at := strings.IndexAny(p.text, "?#"); at >= 0 {
			return append(parts[:i:i], part{text: p.text[:at]})
		}
	}
	return parts
}

// connectionString reads the host out of the connection string of a storage account
// (https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string).
func (w *world) connectionString(linked *binding, at *node, in *env) (*store, *cause) {
	if !present(at) {
		return nil, because(linked.def.root, "the linked service %s names no address", linked.def.title())
	}
	v := w.evaluate(secretValue(at), in)
	settings, c := settingsOf(v, at)
	if c != nil {
		return nil, c
	}
	if endpoint, ok := settings["blobendpoint"]; ok {
		return &store{base: beforeQuery(endpoint.parts), container: true, at: at}, nil
	}
	account, ok := settings["accountname"]
	if !ok || account.empty() {
		if c := v.doubt(); c != nil {
			return nil, c
		}
		return nil, because(at, "the connection string names no account that can be read")
	}
	suffix, ok := settings["endpointsuffix"]
	if !ok || suffix.empty() {
		suffix = textValue("core.windows.net")
	}
	base := append([]part{{text: "https://"}}, account.parts...)
	base = append(base, part{text: ".blob."})
	return &store{base: append(base, suffix.parts...), container: true, at: at}, nil
}

func (v value) empty() bool {
	plain, _, ok := v.known()
	return ok && strings.TrimSpace(plain) == ""
}

// settingsOf takes a connection string apart: name=value;name=value. Names are in
// lower case without spaces. What follows a part that is not known, up to the next
// semicolon, is not known either.
func settingsOf(v value, at *node) (map[string]value, *cause) {
	parts, ok := v.asParts()
	if !ok || v.sort == nullSort {
		return nil, because(at, "the connection string is no text")
	}
	settings := map[string]value{}
	var current []part
	finish := func() {
		if len(current) > 0 && current[0].cause == nil {
			if name, rest, found := strings.Cut(current[0].text, "="); found {
				kept := append([]part{{text: rest}}, current[1:]...)
				settings[strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "")] = value{sort: textSort, parts: kept}
			}
		}
		current = nil
	}
	for _, p := range parts {
		if p.cause != nil {
			current = append(current, p)
			continue
		}
		for i, piece := range strings.Split(p.text, ";") {
			if i > 0 {
				finish()
			}
			if piece != "" {
				current = append(current, part{text: piece})
			}
		}
	}
	finish()
	return settings, nil
}

// lakeStore is Data Lake Storage Gen1.
func (w *world) lakeStore(linked *binding, props *node, in *env) (*store, *cause) {
	if at := props.get("dataLakeStoreUri"); present(at) {
		to, c := w.address(linked, at, in, false)
		if c != nil || len(to.base) == 0 {
			return to, c
		}
		if last := &to.base[len(to.base)-1]; last.cause == nil {
			last.text = strings.TrimSuffix(strings.TrimSuffix(last.text, "/"), "/webhdfs/v1")
		}
		return to, nil
	}
	at := props.get("accountName")
	to, c := w.address(linked, at, in, false)
	if c == nil {
		to.base = append(append([]part{{text: "https://"}}, to.base...), part{text: ".azuredatalakestore.net"})
	}
	return to, c
}

// ownWorkspace stands in files that Fabric keeps in Git for the workspace that they
// are deployed to.
const ownWorkspace = "00000000-0000-0000-0000-000000000000"

// lakehouse is a lakehouse of Fabric, as OneLake serves it
// (https://learn.microsoft.com/fabric/onelake/onelake-access-api).
func (w *world) lakehouse(linked *binding, props *node, in *env) (*store, *cause) {
	base := []string{"https://onelake.dfs.fabric.microsoft.com"}
	for _, name := range []string{"workspaceId", "artifactId"} {
		at := props.get(name)
		if !present(at) {
			return nil, because(linked.def.root, "the lakehouse %s names no %s", linked.def.title(), name)
		}
		id, c, ok := w.evaluate(at, in).known()
		switch id = strings.ToLower(strings.TrimSpace(id)); {
		case !ok && c != nil:
			return nil, c
		case id == ownWorkspace:
			return nil, because(at, "the %s is that of the place it is deployed to", name)
		case !isGUID(id):
			return nil, because(at, "%s is not a GUID", name)
		}
		base = append(base, id)
	}
	return &store{base: []part{{text: strings.Join(base, "/")}}, at: linked.def.root}, nil
}

// sqlDatabase is https://<server>/<database>.
func (w *world) sqlDatabase(linked *binding, props *node, in *env) (*store, *cause) {
	settings := map[string]value{}
	if at := props.get("connectionString"); present(at) {
		found, c := settingsOf(w.evaluate(secretValue(at), in), at)
		if c != nil {
			return nil, c
		}
		settings = found
	}
	pick := func(names ...string) value {
		for _, name := range names {
			if at := props.get(name); present(at) {
				return w.evaluate(at, in)
			}
			if v, ok := settings[name]; ok {
				return v
			}
		}
		return value{}
	}
	server, sc, ok := pick("server", "datasource").known()
	database, dc, named := pick("database", "initialcatalog").known()
	switch {
	case sc != nil:
		return nil, sc
	case dc != nil:
		return nil, dc
	case !ok || !named || server == "" || database == "":
		return nil, because(linked.def.root, "the linked service %s names no server and database that can be read", linked.def.title())
	}
	server = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(server)), "tcp:")
	server, _, _ = strings.Cut(server, ",")
	return &store{base: []part{{text: "https://" + server + "/" + database}}, container: true, at: linked.def.root}, nil
}
