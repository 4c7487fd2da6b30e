package catalog

import (
	"strings"
	"testing"
)

func TestNormalPath(t *testing.T) {
	const id = "8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b"
	for address, want := range map[string]string{
		"https://graph.microsoft.com/v1.0/users/ann@contoso.com/messages?$select=subject": "/users/{id}/messages",
		"https://graph.microsoft.com/beta/users/" + id:                                    "/users/{id}",
		"/v1.0/Users/" + id + "/":                                                         "/users/{id}",
		"//v1.0//users//" + id:                                                            "/users/{id}",
		"users/" + id:                                                                     "/users/{id}",
		"/me":                                                                             "/me",
		"/":                                                                               "/",
		"":                                                                                "/",
		"/v1.0":                                                                           "/",
		"/v1.0/users('ann@contoso.com')/mailFolders('inbox')/messages":          "/users/{id}/mailfolders/{id}/messages",
		"/users(%27ann%40contoso.com%27)":                                       "/users/{id}",
		"/applications(appId='" + id + "')/owners":                              "/applications/{id}/owners",
		"/applications(appid={value})/owners":                                   "/applications/{id}/owners",
		"/servicePrincipals(appId='" + id + "')":                                "/serviceprincipals/{id}",
		"/users/delta?$deltatoken=abc":                                          "/users/delta",
		"/users/microsoft.graph.delta()":                                        "/users/delta",
		"/users/delta(token='x')":                                               "/users/delta",
		"/users/$count":                                                         "/users/$count",
		"/groups/" + id + "/members/$ref":                                       "/groups/{id}/members/$ref",
		"/groups/" + id + "/transitiveMembers/microsoft.graph.servicePrincipal": "/groups/{id}/transitivemembers",
		"/reports/getEmailActivityUserDetail(period='D7')":                      "/reports/getemailactivityuserdetail",
		"/sites/contoso.sharepoint.com,1,2/lists/Salaries/items/7":              "/sites/{id}/lists/{id}/items/{id}",
		"/sites/contoso.sharepoint.com:/sites/secret project:/lists":            "/sites/{id}/lists",
		"/sites/contoso.sharepoint.com:/sites/secret":                           "/sites/{id}",
		"/sites/root/drives":                                                    "/sites/{id}/drives",
		"/me/drive/root:/Reports/messages.docx:/content":                        "/me/drive/items/{id}/content",
		"/me/drive/root:/Reports/messages.docx":                                 "/me/drive/items/{id}",
		"/drives/b!xyz/items/root:/a/b:/children":                               "/drives/{id}/items/{id}/children",
		"/v1.0/$Batch":    "/$batch",
		"/v1.0/%24batch":  "/$batch",
		"/beta/%24BATCH/": "/$batch",
		"/drives/b!xyz/items/01ABC:/new.txt:/createUploadSession":                                              "/drives/{id}/items/{id}/createuploadsession",
		"/drives/b!xyz/root/children":                                                                          "/drives/{id}/root/children",
		"/me/drive/root/search(q='annual salary/bonus')":                                                       "/me/drive/root/search",
		"/chats/19:ab_cd@unq.gbl.spaces/messages/162":                                                          "/chats/{id}/messages/{id}",
		"/applications/{applicationsId}/synchronization/acquireAccessToken":                                    "/applications/{id}/synchronization/acquireaccesstoken",
		"/storage/fileStorage/containerTypes/" + id + "/permissions":                                           "/storage/filestorage/containertypes/{id}/permissions",
		"/storage/fileStorage/containers/b!ISJs1WRro0y0EWgkUYcktDa0mE8zSlFEqFzqRn70Zwp":                        "/storage/filestorage/containers/{id}",
		"/security/auditLog/queries/" + id + "/records":                                                        "/security/auditlog/queries/{id}/records",
		"/api/v1.0/" + id + "/activity/feed/subscriptions/content?contentType=DLP.All":                         "/api/v1.0/{id}/activity/feed/subscriptions/content",
		"/subscriptions/" + id + "/resourceGroups/prod/providers/Microsoft.DataFactory/factories/f1/pipelines": "/subscriptions/{id}/resourcegroups/{id}/providers/microsoft.datafactory/factories/{id}/pipelines",
		"/notAWord/Ann Smith/ann@contoso.com":                                                                  "/{id}/{id}/{id}",
		"/users/messages":                                                                                      "/users/{id}",
		"/users/%zz":                                                                                           "/users/{id}",
	} {
		got := NormalPath(address)
		if got != want {
			t.Errorf("%s\ngot  %s\nwant %s", address, got, want)
		}
		if again := NormalPath(got); again != got {
			t.Errorf("%s becomes %s, and that %s", address, got, again)
		}
	}
}

// What comes out of NormalPath consists of words of the vocabulary, whatever goes in.
func FuzzNormalPath(f *testing.F) {
	for _, seed := range []string{
		"", "/users/ann@contoso.com", "https://x/v1.0/me/drive/root:/a/b:/children", "/a(b='c')/d", "/users('x/y')", "/%2F%2f", "/:/:", "/root:/", "/{id}:/x:/y",
		"/microsoft.graph.ann", "/graph.", "/$count", "/(", "/()", "/users/(", "\x00/\xff", "/v1.0/v1.0/api/v1.0", "/default.",
	} {
		f.Add(seed)
	}
	known := vocabulary()
	f.Fuzz(func(t *testing.T, address string) {
		normal := NormalPath(address)
		for segment := range strings.SplitSeq(strings.TrimPrefix(normal, "/"), "/") {
			if segment != "" && segment != anyID && known[segment] == nil {
				t.Fatalf("%q becomes %q, which has %q", address, normal, segment)
			}
		}
		if again := NormalPath(normal); again != normal {
			t.Fatalf("%q becomes %q, and that %q", address, normal, again)
		}
	})
}

func BenchmarkNormalPath(b *testing.B) {
	NormalPath("/") // reads the words
	for b.Loop() {
		NormalPath("https://graph.microsoft.com/v1.0/users/8e6ec84c-5fcd-4cc7-ac8a-2296efc0ed9b/mailFolders/AAMk=/messages?$top=10")
	}
}

func BenchmarkWords(b *testing.B) {
	for b.Loop() {
		readWords(wordsText)
	}
}
