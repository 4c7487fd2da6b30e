package manifest

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/snapshot"
)

// defines reads texts as the files of a repository, by name.
func defines(t testing.TB, files map[string]string) ([]*appRow, error) {
	t.Helper()
	w := newWorld("")
	w.defining = true
	for name, text := range files {
		if err := w.add(&file{name: name, abs: "/repo/" + name, top: "/repo"}, []byte(text)); err != nil && len(w.broken) == 0 {
			return nil, err
		}
	}
	w.define()
	if _, err := w.applications(); err != nil {
		return nil, err
	}
	return w.finishApps(), nil
}

func define(t *testing.T, text string) *appRow {
	t.Helper()
	rows, err := defines(t, map[string]string{"a.json": text})
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %d applications, %v, want one", len(rows), err)
	}
	return rows[0]
}

func TestRegistration(t *testing.T) {
	got := define(t, `{"appId": "A1B2C3D4-0000-4000-8000-0000000000D1", "displayName": "A", "signInAudience": "AzureADMyOrg",
 "requiredResourceAccess": [{"resourceAppId": "00000003-0000-0000-C000-000000000000", "resourceAccess": [
   {"id": "E1FE6DD8-BA31-4D61-89E7-88639DA4683D", "type": "scope"}]}],
 "web": {"redirectUris": ["https://a"], "implicitGrantSettings": {"enableIdTokenIssuance": true}},
 "spa": {"redirectUris": ["https://b"]}, "publicClient": {"redirectUris": ["msal://c"]},
 "passwordCredentials": [{"keyId": "K", "displayName": "ci", "secretText": "not to be kept", "hint": "not", "endDateTime": "2026-01-01T00:00:00Z"}],
 "keyCredentials": [{"keyId": "C", "usage": "Verify", "key": "not to be kept"}]}`)
	want := &appRow{
		ID: "a.json#a1b2c3d4-0000-4000-8000-0000000000d1", File: "a.json", Line: 1, Format: formatEntra,
		AppID: "a1b2c3d4-0000-4000-8000-0000000000d1", Name: "A", Audience: "AzureADMyOrg", AudienceLine: 1,
		Requests:     []appRequest{{ResourceAppID: microsoftGraph, ID: "e1fe6dd8-ba31-4d61-89e7-88639da4683d", Kind: "delegated", Line: 3}},
		RedirectURIs: []appURI{{"https://a", "web", 4}, {"https://b", "spa", 5}, {"msal://c", "public_client", 5}},
		Implicit:     []appToken{{"id_token", 4}},
		Credentials: []appCredential{
			{Type: "secret", Of: "application", KeyID: "k", Name: "ci", Ends: "2026-01-01T00:00:00Z", Line: 6},
			{Type: "certificate", Of: "application", KeyID: "c", Usage: "Verify", Line: 7},
		},
		Unresolved: []unresolved{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if line, _ := json.Marshal(got); strings.Contains(string(line), "not to be kept") {
		t.Errorf("the row holds a secret: %s", line)
	}
}

// What a file does not speak of is absent, and what it says there is none of is empty.
func TestAbsentIsNotEmpty(t *testing.T) {
	bare := define(t, `{"displayName": "A", "requiredResourceAccess": []}`)
	if bare.Requests == nil || bare.RedirectURIs != nil || bare.Credentials != nil || bare.Implicit != nil || bare.PreAuthorized != nil || bare.Federated != nil {
		t.Errorf("got %+v", bare)
	}
	empty := define(t, `{"displayName": "A", "signInAudience": "x", "web": {"redirectUris": [], "implicitGrantSettings": {"enableIdTokenIssuance": false}},
		"passwordCredentials": [], "api": {"preAuthorizedApplications": []}}`)
	if empty.Requests != nil || empty.RedirectURIs == nil || empty.Credentials == nil || empty.Implicit == nil || empty.PreAuthorized == nil {
		t.Errorf("got %+v", empty)
	}
}

// What is recognised, and what is not.
func TestRecognised(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"Graph's form", `{"displayName": "a", "requiredResourceAccess": []}`, formatEntra},
		{"as Graph answers", `{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications/$entity", "id": "x"}`, formatEntra},
		{"a list, as the command line gives it out", `[{"appId": "a", "signInAudience": "AzureADMyOrg"}]`, formatEntra},
		{"a page", `{"value": [{"appId": "a", "signInAudience": "AzureADMyOrg"}]}`, formatEntra},
		{"only what is asked for", `[{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": []}]`, formatEntra},
		{"the former form", `{"id": "x", "replyUrlsWithType": []}`, formatLegacy},
		{"a Microsoft 365 app", `{"manifestVersion": "1.17", "webApplicationInfo": {"id": "x"}}`, formatTeams},
		{"a plan", `{"format_version": "1.0", "resource_changes": [{"address": "azuread_application.a", "type": "azuread_application", "name": "a",
			"change": {"actions": ["create"], "after": {"display_name": "a"}}}]}`, formatTerraform},
		{"a template", `{"contentVersion": "1.0.0.0", "resources": {"a": {"type": "Microsoft.Graph/applications@v1.0", "properties": {"displayName": "a"}}}}`, formatBicep},
		{"an app that asks for nothing", `{"manifestVersion": "1.17", "name": {"short": "x"}}`, ""},
		{"a web manifest", `{"manifest_version": 3, "permissions": ["tabs"], "web_accessible_resources": []}`, ""},
		{"a service principal", `{"servicePrincipalType": "Application", "appId": "a", "signInAudience": "x"}`, ""},
		{"settings", `{"web": {"redirectUris": ["http://x"]}, "api": {}}`, ""},
		{"another template", `{"contentVersion": "1.0.0.0", "resources": [{"type": "Microsoft.Web/sites", "properties": {"appId": "x"}}]}`, ""},
		{"another plan", `{"format_version": "1.0", "resource_changes": [{"address": "x.a", "type": "x", "name": "a", "change": {"actions": ["create"]}}]}`, ""},
		{"a list of texts", `["requiredResourceAccess"]`, ""},
		{"a text", `"requiredResourceAccess"`, ""},
		{"nothing", `null`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			rows, err := defines(t, map[string]string{"a.json": test.text})
			got := ""
			if len(rows) > 0 {
				got = rows[0].Format
			}
			if err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

// PowerShell writes what is redirected as UTF-16, and others with a byte order mark.
func TestEncodings(t *testing.T) {
	const text = `{"displayName": "Ünï", "requiredResourceAccess": []}`
	wide := func(order binary.AppendByteOrder, mark []byte) []byte {
		for _, unit := range utf16.Encode([]rune(text)) {
			mark = order.AppendUint16(mark, unit)
		}
		return mark
	}
	for name, data := range map[string][]byte{
		"utf-8": []byte(text), "utf-8 with mark": []byte("\ufeff" + text),
		"utf-16 little": wide(binary.LittleEndian, []byte{0xff, 0xfe}), "utf-16 big": wide(binary.BigEndian, []byte{0xfe, 0xff}),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "a.json"), data, 0o600); err != nil {
				t.Fatal(err)
			}
			w, err := snapshot.Create(filepath.Join(dir, "snap"), snapshot.Tenant{ID: "t", Cloud: "global"}, snapshot.Tool{Name: "x"}, time.Unix(0, 0))
			if err != nil {
				t.Fatal(err)
			}
			source := New(Options{Paths: []string{filepath.Join(dir, "a.json")}, Applications: true})
			if err := source.Collect(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			if dataset, _ := w.Has(snapshot.Manifests); dataset.Rows != 1 || dataset.Status != snapshot.Collected {
				t.Errorf("got %+v, want one row", dataset)
			}
		})
	}
}

// What is overlaid as known only later is unknown, however deep, and the rest stays.
func TestOverlay(t *testing.T) {
	for _, test := range []struct{ name, after, late, unknown, known string }{
		{"a member", `{"a": 1}`, `{"b": true}`, "b", "a"},
		{"one that is there", `{"a": null, "c": 2}`, `{"a": true}`, "a", "c"},
		{"none", `{"a": 1}`, `{"a": false, "b": [{}]}`, "", "a"},
		{"nothing of it", `{"a": 1}`, `false`, "", "a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			of := &file{name: "x"}
			after, _, _, broken := parse([]byte(test.after), of)
			late, _, _, _ := parse([]byte(test.late), of)
			if broken != nil {
				t.Fatal(broken)
			}
			got := overlay(after, late)
			if test.unknown != "" && got.get(test.unknown).shape != anUnknown {
				t.Errorf("%s is %s", test.unknown, got.get(test.unknown).shape)
			}
			if test.unknown == "" && holdsUnknown(got) {
				t.Error("something is unknown")
			}
			if got.get(test.known) == nil || got.get(test.known).shape == anUnknown {
				t.Errorf("%s is not known", test.known)
			}
		})
	}
	list := overlay(nil, &node{shape: aScalar, text: "true", file: &file{}})
	if list.shape != anUnknown {
		t.Errorf("got %s", list.shape)
	}
}

// A refused file names its line.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{\"displayName\": \"a\",\n\"requiredResourceAccess\": 5}":                                     "a.json:2: expected a list, found a number or truth value",
		"{\"displayName\": \"a\", \"requiredResourceAccess\": [\n5]}":                                  "a.json:2: expected an object",
		"{\"displayName\": \"a\", \"requiredResourceAccess\": [\n{\"resourceAccess\": []}]}":           "a.json:2: the API has no resourceAppId",
		"{\"displayName\": \"a\", \"requiredResourceAccess\": [\n{\"resourceAppId\": \"b\"}]}":         "a.json:2: the API has no list resourceAccess",
		"{\"displayName\": \"a\", \"signInAudience\":\n7}":                                             "a.json:2: expected a text",
		"{\"displayName\": \"a\", \"signInAudience\": \"x\", \"web\":\n[]}":                            "a.json:2: expected an object, found a list",
		"{\"displayName\": \"a\", \"signInAudience\": \"x\", \"web\": {\"redirectUris\":\n[null]}}":    "a.json:2: expected a text, found null",
		"{\"id\": \"a\", \"oauth2AllowImplicitFlow\":\n\"true\"}":                                      "a.json:2: expected true or false",
		"{\"id\": \"a\", \"replyUrlsWithType\": [\n{\"type\": \"Web\"}]}":                              "a.json:2: the reply URL has no url",
		"{\"format_version\": \"1.0\", \"resource_changes\": [\n{\"address\": \"a\"}]}":                "a.json:2: a resource of the plan has no address, type or change",
		"{\"manifestVersion\": \"1.8\", \"webApplicationInfo\": {\"applicationPermissions\":\n\"x\"}}": "a.json:2: expected a list",
	} {
		if _, err := defines(t, map[string]string{"a.json": text}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// Reading the definition of an application ends without a panic, and every error names a line.
func FuzzApplications(f *testing.F) {
	for _, text := range []string{
		`{"displayName": "a", "requiredResourceAccess": [{"resourceAppId": "x", "resourceAccess": [{"id": "y", "type": "Role"}]}], "web": {"redirectUris": ["https://a"]}}`,
		`{"id": "a", "replyUrlsWithType": [{"url": "https://a", "type": "Spa"}], "oauth2AllowImplicitFlow": true, "preAuthorizedApplications": [{"appId": "x", "permissionIds": ["y"]}]}`,
		`{"manifestVersion": "1.16", "webApplicationInfo": {"id": "x"}, "authorization": {"permissions": {"resourceSpecific": [{"name": "A.Read.Group", "type": "Application"}]}}}`,
		`{"format_version": "1.2", "resource_changes": [{"address": "module.m[0].azuread_application.a[\"k\"]", "module_address": "module.m[0]", "type": "azuread_application", "name": "a", "change": {"actions": ["delete", "create"], "before": {"client_id": "x"}, "after": {"web": [{"redirect_uris": ["x"]}]}, "after_unknown": {"web": [{"redirect_uris": [true]}], "password": true}}},
		 {"address": "azuread_app_role_assignment.r", "type": "azuread_app_role_assignment", "name": "r", "change": {"actions": ["create"], "after": {"app_role_id": "z"}, "after_unknown": {"principal_object_id": true}}}],
		 "configuration": {"root_module": {"resources": [{"type": "azuread_app_role_assignment", "name": "r", "expressions": {"principal_object_id": {"references": ["module.m.out", "var.x", "azuread_service_principal.s"]}}}], "module_calls": {"m": {"module": {"outputs": {"out": {"expression": {"references": ["azuread_application.a"]}}}}}}}}}`,
		`{"contentVersion": "1.0.0.0", "parameters": {"p": {"type": "string"}}, "resources": {"a": {"type": "Microsoft.Graph/applications@v1.0", "properties": {"uniqueName": "[parameters('p')]", "copy": [{"name": "x", "count": 2, "input": 1}]}},
		 "f": {"type": "Microsoft.Graph/applications/federatedIdentityCredentials@v1.0", "properties": {"name": "[format('{0}/x', reference('a').uniqueName)]"}},
		 "g": {"type": "Microsoft.Graph/oauth2PermissionGrants@v1.0", "properties": {"clientId": "[reference('a').id]", "scope": "A B"}}}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := defines(t, map[string]string{"a.json": text})
		if err != nil && !strings.Contains(err.Error(), "a.json:") {
			t.Errorf("the error names no line: %v", err)
		}
		for _, row := range rows {
			if row.Line < 1 || row.File != "a.json" || row.ID == "" {
				t.Errorf("got %+v", row)
			}
			for _, request := range row.Requests {
				open := request.ID == "" && request.Name == "" || request.ResourceAppID == "" && request.ResourceName == "" || request.Kind == ""
				if open && len(row.Unresolved) == 0 && err == nil && request.Name != "" {
					t.Errorf("what is not known of %+v is not named", request)
				}
			}
		}
	})
}
