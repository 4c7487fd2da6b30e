package usage

import (
	"bytes"
	"encoding/json"

	"leastwise/collector/saved"
)

// field is a member of a row that is read, whatever it is called in the different forms.
type field int

const (
	at             field = iota // when it happened
	writtenAt                   // the same, of the envelope
	createdAt                   // the same, of a sign-in
	requestID                   // of a call; the portal calls the id of a sign-in so
	rowID                       // of a sign-in
	appID                       // of the caller
	userID                      // of whoever the caller acts for
	principalID                 // of the caller, where it acts for itself
	identityType                // app or user
	method                      // of the request
	uri                         // of the request
	status                      // of the answer
	roles                       // of the token
	scopes                      // of the token
	tenant                      // the directory
	tenantID                    // the directory in diagnostic form, the workspace in Log Analytics
	resourceID                  // of the envelope: /tenants/…
	category                    // of the log
	properties                  // what the envelope is around
	result                      // of a sign-in: 0 is success
	signInStatus                // likewise, as Graph and the portal have it
	eventTypes                  // of a sign-in, as Graph has it
	permission                  // in App governance
	permissions                 // likewise, several
	permissionType              // likewise
	inUse                       // likewise
	targetAppID                 // likewise: the resource
	fields
)

// named finds the field of a name. Names are compared without anything but letters and
// digits, since forms differ in case, spaces and units:
// https://learn.microsoft.com/azure/azure-monitor/reference/tables/microsoftgraphactivitylogs,
// https://learn.microsoft.com/azure/azure-monitor/reference/tables/aadserviceprincipalsigninlogs,
// https://learn.microsoft.com/azure/azure-monitor/reference/tables/signinlogs,
// https://learn.microsoft.com/defender-xdr/advanced-hunting-oauthappinfo-table,
// https://learn.microsoft.com/defender-xdr/advanced-hunting-graphapiauditevents-table.
func named(name []byte) (field, bool) {
	var space [40]byte
	plain := space[:0]
	for _, c := range name {
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case (c < 'a' || c > 'z') && (c < '0' || c > '9'):
			continue
		}
		if len(plain) == cap(plain) {
			return 0, false
		}
		plain = append(plain, c)
	}
	return namedPlain(plain)
}

//nolint:gocyclo // a table, which a map would make slower: it is looked at for each member of each row
func namedPlain(plain []byte) (field, bool) {
	switch string(plain) {
	case "timegenerated", "timegeneratedutc", "timestamp", "timestamputc", "dateutc":
		return at, true
	case "time":
		return writtenAt, true
	case "createddatetime", "createddatetimeutc":
		return createdAt, true
	case "requestid":
		return requestID, true
	case "id":
		return rowID, true
	case "appid", "applicationid", "oauthappid":
		return appID, true
	case "userid", "accountobjectid":
		return userID, true
	case "serviceprincipalid":
		return principalID, true
	case "cidtyp":
		return identityType, true
	case "requestmethod":
		return method, true
	case "requesturi":
		return uri, true
	case "responsestatuscode":
		return status, true
	case "roles":
		return roles, true
	case "scopes":
		return scopes, true
	case "aadtenantid":
		return tenant, true
	case "tenantid":
		return tenantID, true
	case "resourceid":
		return resourceID, true
	case "category", "type":
		return category, true
	case "properties":
		return properties, true
	case "resulttype":
		return result, true
	case "status":
		return signInStatus, true
	case "signineventtypes":
		return eventTypes, true
	case "permission", "permissionname", "permissionvalue":
		return permission, true
	case "permissions":
		return permissions, true
	case "permissiontype":
		return permissionType, true
	case "inuse", "usagestatus", "permissionusage":
		return inUse, true
	case "targetappid", "resourceappid":
		return targetAppID, true
	}
	return 0, false
}

// record is one row: the text of the fields that stand in it. Texts are valid until the
// next row is read.
type record struct {
	text [fields][]byte
	mask uint32 // of those that stand there, be they empty
	line int
}

func (r *record) reset(line int) { *r = record{line: line} }

func (r *record) has(list ...field) bool {
	for _, f := range list {
		if r.mask&(1<<f) == 0 {
			return false
		}
	}
	return true
}

// set sets a field. Of two members that mean the same, the first that says something
// counts.
func (r *record) set(f field, text []byte) {
	r.mask |= 1 << f
	if len(r.text[f]) == 0 {
		r.text[f] = text
	}
}

// members sets what is known of the members of a JSON object. It returns false for what is
// no object.
func (r *record) members(object []byte) bool {
	return saved.Members(object, func(name, value []byte) {
		if f, ok := named(name); ok {
			r.set(f, plainValue(value))
		}
	})
}

// plainValue is the text of a JSON value: that of a string, nothing for null, and
// anything else as it stands.
func plainValue(value []byte) []byte {
	switch {
	case len(value) == 0 || string(value) == "null":
		return nil
	case value[0] != '"':
		return value
	case bytes.IndexByte(value, '\\') < 0:
		return value[1 : len(value)-1]
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		return value
	}
	return []byte(text)
}

// first is the first of some fields that says something.
func (r *record) first(list ...field) []byte {
	for _, f := range list {
		if len(r.text[f]) > 0 {
			return r.text[f]
		}
	}
	return nil
}
