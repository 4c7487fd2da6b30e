package manifest

import (
	"strings"
	"testing"
)

func templateOf(head, resources string) string {
	return `{` + schema + head + `, "resources": {` + resources + `}}`
}

// loopsOf tells the applications of a template: address, name, requests, grants, and what of them is not known.
func loopsOf(t *testing.T, files map[string]string) (told, reason string) {
	t.Helper()
	rows, reason, err := collected(t, files)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, row := range rows {
		one := row.Address + "=" + row.Name
		for _, request := range row.Requests {
			one += " " + request.ID + request.Name
		}
		for _, uri := range row.RedirectURIs {
			one += " " + uri.URI
		}
		for _, grant := range row.Grants {
			one += " +" + grant.ID + grant.Name
		}
		for _, credential := range row.Federated {
			one += " fic:" + credential.Name
		}
		for _, u := range row.Unresolved {
			one += " ?" + u.Field
		}
		all = append(all, one)
	}
	return strings.Join(all, "; "), reason
}

// Copy loops are gone through where the files tell how often, and are a gap where they do not.
func TestCopyLoops(t *testing.T) {
	const (
		names = `, "parameters": {"names": {"type": "array", "defaultValue": ["a", "b"]}, "none": {"type": "array"}, "empty": {"type": "array", "defaultValue": []}}`
		count = `"[length(parameters('names'))]"`
	)
	app := func(count, more string) string {
		return `"app": {"copy": {"name": "app", "count": ` + count + `}, "type": "Microsoft.Graph/applications@v1.0", "properties": {"uniqueName": "[format('u-{0}', copyIndex())]", "displayName": "[parameters('names')[copyIndex()]]"` + more + `}}`
	}
	const sp = `, "sp": {"copy": {"name": "sp", "count": "[length(range(0, 2))]"}, "type": "Microsoft.Graph/servicePrincipals@v1.0", "properties": {"appId": "[reference(format('app[{0}]', range(0, 2)[copyIndex()])).appId]"}}`
	role := func(symbol string) string {
		return `, "role": {"type": "Microsoft.Graph/appRoleAssignedTo@v1.0", "properties": {"appRoleId": "R", "principalId": "[reference('` + symbol + `').id]", "resourceId": "x"}}`
	}
	fic := `, "fic": {"copy": {"name": "fic", "count": ` + count + `}, "type": "Microsoft.Graph/applications/federatedIdentityCredentials@v1.0", "properties": {"name": "[format('{0}/gh', reference(format('app[{0}]', copyIndex())).uniqueName)]", "issuer": "i", "subject": "s", "audiences": []}}`
	for _, c := range []struct{ name, text, want, gap string }{
		{"a number", templateOf(names, app("2", "")), "app[0]=a; app[1]=b", ""},
		{"the length of a default", templateOf(names, app(count, "")), "app[0]=a; app[1]=b", ""},
		{"no default", templateOf(names, app(`"[length(parameters('none'))]"`, "")), "app=app ?id", "app (applications) is not known before it is deployed, and it is read once"},
		{"none by default", templateOf(names, app(`"[length(parameters('empty'))]"`, "")), "app=app ?id", "is not known before it is deployed, and it is read once"},
		{"none", templateOf(names, app("0", "")+`, "one": {"type": "Microsoft.Graph/applications@v1.0", "properties": {"displayName": "one"}}`), "one=one", ""},
		{"more than there may be", templateOf(names, app("801", "")), "app=app ?id", "is not known"},
		{"what belongs to one of them", templateOf(names, app("2", "")+sp+role("sp[1]")), "app[0]=a; app[1]=b +R", ""},
		{"what belongs to nobody known", templateOf(names, app("2", "")+sp+role("sp")), "app[0]=a; app[1]=b; role=role +R", ""},
		{"what belongs to each", templateOf(names, app("2", "")+fic), "app[0]=a fic:gh; app[1]=b fic:gh", ""},
		{"of a list", templateOf(names, app("1", `, "spa": {"copy": [{"name": "redirectUris", "count": `+count+`, "input": "[format('https://{0}{1}', parameters('names')[copyIndex('redirectUris')], copyIndex('redirectUris', 1))]"}]}`)), "app[0]=a https://a1 https://b2", ""},
		{"of a list, of nobody knows how many", templateOf(names, app("1", `, "spa": {"copy": [{"name": "redirectUris", "count": "[length(parameters('none'))]", "input": "x"}]}`)), "app[0]=a ?redirect_uris", ""},
		{"of a variable", templateOf(names+`, "variables": {"copy": [{"name": "uris", "count": 2, "input": "[format('https://{0}', parameters('names')[copyIndex('uris')])]"}]}`,
			app("1", `, "web": {"redirectUris": "[variables('uris')]"}`)), "app[0]=a https://a https://b", ""},
		{"a loop in a loop", templateOf(names, app("1", `, "copy": [{"name": "requiredResourceAccess", "count": 1, "input": {"resourceAppId": "x", "copy": [{"name": "resourceAccess", "count": 2, "input": {"id": "[parameters('names')[copyIndex('resourceAccess')]]", "type": "Role"}}]}}]`)), "app[0]=a a b", ""},
		{"over an object", templateOf(`, "parameters": {"names": {"type": "array", "defaultValue": ["x"]}, "o": {"type": "object", "defaultValue": {"z": {"n": "2"}, "k": {"n": "1"}}}}`,
			`"app": {"copy": {"name": "app", "count": "[length(items(parameters('o')))]"}, "type": "Microsoft.Graph/applications@v1.0", "properties": {"displayName": "[format('{0}{1}', items(parameters('o'))[copyIndex()].key, items(parameters('o'))[copyIndex()].value.n)]"}}`), "app[0]=k1; app[1]=z2", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, reason := loopsOf(t, map[string]string{"main.json": c.text})
			if got != c.want || (reason == "") != (c.gap == "") || !strings.Contains(reason, c.gap) {
				t.Errorf("got %q, %q\nwant %q, %q", got, reason, c.want, c.gap)
			}
		})
	}
}

// A module that a loop deploys is a template of its own in each round.
func TestCopyLoopsOfModules(t *testing.T) {
	module := func(count, scope string) string {
		return templateOf(`, "parameters": {"n": {"type": "array", "defaultValue": ["a", "b"]}, "none": {"type": "array"}}`,
			`"m": {"copy": {"name": "m", "count": `+count+`}, "type": "Microsoft.Resources/deployments", "properties": {"expressionEvaluationOptions": {"scope": "`+scope+`"},
			"parameters": {"name": {"value": "[parameters('n')[copyIndex()]]"}}, "template": {`+schema+`, "parameters": {"name": {"type": "string"}}, "resources": {
			"app": {"type": "Microsoft.Graph/applications@v1.0", "properties": {"displayName": "[parameters('name')]"}},
			"sp": {"type": "Microsoft.Graph/servicePrincipals@v1.0", "properties": {"appId": "[reference('app').appId]"}},
			"role": {"type": "Microsoft.Graph/appRoleAssignedTo@v1.0", "properties": {"appRoleId": "[format('role-of-{0}', parameters('name'))]", "principalId": "[reference('sp').id]", "resourceId": "x"}}}}}}`)
	}
	for _, c := range []struct{ name, text, want, gap string }{
		{"inner", module(`"[length(parameters('n'))]"`, "inner"), "app=a +role-of-a; app=b +role-of-b", ""},
		{"not known how often", module(`"[length(parameters('none'))]"`, "inner"), "app=app + ?grants", "how often a copy loop deploys a template"},
		{"in the terms of what is around it", module(`2`, "outer"), "app=app + ?grants", "how often a copy loop deploys a template"},
	} {
		got, reason := loopsOf(t, map[string]string{"main.json": c.text})
		if got != c.want || (reason == "") != (c.gap == "") || !strings.Contains(reason, c.gap) {
			t.Errorf("%s: got %q, %q\nwant %q, %q", c.name, got, reason, c.want, c.gap)
		}
	}
}

// What a default decides may be otherwise when the template is deployed: it takes nothing away.
func TestDefaultsDecideNothing(t *testing.T) {
	const head = `, "parameters": {"on": {"type": "bool", "defaultValue": false}, "role": {"type": "string", "defaultValue": "low"}, "sp": {"type": "bool", "defaultValue": true}}`
	app := func(more, request string) string {
		return `"app": {` + more + `"type": "Microsoft.Graph/applications@v1.0", "properties": {"displayName": "a", "requiredResourceAccess": [{"resourceAppId": "x", "resourceAccess": [{"id": ` + request + `, "type": "Role"}]}]}}`
	}
	given := `{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#", "parameters": {"on": {"value": false}}}`
	other := `, "one": {"type": "Microsoft.Graph/applications@v1.0", "properties": {"displayName": "one"}}`
	grant := `, "grp": {"type": "Microsoft.Graph/groups@v1.0", "properties": {"displayName": "g"}}, "sp": {"type": "Microsoft.Graph/servicePrincipals@v1.0", "properties": {"appId": "[reference('app').appId]"}},
		"r": {"type": "Microsoft.Graph/appRoleAssignedTo@v1.0", "properties": {"appRoleId": "R", "resourceId": "x", "principalId": `
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"a condition", map[string]string{"main.json": templateOf(head, app(`"condition": "[parameters('on')]", `, `"R"`))}, "app=a R"},
		{"a condition with a parameter file", map[string]string{"main.json": templateOf(head, app(`"condition": "[parameters('on')]", `, `"R"`)+other), "main.parameters.json": given}, "one=one"},
		{"a condition that is written", map[string]string{"main.json": templateOf(head, app(`"condition": false, `, `"R"`)+other)}, "one=one"},
		{"which of two", map[string]string{"main.json": templateOf(head, app("", `"[if(parameters('on'), 'critical', 'low')]"`))}, "app=a  ?requests"},
		{"a value", map[string]string{"main.json": templateOf(head, app("", `"[parameters('role')]"`))}, "app=a low"},
		{"a value that Bicep's parameters give", map[string]string{"main.json": templateOf(head, app("", `"[parameters('role')]"`)), "prod.bicepparam": "using 'main.bicep'\nparam role = 'x'\n"}, "app=a  ?requests"},
		{"Bicep's parameters of another", map[string]string{"main.json": templateOf(head, app("", `"[parameters('role')]"`)), "prod.bicepparam": "using './other.bicep'\n"}, "app=a low"},
		{"whom", map[string]string{"main.json": templateOf(head, app("", `"low"`)+grant+`"[if(parameters('sp'), reference('grp').id, reference('sp').id)]"}}`)}, "app=a low +R"},
		{"a group", map[string]string{"main.json": templateOf(head, app("", `"low"`)+grant+`"[reference('grp').id]"}}`)}, "app=a low"},
	} {
		if got, reason := loopsOf(t, c.files); got != c.want || reason != "" {
			t.Errorf("%s: got %q, %q, want %q", c.name, got, reason, c.want)
		}
	}
}

// The credentials of a service principal of an application that is elsewhere are judged, and a grant that does not say of
// what is not known.
func TestPartsOfBicep(t *testing.T) {
	rows, reason, err := collected(t, map[string]string{"main.json": templateOf("",
		`"sp": {"type": "Microsoft.Graph/servicePrincipals@v1.0", "properties": {"appId": "A1B2C3D4-0000-4000-8000-0000000000D1", "passwordCredentials": [{"displayName": "x", "endDateTime": "2099-01-01T00:00:00Z"}]}},
		 "g": {"type": "Microsoft.Graph/oauth2PermissionGrants@v1.0", "properties": {"clientId": "c", "resourceId": "r", "consentType": "AllPrincipals"}}`)})
	if err != nil || reason != "" || len(rows) != 2 {
		t.Fatalf("got %d rows, %q, %v", len(rows), reason, err)
	}
	for _, row := range rows {
		switch {
		case row.Address == "sp" && row.AppID == "a1b2c3d4-0000-4000-8000-0000000000d1" && len(row.Credentials) == 1 && row.Credentials[0].Of == "service_principal":
		case row.Address == "g" && len(row.Unresolved) == 1 && row.Unresolved[0].Field == fieldGrants:
		default:
			t.Errorf("got %+v", row)
		}
	}
}
