package manifest

import "strings"

// isTeams tells the manifest of a Microsoft 365 app that says of permissions
// (https://learn.microsoft.com/microsoft-365/extensibility/schema).
func isTeams(n *node) bool {
	if specific := n.path("authorization", "permissions", "resourceSpecific"); specific != nil && specific.shape == aList {
		return true
	}
	if n.shape != anObject || n.get("manifestVersion") == nil && !strings.Contains(n.str("$schema"), "MicrosoftTeams.schema.json") {
		return false
	}
	return present(n.get("webApplicationInfo")) || present(n.path("authorization", "permissions"))
}

// microsoftGraph is the application id of Microsoft Graph, the same in every cloud.
const microsoftGraph = "00000003-0000-0000-c000-000000000000"

// teams reads the resource-specific permissions of a Microsoft 365 app: who installs it into a team, chat or
// meeting grants them there. Before version 1.12 of the schema they stood in webApplicationInfo and had no type
// (https://learn.microsoft.com/microsoftteams/platform/graph-api/rsc/grant-resource-specific-consent).
func (w *world) teams(n *node) {
	a := w.newApp(n, formatTeams, "")
	a.row.Requests = []appRequest{}
	a.title(n.path("name", "full"), n.path("name", "short"), n.get("packageName"))
	if info := a.object(n.get("webApplicationInfo"), fieldRequests); info != nil {
		a.appID(info.get("id"))
		texts, _ := a.texts(fieldRequests, info.get("applicationPermissions"))
		for _, name := range texts {
			a.specific(name.text, kindOfApplication, true, name.line)
		}
	}
	permissions := a.object(a.object(n.get("authorization"), fieldRequests).get("permissions"), fieldRequests)
	a.appPermissions(permissions.get("resourceSpecific"), true)
	a.appPermissions(permissions.get("orgWide"), false)
	if permissions != nil {
		for _, m := range permissions.members {
			if !strings.EqualFold(m.name, "resourceSpecific") && !strings.EqualFold(m.name, "orgWide") && present(m.value) {
				w.appFault(m.value, "permissions of the kind %s are not read; hint: audit the tenant after the app is installed", m.name)
			}
		}
	}
}

// appPermissions reads permissions by name: for single teams, chats and users, or for the whole tenant.
func (a *appReader) appPermissions(n *node, single bool) {
	list, _ := a.objects(fieldRequests, n)
	for _, permission := range list {
		name, kind := permission.get("name"), permission.get("type")
		if !present(name) || !present(kind) {
			a.wrong(permission, "the permission has no name or no type; hint: {\"name\": \"ChannelMessage.Read.Group\", \"type\": \"Application\"}")
			continue
		}
		text, _ := a.text(fieldRequests, name)
		switch as, known := a.text(fieldRequests, kind); {
		case !known:
			a.specific(text, "", single, permission.line)
		case strings.EqualFold(as, "Application"):
			a.specific(text, kindOfApplication, single, permission.line)
		case strings.EqualFold(as, "Delegated"):
			a.specific(text, kindOfUser, single, permission.line)
		default:
			a.wrong(kind, "type %q is neither Application nor Delegated; hint: one of the two", as)
		}
	}
}

func (a *appReader) specific(name, kind string, single bool, line int) {
	a.row.Requests = append(a.row.Requests, appRequest{ResourceAppID: microsoftGraph, Name: strings.TrimSpace(name), Kind: kind, Specific: single, Line: line})
}
