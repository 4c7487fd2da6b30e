package dataconnect

import (
	"slices"
	"strings"
	"testing"
)

const (
	permissionClient   = "cccccccc-0000-4000-8000-000000000001"
	permissionResource = "99999999-0000-4000-8000-000000000001"
)

func writtenEntry(scope string) string {
	return "[Id: x, ClientId: " + permissionClient + ", PrincipalId: , ResourceId: " + strings.ToUpper(permissionResource) + ", ConsentType: AllPrincipals, Scope: " + scope +
		", CreatedDateTime: , LastModifiedDateTime ]"
}

func TestPermissionsAreParsed(t *testing.T) {
	one, two := writtenEntry("A B"), writtenEntry("C")
	for written, want := range map[string]string{
		"[] => [" + one + "]; ":                      " => A B",
		"[] => [" + one + ", " + two + "]":           " => A B, C",
		"[" + one + "]=>[" + two + "];":              "A B => C",
		"[] => " + one:                               " => A B",
		"[] => [" + one + "]; [] => [" + two + "]; ": " => A B, C",
		"[] => []; ":                                 " => ",
		"[] => [" + writtenEntry("[A] [B]") + "]":    " => A B",
		"[] => [" + writtenEntry("A,B") + "]":        " => A B",
		"[] => [" + strings.Replace(one, "LastModifiedDateTime ", "LastModifiedDateTime: 2026-01-01T10:00:00Z", 1) + "]": " => A B",
	} {
		before, after, problem := parsePermissions(written)
		told := func(entries []consentEntry) string {
			var parts []string
			for _, e := range entries {
				parts = append(parts, strings.Join(e.scopes, " "))
				if e.client != permissionClient || e.resource != permissionResource || e.consentType != forAll {
					t.Errorf("%s: got %+v", written, e)
				}
			}
			return strings.Join(parts, ", ")
		}
		if got := told(before) + " => " + told(after); got != want || problem != "" {
			t.Errorf("%s: got %q, %q, want %q", written, got, problem, want)
		}
	}
	for _, written := range []string{"", "[]", "words", "[] => ", "[] -> []", "[] => [[]]", "[] => [" + one, "=> []", "[] => [" + strings.Replace(one, "Scope", "ClientId", 1) + "]"} {
		if _, after, problem := parsePermissions(written); problem == "" || after != nil {
			t.Errorf("%q: got %v, %q, want a problem", written, after, problem)
		}
	}
}

// Whatever is written, either it is read whole, each entry with an API and scopes, or there is a problem and nothing else.
func FuzzPermissions(f *testing.F) {
	for _, seed := range []string{"[] => [" + writtenEntry("A B") + "]; ", "[[Id: a]] => [[", "[] => []; [] => []", "]=>["} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		before, after, problem := parsePermissions(written)
		if problem != "" && len(before)+len(after) > 0 {
			t.Errorf("%q: a problem, and %v %v", written, before, after)
		}
		for _, e := range slices.Concat(before, after) {
			if !isGUID(e.resource) || len(e.scopes) == 0 || e.consentType == "" {
				t.Errorf("%q: got %+v", written, e)
			}
		}
	})
}

func TestAppIDs(t *testing.T) {
	for names, want := range map[string]string{
		permissionClient: permissionClient, "https://a;" + permissionClient + "/host;" + permissionResource: permissionResource,
		permissionClient + "/ags.windows.net": permissionClient, "https://graph.microsoft.com": "", "": "",
	} {
		if got := appIDOf(names); got != want {
			t.Errorf("%q: got %q, want %q", names, got, want)
		}
	}
}
