package manifest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leastwise/collector/snapshot"
)

// collected is what a folder with these files comes to: the rows of the dataset manifests, and why it is partial.
func collected(t *testing.T, files map[string]string) (rows []*appRow, reason string, err error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, "repo", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w, err := snapshot.Create(filepath.Join(dir, "snap"), snapshot.Tenant{ID: "t", Cloud: "global"}, snapshot.Tool{Name: "x"}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	source := New(Options{Base: filepath.Join(dir, "repo"), Paths: []string{"."}, Applications: true})
	if err := source.Collect(t.Context(), w); err != nil {
		return nil, "", err
	}
	if err := w.Commit(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	snap, err := snapshot.Open(filepath.Join(dir, "snap"))
	if err != nil {
		t.Fatal(err)
	}
	for line, err := range snap.Rows(snapshot.Manifests) {
		if err != nil {
			t.Fatal(err)
		}
		row := &appRow{}
		if err := json.Unmarshal(line, row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	dataset := snap.Dataset(snapshot.Manifests)
	if (dataset.Status == snapshot.Partial) != (dataset.Reason != "") {
		t.Errorf("%s without a reason, or a reason without: %q", dataset.Status, dataset.Reason)
	}
	return rows, dataset.Reason, nil
}

const (
	sound  = `{"displayName": "Sound", "requiredResourceAccess": []}`
	broad  = `{"displayName": "Broad", "requiredResourceAccess": [{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [{"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}]}]}`
	schema = `"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "languageVersion": "2.0"`
)

func planOf(resources string, more ...string) string {
	return `{"format_version": "1.2"` + strings.Join(more, "") + `, "resource_changes": [` + resources + `]}`
}

func created(kind, name, after, unknown string) string {
	return `{"address": "` + kind + `.` + name + `", "mode": "managed", "type": "` + kind + `", "name": "` + name +
		`", "change": {"actions": ["create"], "before": null, "after": ` + after + `, "after_unknown": ` + unknown + `}}`
}

func configures(expressions string) string {
	return `, "configuration": {"root_module": {"resources": [` + expressions + `]}}`
}

func referring(kind, name, argument, references string) string {
	return `{"type": "` + kind + `", "name": "` + name + `", "mode": "managed", "expressions": {"` + argument + `": {"references": [` + references + `]}}}`
}

// Whatever concerns applications and is not judged is a gap that names its line: nothing passes beside it.
func TestNothingIsPassedOver(t *testing.T) {
	app := created("azuread_application", "a", `{"display_name": "A"}`, `{}`)
	for _, c := range []struct {
		name, file, text, want string
	}{
		{"Terraform in JSON", "main.tf.json", "{\"resource\": {\n\"azuread_application\": {\"a\": {}}}}", "main.tf.json:2: applications stand in a file that is not read"},
		{"Terraform", "b/main.tf", "\nresource \"azuread_application\" \"other\" {\n}", "b/main.tf:2: applications stand"},
		{"without quotes", "b/main.tf", "resource azuread_application x {\n}", "b/main.tf:1: applications stand"},
		{"after a comment", "b/main.tf", "/* x */ resource \"azuread_application\" \"x\" {", "b/main.tf:1: applications stand"},
		{"of OpenTofu", "b/main.tofu", "resource \"azuread_application\" \"x\" {", "b/main.tofu:1: applications stand"},
		{"of Microsoft's own provider", "b/main.tf", "resource \"msgraph_resource\" \"x\" {", "b/main.tf:1: applications stand"},
		{"Bicep in lower case", "main.bicep", "resource a 'microsoft.graph/applications@v1.0' = {", "main.bicep:1: applications stand"},
		{"JSON with comments", "app.jsonc", "{ // x\n \"requiredResourceAccess\": [] }", "app.jsonc:2: applications stand"},
		{"YAML", "app.yaml", "a: 1\nrequiredResourceAccess:\n", "app.yaml:2: applications stand"},
		{"deeper than it is looked for", "x.json", "{\"apps\": [\n" + broad + "]}", "x.json:2: what looks like the definition of an application"},
		{"half a list of requests", "x.json", "[{\"resourceAppId\": \"a\", \"resourceAccess\": []},\n{\"resourceAppId\": \"b\"}]", "x.json:1: what looks like"},
		{"a federated credential by itself", "x.json", `{"name": "gh", "issuer": "https://i", "subject": "*", "audiences": ["a"]}`, "x.json:1: what looks like"},
		{"an empty answer that has more", "x.json", `{"value": [], "requiredResourceAccess": []}`, "x.json:1: what looks like"},
		{"one of a list", "x.json", "[" + broad + ",\n{\"appId\": \"x\"}]", "x.json:2: what stands in a list of applications is not recognised"},
		{"one page", "x.json", `{"value": [` + broad + "],\n\"@odata.nextLink\": \"https://graph.microsoft.com/x\"}", "x.json:2: this is one page of an answer"},
		{"a state", "x.json", "{\"format_version\": \"1.0\", \"values\": {\"root_module\": {\"resources\": [\n{\"type\": \"azuread_application\"}]}}}", "x.json:2: an application stands in what is no plan"},
		{"a plan without changes", "x.json", "{\"format_version\": \"1.0\", \"planned_values\": {\"root_module\": {\"resources\": [\n{\"type\": \"azuread_application\"}]}}}", "x.json:2: an application stands in what is no plan"},
		{"a plan for a part", "x.json", planOf(app, ", \"complete\": false"), "the plan is not for all resources"},
		{"a plan that puts off", "x.json", planOf(app, `, "deferred_changes": [{"reason": "x"}]`), "the plan puts changes off"},
		{"an application of a gallery", "x.json", planOf(created("azuread_application_from_template", "a", `{}`, `{}`)), "azuread_application_from_template.a is a resource of the type"},
		{"by Microsoft's own provider", "x.json", planOf(created("msgraph_resource", "a", `{"url": "applications"}`, `{}`)), "msgraph_resource.a makes what concerns applications"},
		{"whose path is known later", "x.json", planOf(created("msgraph_resource", "a", `{}`, `{"url": true}`)), "msgraph_resource.a makes"},
		{"known later altogether", "x.json", planOf(created("azuread_application", "a", `null`, `true`)), "what becomes of azuread_application.a is known after"},
		{"of an old provider", "x.json", planOf(created("azuread_application", "a", `{"name": "A", "reply_urls": ["http://x"]}`, `{}`)), "version 1 of the azuread provider"},
		{"a directory role for whom it may", "x.json", planOf(created("azuread_directory_role_assignment", "r", `{"principal_object_id": "p"}`, `{}`)), "may give a directory role to an application"},
		{"an unknown kind of Bicep's extension", "x.json", `{` + schema + `, "resources": {"a": {"type": "Microsoft.Graph/appRoleAssignments@v1.0", "properties": {}}}}`, "a resource of the type Microsoft.Graph/appRoleAssignments@v1.0 is not read"},
		{"permissions of another kind", "x.json", `{"manifestVersion": "1.17", "webApplicationInfo": {"id": "x"}, "authorization": {"permissions": {"other": [{}]}}}`, "permissions of the kind other are not read"},
		{"settings that cannot be read", "x.json", "{ // x\n\"redirectUris\": [] }", "x.json:1:3: invalid character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, reason, err := collected(t, map[string]string{"sound.json": sound, c.file: c.text})
			if err != nil || !strings.Contains(reason, c.want) {
				t.Errorf("got %q, %v, want %s", reason, err, c.want)
			}
		})
	}
}

// What looks alike and is none of it leaves everything as it is.
func TestNothingIsMadeUp(t *testing.T) {
	person := referring("azuread_directory_role_assignment", "r", "principal_object_id", `"azuread_user.u.object_id", "azuread_user.u"`)
	ordinary := created("azuread_group", "g", `{"assignable_to_role": false}`, `{"object_id": true}`)
	for _, c := range []struct{ name, file, text string }{
		{"settings", ".vscode/settings.json", "{ // x\n}"},
		{"what tools keep", ".terraform/modules/x.json", broad},
		{"an interface description", "x.json", `{"properties": {"requiredResourceAccess": {"type": "array"}}}`},
		{"Terraform of something else", "main.tf", `resource "random_pet" "x" {`},
		{"what is only read", "main.tf", `data "azuread_application" "x" {`},
		{"Bicep of something else", "main.bicep", "resource a 'Microsoft.Web/sites@2022-03-01' = {"},
		{"a role for a person", "x.json", planOf(created("azuread_directory_role_assignment", "r", `{}`, `{"principal_object_id": true}`), configures(person))},
		{"a member of an ordinary group", "x.json", planOf(
			ordinary+","+created("azuread_group_member", "m", `{"member_object_id": "p"}`, `{"group_object_id": true}`),
			configures(referring("azuread_group_member", "m", "group_object_id", `"azuread_group.g.object_id", "azuread_group.g"`)))},
		{"groups by Microsoft's own provider", "x.json", planOf(created("msgraph_resource", "a", `{"url": "users"}`, `{}`))},
		{"a plan for a part, of something else", "x.json", planOf(`{"address": "random_pet.x", "type": "random_pet", "name": "x", "change": {"actions": ["create"]}}`, `, "complete": false`)},
		{"groups of Bicep's extension", "x.json", `{` + schema + `, "resources": {"a": {"type": "Microsoft.Graph/groups@v1.0", "properties": {"displayName": "g"}}}}`},
		{"what an application has, beside it", "x.json", planOf(created("azuread_application", "a", `{"display_name": "A"}`, `{}`) + "," + created("azuread_application_owner", "o", `{}`, `{}`))},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, reason, err := collected(t, map[string]string{"sound.json": sound, c.file: c.text}); err != nil || reason != "" {
				t.Errorf("got %q, %v", reason, err)
			}
		})
	}
}

// A source is read by its plan or its template, and by no other's.
func TestSourcesAndWhatTheyAreBuiltTo(t *testing.T) {
	const tf = "resource \"azuread_application\" \"a\" {}"
	plan := planOf(created("azuread_application", "a", `{"display_name": "A"}`, `{}`))
	modules := planOf(created("azuread_application", "a", `{"display_name": "A"}`, `{}`),
		`, "configuration": {"root_module": {"resources": [{"type": "azuread_application", "name": "a", "mode": "managed"}], "module_calls": {"m": {"source": "./m", "module": {"resources": [{"type": "azuread_application", "name": "a", "mode": "managed"}]}}}}}`)
	bicep := "resource a 'Microsoft.Graph/applications@v1.0' = {}"
	template := `{` + schema + `, "resources": {"a": {"type": "Microsoft.Graph/applications@v1.0", "properties": {"displayName": "a"}}}}`
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"its plan", map[string]string{"main.tf": tf, "plan.json": plan}, ""},
		{"a plan of another folder, too", map[string]string{"a/main.tf": tf, "b/main.tf": tf, "plan.json": plan}, "a/main.tf:1: applications stand"},
		{"a plan of both folders", map[string]string{"a/main.tf": tf, "a/m/main.tf": tf, "plan.json": modules}, ""},
		{"a plan without it", map[string]string{"main.tf": strings.Replace(tf, `"a"`, `"evil"`, 1), "plan.json": plan}, "main.tf:1: applications stand"},
		{"its template", map[string]string{"main.bicep": bicep, "main.json": template}, ""},
		{"an old template", map[string]string{"main.bicep": bicep, "main.json": `{` + schema + `, "resources": []}`, "sound.json": sound}, "main.bicep:1: applications stand"},
		{"a module of a template", map[string]string{"modules/app.bicep": bicep, "main.bicep": "module app 'modules/app.bicep' = {}", "main.json": template}, ""},
		{"a module of none", map[string]string{"modules/app.bicep": bicep, "main.bicep": "module app 'modules/app.bicep' = {}", "sound.json": sound}, "modules/app.bicep:1: applications stand"},
		{"in a hidden folder", map[string]string{".azure/main.tf": tf, "sound.json": sound}, ".azure/main.tf:1: applications stand"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, reason, err := collected(t, c.files)
			if err != nil || (reason == "") != (c.want == "") || !strings.Contains(reason, c.want) {
				t.Errorf("got %q, %v, want %q", reason, err, c.want)
			}
		})
	}
}

// Files that are told from others by a member, or hold those of two formats.
func TestRecognisedByWhatTheyHave(t *testing.T) {
	for _, c := range []struct {
		name, file, text string
		check            func(*appRow) bool
	}{
		{"in a hidden folder", ".azure/a.json", broad, func(r *appRow) bool { return r.File == ".azure/a.json" && len(r.Requests) == 1 }},
		{"beside what a service principal has", "a.json", strings.Replace(broad, "{", `{"servicePrincipalType": "Application", `, 1), func(r *appRow) bool { return len(r.Requests) == 1 }},
		{"the former form without a name", "a.json", `{"replyUrlsWithType": [{"url": "http://x", "type": "Web"}]}`, func(r *appRow) bool { return len(r.RedirectURIs) == 1 }},
		{"a change of one", "a.json", `{"appId": "x", "web": {"redirectUris": ["http://x"]}}`, func(r *appRow) bool { return len(r.RedirectURIs) == 1 && r.Requests == nil }},
		{"redirect URIs by themselves", "a.json", `{"appId": "x", "web": {"redirectUris": ["https://a"], "redirectUriSettings": [{"uri": "https://a"}, {"uri": "http://b"}]}}`, func(r *appRow) bool { return len(r.RedirectURIs) == 2 && r.RedirectURIs[1].URI == "http://b" }},
		{"a marker of the former form, members of Graph's", "a.json", `{"appId": "x", "oauth2AllowUrlPathMatching": false, "web": {"redirectUris": ["http://x"], "implicitGrantSettings": {"enableIdTokenIssuance": true}}}`, func(r *appRow) bool { return len(r.RedirectURIs) == 1 && len(r.Implicit) == 1 }},
		{"members of the former form in Graph's", "a.json", `{"displayName": "x", "requiredResourceAccess": [], "oauth2AllowImplicitFlow": true, "preAuthorizedApplications": [{"appId": "y", "permissionIds": []}]}`, func(r *appRow) bool { return len(r.Implicit) == 1 && len(r.PreAuthorized) == 1 }},
		{"for the whole organisation", "a.json", `{"manifestVersion": "1.17", "authorization": {"permissions": {"orgWide": [{"name": "Mail.ReadWrite", "type": "Application"}]}}}`, func(r *appRow) bool { return len(r.Requests) == 1 && !r.Requests[0].Specific }},
		{"a Microsoft 365 app without a version", "a.json", `{"authorization": {"permissions": {"resourceSpecific": [{"name": "ChannelMessage.Read.Group", "type": "Application"}]}}}`, func(r *appRow) bool { return len(r.Requests) == 1 && r.Requests[0].Specific }},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, reason, err := collected(t, map[string]string{c.file: c.text})
			if err != nil || reason != "" || len(rows) != 1 || !c.check(rows[0]) {
				t.Errorf("got %d rows, %q, %v", len(rows), reason, err)
			}
		})
	}
	for name, text := range map[string]string{
		"of an app and a Microsoft 365 app": strings.Replace(broad, "{", `{"manifestVersion": "1.17", "webApplicationInfo": {"id": "x"}, `, 1),
		"of an app and a plan":              strings.Replace(broad, "{", `{"format_version": "1.2", "resource_changes": [], `, 1),
		"of an app and a template":          strings.Replace(broad, "{", `{`+schema+`, "resources": [], `, 1),
		"of a member in two spellings":      `{"appId": "x", "displayName": "a", "DisplayName": "b", "requiredResourceAccess": []}`,
		"of broken JSON in other letters":   "{ // x\n\"RequiredResourceAccess\": [] }",
	} {
		if _, _, err := collected(t, map[string]string{"sound.json": sound, "a.json": text}); err == nil || !strings.Contains(err.Error(), "hint:") {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
	}
}
