package folder

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Get-SPOApplication of SharePoint Online Management Shell tells what guest
// applications may do with the containers of an owning application. It takes no
// parameter, and lists the owning applications; -OwningApplicationId, and describes
// one with the ids of its guests; or also -ApplicationId, and gives the permissions
// of one guest.
//
// Verified (https://learn.microsoft.com/powershell/module/sharepoint-online/get-spoapplication):
// the columns OwningApplicationId, OwningApplicationName, Applications,
// SharingCapability, OverrideTenantSharingCapability, and that -ApplicationId
// enumerates app-only permissions.
//
// Unverified, since no page shows the output with permissions: the columns
// ApplicationId, ApplicationName, AppOnlyPermissions, DelegatedPermissions, which
// are the members of the type SPSyntexApplicationProperties that the cmdlet asks
// for, with permissions in words such as ReadContent
// (https://github.com/microsoft/vscode-sharepoint-embedded); that Set-SPOApplicationPermission's
// names PermissionAppOnly and PermissionDelegated occur; whether Applications names
// the owner itself; and that a number stands for the permission that it stands for in
// Graph.
type record map[string]value

// value is a value of a record: JSON, or the text of a field.
type value struct {
	json json.RawMessage
	text string
}

// jsonRecord makes a record of an object's members, whatever their case.
func jsonRecord(members map[string]json.RawMessage) record {
	r := record{}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		r[column(name)] = value{json: members[name]}
	}
	return r
}

func tableRecord(fields map[string]string) record {
	r := record{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		r[column(name)] = value{text: fields[name]}
	}
	return r
}

// column is the name of a column without case, space and punctuation.
func column(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// Columns, in the spellings that they may have.
var (
	ownerColumns     = []string{"owningapplicationid", "owningappid"}
	guestColumns     = []string{"applicationid", "guestapplicationid", "appid", "guestappid"}
	typeColumns      = []string{"containertypeid"}
	guestsColumns    = []string{"applications", "applicationids", "guestapplications"}
	appOnlyColumns   = []string{"apponlypermissions", "apponlypermission", "permissionapponly", "permissionsapponly", "apponly", "applicationpermissions", "applicationpermission"}
	delegatedColumns = []string{"delegatedpermissions", "delegatedpermission", "permissiondelegated", "permissionsdelegated", "delegated"}
)

// isExported reports whether an object is the cmdlet's, and not Graph's.
func isExported(r record) bool {
	return r.has("owningapplicationid") || r.has("owningappid") && !r.has("applicationpermissions") && !r.has("delegatedpermissions")
}

// numbered reports whether permissions are written as numbers, as ConvertTo-Json
// does with those of a program's own types.
func (r record) numbered() bool {
	for _, columns := range [][]string{appOnlyColumns, delegatedColumns} {
		var elements []json.RawMessage
		raw := r.first(columns).json
		if json.Unmarshal(raw, &elements) != nil {
			elements = []json.RawMessage{raw}
		}
		if slices.ContainsFunc(elements, isDigit) {
			return true
		}
	}
	return false
}

func isDigit(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] >= '0' && raw[0] <= '9' }

func (r record) has(column string) bool {
	_, ok := r[column]
	return ok
}

// first is the value of the first of the columns that there is.
func (r record) first(columns []string) value {
	for _, column := range columns {
		if v, ok := r[column]; ok {
			return v
		}
	}
	return value{}
}

// id reads a GUID, which PowerShell may write with braces. The GUID of nothing but
// zeros is none.
func (v value) id() string {
	written := v.text
	if v.json != nil && json.Unmarshal(v.json, &written) != nil {
		return ""
	}
	id := strings.ToLower(strings.Trim(strings.TrimSpace(written), "{}"))
	if strings.Trim(id, "0-") == "" {
		return ""
	}
	return id
}

// typeName is what stands in place of a list that was turned into text: the name of
// its type, or the members of an object.
var typeName = regexp.MustCompile(`^(System|Microsoft)\.[A-Za-z0-9_.+]+(\x60[0-9]+)?(\[.*\])?$|^@\{`)

// list is what a list says.
type list struct {
	words []string
	told  bool
	doubt string // why it may not be all, or not be right
}

// list reads a list: an array, text with separators, or one word. ConvertTo-Json
// also writes {"value": […], "Count": 2}, and SharePoint's REST API {"results": […]}.
func (v value) list() list {
	if v.json == nil {
		return textList(v.text)
	}
	var text string
	var elements []json.RawMessage
	var wrapped struct{ Value, Results json.RawMessage }
	switch {
	case string(v.json) == "null":
		return list{}
	case json.Unmarshal(v.json, &text) == nil:
		return textList(text)
	case json.Unmarshal(v.json, &elements) == nil:
		return elementList(elements)
	case v.json[0] == '{' && json.Unmarshal(v.json, &wrapped) == nil && wrapped.Value != nil:
		return value{json: wrapped.Value}.list()
	case v.json[0] == '{' && wrapped.Results != nil:
		return value{json: wrapped.Results}.list()
	case v.json[0] == '{':
		return list{doubt: "expected a list, found an object"}
	}
	return elementList([]json.RawMessage{v.json})
}

func textList(text string) list {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return list{}
	case typeName.MatchString(text):
		return list{doubt: fmt.Sprintf("what was exported is %q, not the list; hint: export with ConvertTo-Json -Depth 5", text)}
	}
	l := list{told: true}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	for _, mark := range []string{"...", "…"} {
		if strings.Contains(text, mark) {
			text, l.doubt = strings.ReplaceAll(text, mark, " "), "the list is cut off"
		}
	}
	l.words = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;|\t\r\n", r) })
	return l
}

func elementList(elements []json.RawMessage) list {
	l := list{told: true, words: []string{}}
	for _, element := range elements {
		var word string
		if json.Unmarshal(element, &word) == nil && string(element) != "null" {
			inner := textList(word)
			l.words = append(l.words, inner.words...)
			if inner.doubt != "" {
				l.doubt = inner.doubt
			}
			continue
		}
		if _, err := strconv.Atoi(string(element)); err != nil {
			l.doubt = "expected words, found " + string(element[:min(len(element), 20)])
			continue
		}
		l.words = append(l.words, string(element))
	}
	return l
}

// permissions reads a list of permissions and gives those that are known Graph's
// spelling. Others stay as they were written.
func (v value) permissions() list {
	l := v.list()
	for i, word := range l.words {
		if n, err := strconv.Atoi(word); err == nil && n >= 0 && n < len(permissionWords) {
			l.words[i] = permissionWords[n]
			l.doubt = "numbers were exported; that they stand for what they do in Graph is not documented"
			continue
		}
		for _, known := range permissionWords {
			if permissionStem(word) == permissionStem(known) {
				l.words[i] = known
			}
		}
	}
	return l
}

// permissionWords are the members of fileStorageContainerTypeAppPermission in the
// order of their values
// (https://learn.microsoft.com/graph/api/resources/filestoragecontainertypeapppermissiongrant).
var permissionWords = []string{
	"none", "readContent", "writeContent", "manageContent", "create", "delete", "read", "write",
	"enumeratePermissions", "addPermissions", "updatePermissions", "deletePermissions", "deleteOwnPermission",
	"managePermissions", "full",
}

// permissionStem is a permission without case, punctuation and plural, which
// documents disagree about.
func permissionStem(word string) string { return strings.TrimSuffix(column(word), "s") }
