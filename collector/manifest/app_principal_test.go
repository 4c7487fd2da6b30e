package manifest

import (
	"strings"
	"testing"
)

const (
	critical = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"
	somebody = "0aaaaaaa-0000-4000-8000-0000000000aa"
)

// grantsOf lists what the files grant and revoke, by the name of whom, and what of it is not known.
func grantsOf(t *testing.T, text string) string {
	t.Helper()
	rows, reason, err := collected(t, map[string]string{"x.json": text})
	if err != nil || reason != "" {
		t.Fatalf("%q, %v", reason, err)
	}
	var told []string
	for _, row := range rows {
		for _, grant := range row.Grants {
			told = append(told, "+"+row.Address+" "+grant.ID+grant.Name)
		}
		for _, grant := range row.Revoked {
			told = append(told, "-"+row.Address+" "+grant.ID+grant.Name)
		}
		for _, u := range row.Unresolved {
			told = append(told, "?"+row.Address+" "+u.Field)
		}
	}
	return strings.NewReplacer("azuread_", "", critical, "CRITICAL").Replace(strings.Join(told, ", "))
}

// A grant that is not certainly a person's or a group's is never dropped.
func TestWhoIsGranted(t *testing.T) {
	const id = `"principal_object_id": "` + somebody + `", `
	app := created("azuread_application", "a", `{"display_name": "A"}`, `{"client_id": true}`)
	sp := created("azuread_service_principal", "s", `{}`, `{"client_id": true, "object_id": true}`)
	group := `"azuread_group.g.object_id", "azuread_group.g"`
	principal := `"azuread_service_principal.s.object_id", "azuread_service_principal.s"`
	holds := func(id, unknown, references string, more ...string) string {
		role := created("azuread_app_role_assignment", "r", `{`+id+`"app_role_id": "`+critical+`", "resource_object_id": "x"}`, unknown)
		return planOf(strings.Join(append([]string{app, sp, role}, more...), ","), configures(
			referring("azuread_service_principal", "s", "client_id", `"azuread_application.a.client_id", "azuread_application.a"`)+","+
				referring("azuread_app_role_assignment", "r", "principal_object_id", references)))
	}
	later := `{"principal_object_id": true}`
	for _, c := range []struct{ name, text, want string }{
		{"of the application", holds("", later, principal), "+application.a CRITICAL"},
		{"of a group", holds("", later, group), ""},
		{"of a group, chosen by a variable", holds("", later, `"var.x", `+group), ""},
		{"of a group or the application", holds("", later, `"var.x", `+group+", "+principal), "+application.a CRITICAL"},
		{"of a group or what a local says", holds("", later, group+`, "local.x"`), "+app_role_assignment.r CRITICAL"},
		{"of one of several", holds("", later, `"each.value.id", "each.value"`), "+app_role_assignment.r CRITICAL"},
		{"of one group of several", holds("", later, group+`, "each.key"`), ""},
		{"known, of a group", holds(id, `{}`, group), ""},
		{"known, of a group or a variable", holds(id, `{}`, `"var.x", `+group), "+app_role_assignment.r CRITICAL"},
		{"known, of a group or a variable, and it is the group", holds(id, `{}`, `"var.x", `+group, created("azuread_group", "g", `{"object_id": "`+somebody+`"}`, `{}`)), ""},
		{"of who deploys", holds(id, `{}`, `"data.azuread_client_config.c.object_id", "data.azuread_client_config.c"`), "+app_role_assignment.r CRITICAL"},
		{"of two applications", holds("", later, principal+`, "azuread_service_principal.t"`,
			created("azuread_application", "b", `{"display_name": "B"}`, `{}`), created("azuread_service_principal", "t", `{}`, `{"client_id": true}`)), "+app_role_assignment.r CRITICAL"},
	} {
		if got := grantsOf(t, c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// What was granted before and is not any more is revoked; what is not known yet is not known, and revokes nothing.
func TestGrantsThatChange(t *testing.T) {
	delegated := func(actions, before, after, unknown string) string {
		return planOf(`{"address": "azuread_service_principal_delegated_permission_grant.d", "mode": "managed", "type": "azuread_service_principal_delegated_permission_grant", "name": "d",
			"change": {"actions": [` + actions + `], "before": ` + before + `, "after": ` + after + `, "after_unknown": ` + unknown + `}}`)
	}
	scopes := func(words string) string {
		return `{"service_principal_object_id": "` + somebody + `", "resource_service_principal_object_id": "y", "claim_values": [` + words + `]}`
	}
	const at = "service_principal_delegated_permission_grant.d "
	for _, c := range []struct{ name, text, want string }{
		{"one more", delegated(`"update"`, scopes(`"A"`), scopes(`"A", "B"`), `{}`), "+" + at + "A, +" + at + "B"},
		{"another", delegated(`"update"`, scopes(`"A"`), scopes(`"B"`), `{}`), "+" + at + "B, -" + at + "A"},
		{"replaced", delegated(`"delete", "create"`, scopes(`"A"`), scopes(`"B"`), `{}`), "+" + at + "B, -" + at + "A"},
		{"gone", delegated(`"delete"`, scopes(`"A"`), `null`, `{}`), "-" + at + "A"},
		{"let go of", delegated(`"forget"`, scopes(`"A"`), `null`, `{}`), "+" + at + "A"},
		{"not known yet", delegated(`"update"`, scopes(`"A"`), strings.Replace(scopes(""), `, "claim_values": []`, "", 1), `{"claim_values": true}`), "?" + at + "grants"},
		{"one of them not known yet", delegated(`"create"`, `null`, scopes(`"A"`), `{"claim_values": [false, true]}`), "+" + at + "A, ?" + at + "grants"},
	} {
		if got := grantsOf(t, c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Known after apply is unknown, wherever it stands: of the whole, of a block, of a list, of an element.
func TestKnownAfterApply(t *testing.T) {
	const request = `"required_resource_access": [{"resource_app_id": "00000003-0000-0000-c000-000000000000", "resource_access": [{"id": "` + critical + `", "type": "Role"}]}]`
	for _, c := range []struct{ name, after, unknown, want string }{
		{"requests", `{}`, `{"required_resource_access": true}`, "requests"},
		{"an API", `{"required_resource_access": [{"resource_access": [{"id": "x", "type": "Role"}]}]}`, `{"required_resource_access": [{"resource_app_id": true}]}`, "requests"},
		{"the permissions of an API", `{"required_resource_access": [{"resource_app_id": "x"}]}`, `{"required_resource_access": [{"resource_access": true}]}`, "requests"},
		{"one permission", `{"required_resource_access": [{"resource_app_id": "x", "resource_access": [{"type": "Role"}]}]}`, `{"required_resource_access": [{"resource_access": [{"id": true}]}]}`, "requests"},
		{"one API of two", `{` + request + `}`, `{"required_resource_access": [{}, true]}`, "requests"},
		{"the audience", `{}`, `{"sign_in_audience": true}`, "sign_in_audience"},
		{"a platform", `{}`, `{"web": true}`, "redirect_uris implicit_tokens"},
		{"redirect URIs", `{"web": [{}]}`, `{"web": [{"redirect_uris": true}]}`, "redirect_uris"},
		{"one redirect URI", `{"web": [{"redirect_uris": ["https://a"]}]}`, `{"web": [{"redirect_uris": [false, true]}]}`, "redirect_uris"},
		{"implicit grant", `{"web": [{"implicit_grant": [{}]}]}`, `{"web": [{"implicit_grant": [{"id_token_issuance_enabled": true}]}]}`, "implicit_tokens"},
		{"nothing", `{` + request + `}`, `{"client_id": true, "required_resource_access": [{"resource_access": [{}]}]}`, ""},
	} {
		rows, reason, err := collected(t, map[string]string{"x.json": planOf(created("azuread_application", "a", c.after, c.unknown))})
		if err != nil || reason != "" || len(rows) != 1 {
			t.Fatalf("%s: %d rows, %q, %v", c.name, len(rows), reason, err)
		}
		var open []string
		for _, u := range rows[0].Unresolved {
			open = append(open, u.Field)
		}
		if got := strings.Join(open, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	parts := map[string]string{
		`azuread_application_api_access {"api_client_id": "x"} {"role_ids": true}`:                                                          "requests",
		`azuread_application_api_access {"role_ids": ["x"]} {"api_client_id": true}`:                                                        "requests",
		`azuread_application_redirect_uris {"type": "Web"} {"redirect_uris": true}`:                                                         "redirect_uris",
		`azuread_application_federated_identity_credential {"issuer": "https://i", "display_name": "f", "audiences": []} {"subject": true}`: "federated_credentials",
		`azuread_application_pre_authorized {"permission_ids": []} {"authorized_client_id": true}`:                                          "pre_authorized",
		`azuread_app_role_assignment {"principal_object_id": "p", "resource_object_id": "r"} {"app_role_id": true}`:                         "grants",
		`azuread_app_role_assignment {"principal_object_id": "p", "app_role_id": "r"} {"resource_object_id": true}`:                         "grants",
	}
	for part, want := range parts {
		kind, rest, _ := strings.Cut(part, " ")
		at := strings.LastIndex(rest, " {")
		rows, reason, err := collected(t, map[string]string{"x.json": planOf(created(kind, "a", rest[:at], rest[at+1:]))})
		if err != nil || reason != "" || len(rows) != 1 || len(rows[0].Unresolved) == 0 || rows[0].Unresolved[0].Field != want {
			t.Errorf("%s: got %d rows, %q, %v, want %s", part, len(rows), reason, err, want)
		}
	}
}
