package catalog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tableOf writes a published table of permissions; each is NAME AUTHORIZATION SCHEMES METHODS PATH=MARKS….
func tableOf(rows ...string) string {
	var permissions []string
	for _, row := range rows {
		f := strings.Fields(row)
		var schemes, paths []string
		for scheme := range strings.SplitSeq(f[2], ",") {
			schemes = append(schemes, `"`+scheme+`": {"adminDisplayName": "", "requiresAdminConsent": true, "privilegeLevel": 3}`)
		}
		for _, path := range f[4:] {
			path, marks, _ := strings.Cut(path, "~")
			paths = append(paths, `"`+path+`": "`+marks+`"`)
		}
		quoted := func(list string) string { return `["` + strings.ReplaceAll(list, ",", `","`) + `"]` }
		permissions = append(permissions, `"`+f[0]+`": {"authorizationType": "`+f[1]+`", "schemes": {`+strings.Join(schemes, ",")+`},
  "pathSets": [{"schemeKeys": `+quoted(f[2])+`, "methods": `+quoted(f[3])+`, "paths": {`+strings.Join(paths, ",\n")+`}}], "ownerInfo": {}}`)
	}
	return `{"$schema": "x", "permissions": {` + strings.Join(permissions, ",\n") + "}}\n"
}

func parse(t *testing.T, text string) *Published {
	t.Helper()
	p, err := ParsePublished("t.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// allowed writes what a table alone says of a call.
func allowed(p *Published, kind Kind, method, path string) string {
	c := (&Catalogue{}).With(p)
	got, known := c.Allows(kind, method, path)
	if !known {
		return "?"
	}
	return ways(got)
}

func TestLeastMarksAreThinnedOut(t *testing.T) {
	const least = "~least=Application"
	p := parse(t, tableOf(
		"Things.Read.All oAuth2 Application GET /things"+least,
		"Things.ReadWrite.All oAuth2 Application GET,POST,DELETE /things"+least,
		"Things.Manage oAuth2 Application GET,POST /things"+least,
		"Other.Read oAuth2 Application GET,POST /others"+least,
		"Other.Write oAuth2 Application GET,POST /others"+least,
		"Other.None oAuth2 Application PUT /others~",
	))
	for call, want := range map[string]string{
		"GET /things":    "Things.Read.All* Things.Manage Things.ReadWrite.All",
		"POST /things":   "Things.Manage* Things.ReadWrite.All",
		"DELETE /things": "Things.ReadWrite.All*",
		"POST /others":   "Other.Read* Other.Write*",
		"PUT /others":    "Other.None",
		"PATCH /others":  "?",
	} {
		method, path, _ := strings.Cut(call, " ")
		if got := allowed(p, Application, method, path); got != want {
			t.Errorf("%s: got %q, want %q", call, got, want)
		}
	}
	if c := p.Counts; c.SoleMethod != 1 || c.FewestMethods != 1 || c.Ambiguous != 2 || c.NoLeast != 1 || c.Cells != 6 || c.Paths != 2 || c.Permissions != 6 {
		t.Errorf("got %+v", c)
	}
}

func TestAWriteMayBeTheLeastForReading(t *testing.T) {
	p := parse(t, tableOf("Things.ReadWrite.All oAuth2 DelegatedWork GET /things~least=DelegatedWork"))
	if got := allowed(p, Delegated, "GET", "/things"); got != "Things.ReadWrite.All*" || p.Counts.WriteToRead != 1 {
		t.Errorf("got %q, %+v", got, p.Counts)
	}
}

func TestAlsoRequiresIsOneOfSeveral(t *testing.T) {
	p := parse(t, tableOf(
		"Role.ReadWrite oAuth2 Application POST /grants~least=Application;AlsoRequires=App.Read,Dir.Read",
		"App.Read oAuth2 Application POST /grants~least=Application;AlsoRequires=Role.ReadWrite", // the same pair, the other way round
		"Dir.Read oAuth2 Application POST /grants~",                                              // as if it were enough
		"Dir.ReadWrite oAuth2 Application POST /grants~",
		"Dir.Read2 oAuth2 Application GET /grants~",
	))
	if got, want := allowed(p, Application, "POST", "/grants"), "App.Read+Role.ReadWrite* Role.ReadWrite+Dir.Read* Dir.ReadWrite"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if p.Counts.Dropped["permissions that only complete another, listed by themselves"] != 1 || p.Counts.AlsoRequires != 2 {
		t.Errorf("got %+v", p.Counts)
	}
}

func TestPathsMeetUnderOneTemplate(t *testing.T) {
	p := parse(t, tableOf(
		"A.Read oAuth2 Application GET /serviceprincipals(appid={value})/owners~least=Application /users/{user-id}~",
		"B.Read oAuth2 Application GET /servicePrincipals/{id}/owners~ /USERS/{id}~least=Application",
		"C.Read oAuth2 Application GET /users?$filter~ /a/.../b~ /(team-id)/x~ /newThings/{id}/newWords~",
	))
	if got := allowed(p, Application, "GET", "/servicePrincipals/x/owners"); got != "A.Read* B.Read" {
		t.Errorf("got %q", got)
	}
	if got := allowed(p, Application, "GET", "/users/ann"); got != "B.Read* A.Read" {
		t.Errorf("got %q", got)
	}
	if got := allowed(p, Application, "GET", "/newThings/{x}/newwords"); got != "C.Read" {
		t.Errorf("a template with new words: got %q", got)
	}
	if got := allowed(p, Application, "GET", "/newThings/7/newWords"); got != "?" {
		t.Errorf("a call with new words: got %q", got)
	}
	if c := p.Counts; c.NewWords != 1 || c.Dropped["paths with a query"] != 1 || c.Dropped["paths that are none"] != 2 {
		t.Errorf("got %+v", c)
	}
}

func TestWhatIsLeftOutIsCounted(t *testing.T) {
	p := parse(t, tableOf(
		"A.Read oAuth2 Application,DelegatedPersonal,Mars GET /users~least=DelegatedWork",
		"B.Read.Group RSC Application GET /users~",
		"C.Read oAuth2 Application GET /users~odd=1",
	))
	for reason, want := range map[string]int{
		"permissions of personal accounts": 1, "unknown schemes": 1, "resource-specific permissions": 1,
		"least marks for schemes that their set lacks": 1,
	} {
		if got := p.Counts.Dropped[reason]; got != want {
			t.Errorf("%s: got %d, want %d", reason, got, want)
		}
	}
	if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], `unknown mark "odd"`) {
		t.Errorf("got %q", p.Warnings)
	}
}

func TestBuiltInHasTheLastWord(t *testing.T) {
	p := parse(t, tableOf("Odd.Read.All oAuth2 Application,DelegatedWork GET /organization~least=Application,DelegatedWork /odd~least=Application"))
	c := load(t).With(p)
	if got, _ := c.Allows(Application, "GET", "/organization"); got[0].Permissions[0] != "Organization.Read.All" {
		t.Errorf("got %v", got)
	}
	if _, known := load(t).Allows(Application, "GET", "/odd"); known {
		t.Error("the built-in catalogue has changed")
	}
}

func TestParsePublishedRefuses(t *testing.T) {
	good := tableOf("A.Read oAuth2 Application GET /users~least=Application")
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "t.json:1: the document: the file ends too early"},
		{"no JSON", "<html>", "t.json:1: the document: invalid character"},
		{"a path of two lines", strings.Replace(good, "/users", `/users\n/groups`, 1), `the path "/users\n/groups" has a control character`},
		{"a mark twice", strings.Replace(good, "least=Application", "AlsoRequires=B.Read;alsoRequires=C.Read", 1), "the mark alsoRequires stands twice"},
		{"least twice", strings.Replace(good, "least=Application", "least=Application;least=Application", 1), "the mark least stands twice"},
		{"an array", "[]", "t.json:1: the document: want an object, got an array"},
		{"no permissions", "{}", "t.json:1: the document: it has no permissions"},
		{"permissions that are none", `{"permissions": 5}`, "t.json:1: /permissions: want an object, got a number"},
		{"permissions that allow nothing", `{"permissions": {}}`, "none of its permissions allows anything"},
		{"a truncated file", good[:len(good)/2], "the file ends too early"},
		{"a truncated end", strings.TrimRight(good, "}\n"), "the file ends too early"},
		{"something after the end", good + "{}", "an object follows the document"},
		{"a member twice", strings.Replace(good, `"methods"`, `"schemeKeys"`, 1), "t.json:2: /permissions/A.Read/pathSets/0/schemeKeys: stands twice"},
		{"a permission twice", tableOf("A.Read oAuth2 Application GET /users~", "A.Read oAuth2 Application GET /users~"), "t.json:3: /permissions/A.Read: stands twice"},
		{"a wrong authorization", strings.Replace(good, "oAuth2", "oAuth3", 1), `/permissions/A.Read/authorizationType: "oAuth3" is neither oAuth2 nor RSC`},
		{"no authorization", strings.Replace(good, `"authorizationType": "oAuth2", `, "", 1), "/permissions/A.Read: it has no authorizationType"},
		{"methods that are no list", strings.Replace(good, `["GET"]`, `"GET"`, 1), "t.json:2: /permissions/A.Read/pathSets/0/methods: want an array, got a string"},
		{"a method that is none", strings.Replace(good, `["GET"]`, `["get it"]`, 1), `/pathSets/0/methods: "get it" is no method`},
		{"marks that are no text", strings.Replace(good, `"least=Application"`, "null", 1), "/permissions/A.Read/pathSets/0/paths/~1users: want a string, got null"},
		{"marks that are none", strings.Replace(good, "least=Application", "least", 1), `"least" is no name=value`},
		{"a path without slash", strings.Replace(good, "/users", "users", 1), "the path does not begin with a slash"},
		{"no paths", strings.Replace(good, `"paths"`, `"pats"`, 1), "/permissions/A.Read/pathSets/0: it needs schemeKeys, methods and paths"},
		{"a scheme that the permission lacks", strings.Replace(good, `["Application"]`, `["DelegatedWork"]`, 1), "a path set has the scheme DelegatedWork, which the permission lacks"},
		{"consent that is no boolean", strings.Replace(good, "true", `"yes"`, 1), "/schemes/Application/requiresAdminConsent: want true or false, got a string"},
		{"a name that is none", strings.Replace(good, "A.Read", "A Read", 1), `"A Read" is no permission`},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := ParsePublished("t.json", []byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %v\nwant %s", p, err, test.want)
			}
		})
	}
}

func TestUnknownMembersAreWarnedOf(t *testing.T) {
	good := tableOf("A.Read oAuth2 Application GET /users~least=Application")
	for _, test := range []struct{ old, with, want string }{
		{`"$schema"`, `"$skema"`, "t.json:1: /$skema: unknown member, left out"},
		{`"ownerInfo"`, `"ownrInfo"`, "t.json:2: /permissions/A.Read/ownrInfo: unknown member, left out"},
		{`"privilegeLevel"`, `"level"`, "/permissions/A.Read/schemes/Application/level: unknown member, left out"},
		{`"schemeKeys"`, `"x": [1, {"y": null}], "schemeKeys"`, "/permissions/A.Read/pathSets/0/x: unknown member, left out"},
	} {
		p := parse(t, strings.Replace(good, test.old, test.with, 1))
		if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], test.want) {
			t.Errorf("got %q, want %q", p.Warnings, test.want)
		}
	}
}

func TestImportedFileIsReadBack(t *testing.T) {
	p := parse(t, tableOf(
		"Role.ReadWrite oAuth2 Application,DelegatedWork POST,GET /grants~least=Application;AlsoRequires=App.Read,Dir.Read /users/{id}~least=DelegatedWork",
		"App.Read oAuth2 Application POST /grants~",
	))
	file, digest, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), PublishedName(digest))
	write := func(path string, data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(path, file)
	back, err := OpenPublished(path, strings.ToUpper(digest))
	if err != nil {
		t.Fatal(err)
	}
	again, second, err := back.Encode()
	if err != nil || second != digest || string(again) != string(file) || back.Digest != digest || back.Source != p.Source {
		t.Errorf("got %s from %s, then %s: %v", back.Digest, back.Source, second, err)
	}
	if got, want := allowed(back, Application, "POST", "/grants"), "Role.ReadWrite+App.Read* Role.ReadWrite+Dir.Read*"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := OpenPublished(path, strings.Repeat("0", 64)); err == nil || !strings.Contains(err.Error(), "the configuration demands 0000") {
		t.Errorf("another digest: got %v", err)
	}
	damaged := append([]byte{}, file...)
	damaged[len(damaged)/2] ^= 1
	write(path, damaged)
	if _, err := OpenPublished(path, ""); err == nil || !strings.Contains(err.Error(), "its name demands "+digest) {
		t.Errorf("a damaged file: got %v", err)
	}
	for name, text := range map[string]string{"damaged": string(damaged), "cut": string(file[:len(file)-9]), "plain": "{}", "empty": ""} {
		other := filepath.Join(t.TempDir(), "x.gz")
		write(other, []byte(text))
		if _, err := OpenPublished(other, ""); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// FuzzParsePublished reads arbitrary bytes as a published table. Every fault has its place; what is taken can be written.
func FuzzParsePublished(f *testing.F) {
	good := tableOf("A.Read oAuth2 Application GET /users~least=Application;AlsoRequires=B", "B oAuth2 DelegatedWork GET,PUT /x/{y}~")
	for _, seed := range []string{"", "{}", "[", `{"permissions":{"a":null}}`, good, good[:len(good)-3], strings.Replace(good, "GET", "", 1), strings.ReplaceAll(good, "/", "//")} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePublished("t.json", data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "t.json:") {
				t.Fatalf("%q: %v has no place", data, err)
			}
			return
		}
		file, digest, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodePublished("x", file)
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		if _, again, err := back.Encode(); err != nil || again != digest {
			t.Fatalf("%q: read back it differs: %v", data, err)
		}
	})
}

// What is built in has the last word, save that it calls nothing unsupported for which the table has permissions, and
// that permissions are added which it does not hold.
func TestWhatIsBuiltInAndTheTable(t *testing.T) {
	c := load(t).With(parse(t, tableOf(
		"Future.Read.All oAuth2 Application GET /users/{id}/events~least=Application /organization~least=Application",
		"Calendars.Read oAuth2 Application GET /me/events~",
		"FileStorageContainerType.Manage.All oAuth2 Application GET /storage/fileStorage/containerTypes~least=Application",
		"Directory.ReadWrite.All oAuth2 Application GET /organization~least=Application",
	)))
	for call, want := range map[string]string{
		"/users/{id}/events":                  "Calendars.ReadBasic.All* Calendars.Read Calendars.ReadWrite Future.Read.All",
		"/me/events":                          "", // of nobody, for an application
		"/storage/fileStorage/containerTypes": "FileStorageContainerType.Manage.All*",
	} {
		if got, _ := c.Allows(Application, "GET", call); ways(got) != want {
			t.Errorf("%s: got %q, want %q", call, ways(got), want)
		}
	}
	got, _ := c.Allows(Application, "GET", "/organization")
	if text := ways(got); !strings.HasPrefix(text, "Organization.Read.All* ") || !strings.HasSuffix(text, " Future.Read.All") || strings.Contains(text, "All* Directory.ReadWrite.All*") {
		t.Errorf("/organization: got %q", text)
	}
	before, _ := load(t).Allows(Application, "GET", "/organization")
	if strings.Contains(ways(before), "Future") {
		t.Error("the import changes the catalogue that is built in")
	}
}

// No address says which permission a search takes.
func TestWhatTheBodyDecides(t *testing.T) {
	c := load(t).With(parse(t, tableOf(
		"Acronym.Read.All oAuth2 DelegatedWork POST /search/query~ /copilot/retrieval~ /search/acronyms~",
		"Mail.Read oAuth2 DelegatedWork POST /search/query~least=DelegatedWork",
	)))
	for path, want := range map[string]int{"/search/query": 0, "/v1.0/Search/Query": 0, "/copilot/retrieval": 0, "/search/acronyms": 1} {
		if got, known := c.Allows(Delegated, "POST", path); len(got) != want || !known {
			t.Errorf("%s: got %v, known %v", path, got, known)
		}
	}
	if op, _ := c.Operation(Delegated, "POST", "/search/query"); len(op.Ways) != 2 || !op.BodyDecides() {
		t.Errorf("got %+v", op)
	}
}

// Letter case does not tell permissions apart, and a byte order mark is no fault.
func TestSpellingsOfTheTable(t *testing.T) {
	p := parse(t, "\xef\xbb\xbf"+tableOf("A.Read oAuth2 Application GET /users~least=Application", "a.read oAuth2 Application GET,POST /users~", "B.Read oAuth2 Application GET /users~"))
	for call, want := range map[string]string{"GET": "A.Read* B.Read", "POST": "A.Read"} {
		if got := allowed(p, Application, call, "/users"); got != want {
			t.Errorf("%s: got %q, want %q", call, got, want)
		}
	}
	if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "/permissions/a.read: stands there as A.Read too") {
		t.Errorf("got %q", p.Warnings)
	}
}
