package manifest

import (
	"slices"
	"strings"
)

// registrationFormat tells the manifest of a registration, in the form of Microsoft Graph
// (https://learn.microsoft.com/entra/identity-platform/reference-microsoft-graph-app-manifest) or in that of the
// former Azure AD Graph (https://learn.microsoft.com/entra/identity-platform/azure-active-directory-graph-app-manifest-deprecation);
// "" for something else. Service principals, which have much in common with it, are told apart by their type.
func registrationFormat(n *node) string {
	if n.shape != anObject {
		return ""
	}
	has := func(name string) bool {
		return slices.ContainsFunc(n.members, func(m member) bool { return strings.EqualFold(m.name, name) })
	}
	legacy := []string{
		"replyUrlsWithType", "oauth2AllowImplicitFlow", "oauth2AllowIdTokenImplicitFlow", "availableToOtherTenants", "oauth2AllowUrlPathMatching",
	}
	named := has("appId") || has("displayName") || has("name") || has("id")
	switch {
	case strings.EqualFold(n.str("@odata.type"), "#microsoft.graph.servicePrincipal"),
		present(n.get("servicePrincipalType")) && !has("requiredResourceAccess"):
		return ""
	case (named || has("replyUrlsWithType")) && slices.ContainsFunc(legacy, has):
		return formatLegacy
	case has("requiredResourceAccess"), strings.EqualFold(n.str("@odata.type"), "#microsoft.graph.application"),
		strings.Contains(n.str("@odata.context"), "$metadata#applications/$entity"),
		has("signInAudience") && (has("displayName") || has("appId")), has("appId") && slices.ContainsFunc(platforms, n.isPlatform):
		return formatEntra
	}
	return ""
}

// platforms are members of an application, and of nothing else that has an appId.
var platforms = []string{"web", "spa", "publicClient", "api"}

// isPlatform reports whether a member is what an application has by that name.
func (n *node) isPlatform(name string) bool {
	at := n.object(name)
	return at != nil && (present(at.get("redirectUris")) || present(at.get("implicitGrantSettings")) ||
		present(at.get("preAuthorizedApplications")) || present(at.get("oauth2PermissionScopes")))
}

// accessNames are those of requiredResourceAccess
// (https://learn.microsoft.com/graph/api/resources/requiredresourceaccess).
var accessNames = [4]string{"resourceAppId", "resourceAccess", "id", "type"}

// registrations reads the manifests of a file: one, a list of them as Graph and the command line give them out,
// or a bare list of what one asks for, as the command line takes it.
func (w *world) registrations(root *node) bool {
	found := false
	var others []*node
	for _, n := range candidates(root) {
		switch registrationFormat(n) {
		case formatEntra:
			found = true
			w.newApp(n, formatEntra, "").registration(n)
		case formatLegacy:
			found = true
			w.newApp(n, formatLegacy, "").registration(n)
		default:
			others = append(others, n)
		}
	}
	if found {
		for _, n := range others {
			w.appFault(n, "what stands in a list of applications is not recognised as one, and is not judged; hint: take it out of the list, or write it as Entra has it")
		}
		if next := root.get("@odata.nextLink"); present(next) {
			w.appFault(next, "this is one page of an answer, and the others are not here; hint: save all of them")
		}
	}
	if found || root.shape != aList || len(root.list) == 0 {
		return found
	}
	if slices.ContainsFunc(root.list, func(n *node) bool { return n.get("resourceAppId") == nil || n.get("resourceAccess") == nil }) {
		return false
	}
	a := w.newApp(root, formatEntra, "requiredResourceAccess")
	a.asked(root, accessNames)
	a.row.Name = root.file.base()
	return true
}

// registration reads an application: what it has of Graph's form
// (https://learn.microsoft.com/graph/api/resources/application) and of that of the former Azure AD Graph. A file may have
// members of both, and whichever the tool that applies it does not know is not for us to tell.
func (a *appReader) registration(n *node) {
	a.appID(n.get("appId"))
	a.objectID(n.get("id"))
	a.title(n.get("displayName"), n.get("name"), n.get("uniqueName"))
	a.row.UniqueName = a.plain(fieldIdentity, n.get("uniqueName"))
	a.audience(n.get("signInAudience"))
	a.asked(n.get("requiredResourceAccess"), accessNames)
	a.platforms(n)
	a.legacy(n)
	a.credentials(n.get("passwordCredentials"), "secret")
	a.credentials(n.get("keyCredentials"), "certificate")
	a.publisher(n.get("verifiedPublisher"))
	if list, told := a.objects(fieldFederated, n.get("federatedIdentityCredentials")); told {
		a.row.Federated = []appFederated{}
		for _, credential := range list {
			a.federated(credential)
		}
	}
}

// platforms reads the members web, spa, publicClient and api.
func (a *appReader) platforms(n *node) {
	web := a.object(n.get("web"), fieldRedirects, fieldImplicit)
	a.redirects(web.get("redirectUris"), "web")
	a.redirectSettings(web.get("redirectUriSettings"))
	a.redirects(a.object(n.get("spa"), fieldRedirects).get("redirectUris"), "spa")
	a.redirects(a.object(n.get("publicClient"), fieldRedirects).get("redirectUris"), "public_client")
	if settings := a.object(web.get("implicitGrantSettings"), fieldImplicit); settings != nil {
		a.implicit(settings.get("enableAccessTokenIssuance"), "access_token")
		a.implicit(settings.get("enableIdTokenIssuance"), "id_token")
	}
	if api := a.object(n.get("api"), fieldClients); api != nil {
		a.clients(api.get("preAuthorizedApplications"), api.get("oauth2PermissionScopes"))
	}
}

// redirectSettings adds the redirect URIs that stand in web.redirectUriSettings alone
// (https://learn.microsoft.com/graph/api/resources/redirecturisettings).
func (a *appReader) redirectSettings(n *node) {
	list, told := a.objects(fieldRedirects, n)
	if told && a.row.RedirectURIs == nil {
		a.row.RedirectURIs = []appURI{}
	}
	for _, setting := range list {
		uri, known := a.text(fieldRedirects, setting.get("uri"))
		if known && !slices.ContainsFunc(a.row.RedirectURIs, func(u appURI) bool { return u.URI == uri && u.Platform == "web" }) {
			a.row.RedirectURIs = append(a.row.RedirectURIs, appURI{uri, "web", setting.get("uri").line})
		}
	}
}

// legacy reads what only the form of the former Azure AD Graph has.
func (a *appReader) legacy(n *node) {
	if others := n.get("availableToOtherTenants"); a.row.Audience == "" && present(others) {
		if open := a.truth(fieldAudience, others); open != nil {
			a.row.Audience = map[bool]string{true: "AzureADMultipleOrgs", false: "AzureADMyOrg"}[*open]
			a.row.AudienceLine = others.line
		}
	}
	a.legacyRedirects(n)
	a.implicit(n.get("oauth2AllowImplicitFlow"), "access_token")
	a.implicit(n.get("oauth2AllowIdTokenImplicitFlow"), "id_token")
	a.clients(n.get("preAuthorizedApplications"), n.get("oauth2Permissions"))
}

// legacyRedirects reads replyUrlsWithType, and replyUrls, which has no platforms.
func (a *appReader) legacyRedirects(n *node) {
	a.redirects(n.get("replyUrls"), "web")
	list, told := a.objects(fieldRedirects, n.get("replyUrlsWithType"))
	if told && a.row.RedirectURIs == nil {
		a.row.RedirectURIs = []appURI{}
	}
	for _, reply := range list {
		uri, known := a.text(fieldRedirects, reply.get("url"))
		if !present(reply.get("url")) {
			a.wrong(reply, "the reply URL has no url; hint: write it, or remove the element")
		}
		if !known {
			continue
		}
		platform := "web"
		switch strings.ToLower(a.plain(fieldRedirects, reply.get("type"))) {
		case "spa":
			platform = "spa"
		case "installedclient":
			platform = "public_client"
		}
		a.row.RedirectURIs = append(a.row.RedirectURIs, appURI{uri, platform, reply.get("url").line})
	}
}

// clients adds pre-authorised clients
// (https://learn.microsoft.com/graph/api/resources/preauthorizedapplication). What the scopes are called, the
// registration tells.
func (a *appReader) clients(n, scopes *node) {
	list, told := a.objects(fieldClients, n)
	if told && a.row.PreAuthorized == nil {
		a.row.PreAuthorized = []appClient{}
	}
	names := map[string]string{}
	if present(scopes) {
		for _, scope := range scopes.list {
			names[strings.ToLower(scope.str("id"))] = scope.str("value")
		}
	}
	for _, client := range list {
		one := appClient{Scopes: []string{}, Line: client.line}
		if id, known := a.text(fieldClients, client.get("appId")); known {
			one.AppID = strings.ToLower(id)
		} else if !present(client.get("appId")) {
			a.wrong(client, "the pre-authorised client has no appId; hint: write its application id, or remove the element")
		}
		ids := client.get("delegatedPermissionIds")
		if !present(ids) {
			ids = client.get("permissionIds")
		}
		granted, _ := a.texts(fieldClients, ids)
		for _, id := range granted {
			one.Scopes = append(one.Scopes, scopeName(names, id.text))
		}
		a.row.PreAuthorized = append(a.row.PreAuthorized, one)
	}
}

func scopeName(names map[string]string, id string) string {
	if name := names[strings.ToLower(id)]; name != "" {
		return name
	}
	return strings.ToLower(id)
}

// credentials adds secrets or certificates: their metadata, never what they are. The former form names the
// members differently.
func (a *appReader) credentials(n *node, kind string) {
	list, told := a.objects(fieldCredentials, n)
	if told && a.row.Credentials == nil {
		a.row.Credentials = []appCredential{}
	}
	for _, c := range list {
		one := appCredential{Type: kind, Of: kindOfApplication, Line: c.line}
		one.KeyID = strings.ToLower(a.plain(fieldCredentials, c.get("keyId")))
		one.Name = a.plain(fieldCredentials, c.get("displayName"))
		one.Usage = a.plain(fieldCredentials, c.get("usage"))
		one.Starts = a.plain(fieldCredentials, either(c, "startDateTime", "startDate"))
		one.Ends = a.plain(fieldCredentials, either(c, "endDateTime", "endDate"))
		a.row.Credentials = append(a.row.Credentials, one)
	}
}

// either is the first of the members that is there.
func either(n *node, names ...string) *node {
	for _, name := range names {
		if m := n.get(name); present(m) {
			return m
		}
	}
	return nil
}

// publisher reads verifiedPublisher, which has an id exactly when the publisher is verified
// (https://learn.microsoft.com/graph/api/resources/verifiedpublisher).
func (a *appReader) publisher(n *node) {
	if n = a.object(n, fieldPublisher); n == nil {
		return
	}
	id := n.get("verifiedPublisherId")
	text, known := a.text(fieldPublisher, id)
	if known || !present(id) {
		a.row.VerifiedPublisher = new(text != "")
	}
}

// federated adds a federated credential
// (https://learn.microsoft.com/graph/api/resources/federatedidentitycredential).
func (a *appReader) federated(n *node) {
	one := appFederated{Line: n.line, Name: a.plain(fieldFederated, n.get("name")), Issuer: a.plain(fieldFederated, n.get("issuer"))}
	if subject, known := a.text(fieldFederated, n.get("subject")); known {
		one.Subject = &subject
	}
	audiences, _ := a.texts(fieldFederated, n.get("audiences"))
	for _, audience := range audiences {
		one.Audiences = append(one.Audiences, audience.text)
	}
	if expression := a.object(n.get("claimsMatchingExpression"), fieldFederated); expression != nil {
		one.Expression = a.plain(fieldFederated, expression.get("value"))
	}
	if a.row.Federated == nil {
		a.row.Federated = []appFederated{}
	}
	a.row.Federated = append(a.row.Federated, one)
}
