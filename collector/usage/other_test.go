package usage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leastwise/collector/usage"
)

// Nothing of a person or an object stays, whatever makes the templates.
func TestNoIDs(t *testing.T) {
	secret := []string{
		"ann@contoso.com", user, "AAMkAGI2TG93AAA=", "b!x9f8e7d6", "01ABCDEFGHIJ", "Quarterly report.docx", "anna", "19:meeting_abc@thread.v2", "+81901234567",
		"contoso.sharepoint.com,1,2", "O''Brien",
	}
	var list []call
	for i, id := range secret {
		for j, path := range []string{"/users/%s", "/users('%s')/messages", "/me/drive/root:/%s:/content", "/x/%s/y", "/applications(appId='%s')", "/search/%s(q='%[1]s')"} {
			c := calls()[0]
			c.id, c.uri = fmt.Sprint(i, j), "https://graph.microsoft.com/v1.0"+fmt.Sprintf(path, id)+"?$search="+id+"#"+id
			list = append(list, c)
		}
	}
	for _, normal := range []func(string) string{nil, func(path string) string { return path }} {
		opts := options()
		opts.Normal = normal
		r, err := usage.Read(t.Context(), []string{save(t, "a.ndjson", lines(t, list))}, opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range r.Operations {
			for _, id := range secret {
				if strings.Contains(o.Path, id) && (normal == nil || id != "anna") { // a word like any other
					t.Errorf("%s holds %s", o.Path, id)
				}
			}
		}
	}
}

func TestSignIns(t *testing.T) {
	row := func(category, id, app, user, result, at string) map[string]any {
		return map[string]any{"Category": category, "Id": id, "AppId": app, "UserId": user, "ResultType": result, "CreatedDateTime": at, "AADTenantId": tenant, "ServicePrincipalId": account}
	}
	flat := []map[string]any{
		row("ServicePrincipalSignInLogs", "1", sync, "", "0", "2026-11-01T00:00:00Z"),
		row("ServicePrincipalSignInLogs", "2", sync, "", "0", "2026-11-03T00:00:00Z"),
		row("ServicePrincipalSignInLogs", "2", sync, "", "0", "2026-11-03T00:00:00Z"),
		row("ServicePrincipalSignInLogs", "3", sync, "", "7000222", "2026-11-04T00:00:00Z"),
		row("NonInteractiveUserSignInLogs", "4", portal, user, "0", "2026-11-02T00:00:00Z"),
		row("SignInLogs", "5", auditor, user, "0", "2026-11-02T00:00:00Z"),
	}
	var wrapped, graph []map[string]any
	for _, r := range flat {
		code := 0
		if r["ResultType"] != "0" {
			code = 7000222
		}
		wrapped = append(wrapped, map[string]any{
			"time": r["CreatedDateTime"], "category": r["Category"], "resultType": r["ResultType"], "tenantId": tenant,
			"properties": map[string]any{"id": r["Id"], "createdDateTime": r["CreatedDateTime"], "appId": r["AppId"], "userId": r["UserId"], "status": map[string]any{"errorCode": code}},
		})
		kind := "servicePrincipal"
		if r["UserId"] != "" {
			kind = "interactiveUser"
		}
		graph = append(graph, map[string]any{
			"id": r["Id"], "createdDateTime": r["CreatedDateTime"], "appId": r["AppId"], "userId": r["UserId"],
			"status": map[string]any{"errorCode": code, "failureReason": "Other."}, "signInEventTypes": []string{kind},
		})
	}
	csv := "\ufeff" + `"Date (UTC)","Request ID","User ID","Application","Application ID ","Status","Resource ID"` + "\n"
	for _, r := range flat {
		status := "Success"
		if r["ResultType"] != "0" {
			status = "Failure"
		}
		csv += fmt.Sprintf("%s,%s,%s,Sync,%s,%s,00000003-0000-0000-c000-000000000000\n", r["CreatedDateTime"], r["Id"], r["UserId"], r["AppId"], status)
	}
	for name, text := range map[string][]byte{
		"flat.json": encode(t, flat), "records.json": encode(t, map[string]any{"records": wrapped}), "graph.json": encode(t, map[string]any{"value": graph}), "portal.csv": []byte(csv),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := usage.Read(t.Context(), []string{save(t, name, text)}, options())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range r.SignIns {
				got = append(got, s.AppID[:4]+" "+s.Kind+" "+s.LastAt.Format("2006-01-02"))
			}
			want := []string{"1111 application 2026-11-03", "2222 delegated 2026-11-02"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if r.Duplicates != 1 || r.Failed != 1 || r.OwnLeftOut != 1 || len(r.Operations) != 0 || !r.From.IsZero() {
				t.Errorf("got %+v", r)
			}
		})
	}
}

func TestGovernance(t *testing.T) {
	const graph = "00000003-0000-0000-c000-000000000000"
	csv := "App ID,Permission,Permission type,Resource app ID,In use\n" +
		sync + ",User.Read.All,Application," + graph + ",In use\n" + sync + ",Mail.Read,Application," + graph + ",Not in use\n" +
		sync + ",Sites.Selected,Application," + graph + ",Not supported\n" + portal + ",Mail.Read,Delegated,,\n" + ",x,Delegated,,Yes\n"
	inner := func(name, kind string, use any) string {
		return string(encode(t, map[string]any{"PermissionValue": name, "PermissionType": kind, "TargetAppId": graph, "InUse": use, "PrivilegeLevel": "High"}))
	}
	hunting := fmt.Sprintf(`{"schema":[{"name":"OAuthAppId","type":"String"}],"results":[{"Timestamp":"2026-11-01T00:00:00Z","OAuthAppId":%q,"Permissions":[%s,%s,%s]},`+
		`{"Timestamp":"2026-11-02T00:00:00Z","OAuthAppId":%q,"Permissions":%s}]}`,
		strings.ToUpper(sync), inner("User.Read.All", "Application", true), inner("Mail.Read", "Application", false), inner("Sites.Selected", "Application", nil),
		sync, encode(t, "["+inner("User.Read.All", "Application", false)+"]"))
	common := []string{"1111 Mail.Read application graph false", "1111 Sites.Selected application graph ", "1111 User.Read.All application graph true"}
	later := append(slices.Clone(common[:2]), "1111 User.Read.All application graph false") // it says so of the second day
	for name, c := range map[string]struct {
		text string
		want []string
	}{"a.csv": {csv, append(slices.Clone(common), "2222 Mail.Read delegated  ")}, "a.json": {hunting, later}} {
		r, err := usage.Read(t.Context(), []string{save(t, name, []byte(c.text))}, options())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range r.InUse {
			got = append(got, fmt.Sprintf("%s %s %s %s %s", u.AppID[:4], u.Permission, u.Kind, strings.ReplaceAll(u.ResourceAppID, graph, "graph"), u.InUse))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What App governance said last of a permission counts, of whichever row stands first.
func TestGovernanceOfSeveralDays(t *testing.T) {
	row := func(at, says string) string { return at + "," + sync + ",Mail.Read,Application," + says + "\n" }
	for _, c := range []struct{ name, rows, want string }{
		{"yes, long ago", row("2024-01-01T00:00:00Z", "Yes") + row("2026-11-19T00:00:00Z", "No"), "false 2026-11-19"},
		{"the other way round", row("2026-11-19T00:00:00Z", "No") + row("2024-01-01T00:00:00Z", "Yes"), "false 2026-11-19"},
		{"yes, of late", row("2024-01-01T00:00:00Z", "No") + row("2026-11-19T00:00:00Z", "Yes"), "true 2026-11-19"},
		{"it cannot tell any more", row("2026-11-18T00:00:00Z", "Yes") + row("2026-11-19T00:00:00Z", "Not supported"), "true 2026-11-18"},
		{"without a date", row("", "Yes"), "true 2026-11-20"},
		{"without a date beside one", row("", "Yes") + row("2026-11-18T00:00:00Z", "No"), "false 2026-11-18"},
		{"yes and no at once", row("2026-11-18T00:00:00Z", "Yes") + row("2026-11-18T00:00:00Z", "No"), "true 2026-11-18"},
	} {
		r, err := usage.Read(t.Context(), []string{save(t, "a.csv", []byte("Timestamp,AppId,Permission,PermissionType,InUse\n"+c.rows))}, options())
		if err != nil || len(r.InUse) != 1 || r.InUse[0].InUse+" "+r.InUse[0].At.Format(time.DateOnly) != c.want {
			t.Errorf("%s: got %+v, %v, want %s", c.name, r, err, c.want)
		}
	}
}

// HEAD takes what GET takes, and a batch is one however it is written.
func TestSpellings(t *testing.T) {
	for _, c := range []struct{ method, path, want string }{
		{"HEAD", "/users", "GET /users"}, {"POST", "/$batch", ""}, {"POST", "/$Batch", ""}, {"POST", "/%24batch/", ""},
	} {
		one := calls()[0]
		one.method, one.uri = c.method, "https://graph.microsoft.com/v1.0"+c.path
		r, err := usage.Read(t.Context(), []string{save(t, "a.ndjson", lines(t, []call{one}))}, options())
		got := ""
		for _, o := range r.Operations {
			got = o.Method + " " + o.Path
		}
		if err != nil || got != c.want || (r.Batches == 1) != (c.want == "") {
			t.Errorf("%s %s: got %q, %v", c.method, c.path, got, err)
		}
	}
	for _, link := range []string{"@odata.nextLink", "nextLink", "odata.nextLink", "@nextLink"} {
		for value, cut := range map[string]bool{"https://x": true, "": false} {
			r, err := usage.Read(t.Context(), []string{save(t, "a.json", encode(t, map[string]any{link: value, "value": flatRows(calls()[:1])}))}, options())
			if err != nil || (len(r.Cut) > 0) != cut {
				t.Errorf("%s %q: got %v, %v", link, value, r.Cut, err)
			}
		}
	}
}

// It is said when no row tells of which tenant it is.
func TestUnnamedTenant(t *testing.T) {
	for rest, want := range map[string]bool{`"UserId":""`: true, `"UserId":"","AadTenantId":"` + tenant + `"`: false, `"UserId":"","_ResourceId":"/tenants/` + tenant + `/providers/x"`: false} {
		text := `{"TimeGenerated":"2026-11-02T05:10:00Z","RequestId":"1","AppId":"` + sync + `","RequestMethod":"get","RequestUri":"/v1.0/users","ResponseStatusCode":"200",` + rest + `}`
		r, err := usage.Read(t.Context(), []string{save(t, "a.json", []byte(text))}, options())
		if err != nil || r.Unnamed != want || len(r.Operations) != 1 {
			t.Errorf("%s: got %+v, %v", rest, r, err)
		}
	}
}

// Whether a call was made for a user is told by the type of the identity, else by the user
// and the scopes. The object id of the service principal tells nothing.
func TestKinds(t *testing.T) {
	for _, c := range []struct{ members, want string }{
		{`"UserId":"","ServicePrincipalId":"` + account + `","Roles":"User.Read.All"`, usage.Application},
		{`"UserId":null,"Roles":"","Scopes":null`, usage.Application},
		{`"UserId":"` + user + `"`, usage.Delegated},
		{`"UserId":"","Scopes":"User.Read"`, usage.Delegated},
		{`"UserId":"00000000-0000-0000-0000-000000000000","Scopes":" "`, usage.Application},
		{`"C_Idtyp":"app","UserId":"` + account + `"`, usage.Application},
		{`"C_Idtyp":"user"`, usage.Delegated},
		{`"UserPrincipalObjectID":"` + account + `","Roles":"x"`, usage.Application},
		{`"ServicePrincipalId":"` + account + `","Roles":""`, usage.Application},
		{`"Scopes":""`, usage.Application},
	} {
		text := `{"TimeGenerated":"2026-11-02T05:10:00Z","RequestId":"1","AppId":"` + sync + `","RequestMethod":"get","RequestUri":"/v1.0/users","ResponseStatusCode":"200",` + c.members + `}`
		r, err := usage.Read(t.Context(), []string{save(t, "a.json", []byte(text))}, options())
		if err != nil || len(r.Operations) != 1 || r.Operations[0].Kind != c.want || r.Operations[0].Method != "GET" {
			t.Errorf("%s: got %+v, %v, want %s", c.members, r, err, c.want)
		}
	}
}

func TestStatuses(t *testing.T) {
	for code, want := range map[int]bool{200: true, 201: true, 202: true, 204: true, 206: true, 302: true, 304: true, 301: false, 400: false, 401: false, 403: false, 404: false, 429: false, 500: false} {
		c := calls()[0]
		c.status = code
		r, err := usage.Read(t.Context(), []string{save(t, "a.ndjson", lines(t, []call{c}))}, options())
		if err != nil || (len(r.Operations) == 1) != want || (r.Failed == 0) != want {
			t.Errorf("%d: got %+v, %v", code, r, err)
		}
	}
}

func TestInstants(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-02T05:10:00.1234567Z": "2026-11-02T05:10:00", "2026-11-02T14:10:00+09:00": "2026-11-02T05:10:00", "2026-11-02 05:10:00": "2026-11-02T05:10:00",
		"2026-11-02 05:10:00.123 UTC": "2026-11-02T05:10:00", "11/2/2026, 5:10:00.123 AM": "2026-11-02T05:10:00", "11/2/2026, 5:10:00\u202fPM": "2026-11-02T17:10:00",
		"13/2/2026, 5:10:00 AM": "", "2/11/2026 05:10:00": "", "2026-11-02": "", "1793596200": "", "": "", "0001-01-01T00:00:00Z": "", "2026-11-02 05:10:00 JST": "",
	} {
		c := calls()[0]
		c.at = text
		r, err := usage.Read(t.Context(), []string{save(t, "a.ndjson", lines(t, []call{c}))}, options())
		got := ""
		if err == nil {
			got = r.From.Format("2006-01-02T15:04:05")
		}
		if got != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}
