package snapshot

import "testing"

func TestCheckDataConnect(t *testing.T) {
	runChecks(t, DataConnectEvents, []checkCase{
		{"sound decision", `{"kind":"consent","state":"expired","version":"2","reason":"r","datasets":[{"name":"d","scope":"all","denyGroups":["g"],"privacyPolicy":"DenyList"}]}`, ""},
		{"sound run", `{"kind":"operation","groups":[],"runId":"r","reason":""}`, ""},
		{"texts", `{"kind":"consent","state":"approved","version":2,"reason":null,"runId":[]}`, "version: expected text, found a number|reason: expected text, found null|runId: expected text, found an array"},
		{"groups", `{"kind":"operation","groups":null}`, "groups: expected an array, found null"},
		{"groups that are plain", `{"kind":"operation","groups":["a","","b,]"]}`, ""},
		{"groups with an escape", `{"kind":"operation","groups":["a\"","b"]}`, ""},
		{"a group behind texts", `{"kind":"operation","groups":["a","b",null,"c"]}`, "groups/2: expected text, found null"},
		{"a group", `{"kind":"operation","groups":["a",1]}`, "groups/1: expected text, found a number"},
		{"denied groups", `{"kind":"consent","state":"approved","datasets":[{"denyGroups":"g","privacyPolicy":{}}]}`, "datasets/0/denyGroups: expected an array, found text|datasets/0/privacyPolicy: expected text, found an object"},
	})
	runChecks(t, DataConnectRegister, []checkCase{
		{"the tenant", `{"tenantId":"t","appId":"*","crossTenantMovement":false}`, ""},
		{"an application", `{"tenantId":"t","appId":"a","name":"n","developer":"d","state":"pending","purpose":"p","multiTenant":true,"datasets":[{"name":"d"}],"definition":{"version":"1","updatedAt":"2026-01-02T03:04:05Z","datasets":[{"name":"d","columns":["c"],"scope":"list","groups":["g"],"filter":"f","denyGroups":[]}],"sinks":["s"],"destinationTenantId":"t"},"line":3}`, ""},
		{"of other types", `{"name":1,"developer":[],"state":"frozen","purpose":null,"multiTenant":"true","crossTenantMovement":1,"line":"3"}`, `name: expected text, found a number|developer: expected text, found an array|state: "frozen" is none of pending, approved, denied, expired, update_available|purpose: expected text, found null|multiTenant: expected true or false, found text|crossTenantMovement: expected true or false, found a number|line: expected a whole number, found text`},
		{"definition null", `{"definition":null}`, "definition: expected an object, found null"},
		{"of a definition", `{"definition":{"version":1,"datasets":{},"sinks":"s","destinationTenantId":5,"updatedAt":"soon"}}`, `definition/version: expected text, found a number|definition/datasets: expected an array, found an object|definition/sinks: expected an array, found text|definition/destinationTenantId: expected text, found a number|definition/updatedAt: "soon" is not an instant`},
		{"changed at no time", `{"definition":{"updatedAtRaw":"soon"}}`, `/definition/updatedAt "soon" is not an instant`},
		{"of a defined dataset", `{"definition":{"datasets":[{"columns":null,"groups":[1]},5]}}`, "definition/datasets/0/columns: expected an array, found null|definition/datasets/0/groups/0: expected text, found a number|definition/datasets/1: expected an object, found a number"},
	})
}

func TestCheckRoleEvents(t *testing.T) {
	runChecks(t, RoleEvents, []checkCase{
		{"sound", `{"id":"r","at":"2026-01-02T03:04:05Z","change":"added","principalId":"p","principalUpn":"u","roleId":"g","roleName":"n","by":"b"}`, ""},
		{"by name", `{"change":"removed","principalUpn":"u","roleId":"g"}`, ""},
		{"nothing", `{}`, "change: expected text, found nothing|principalId: expected an id, found nothing|roleId: expected an id, found nothing"},
		{"of other types", `{"at":5,"change":"Added","principalId":1,"principalUpn":null,"roleId":" ","roleName":1,"by":[]}`, `at: expected an instant, found a number|change: "Added" is not a known change|principalId: expected text, found a number|principalUpn: expected an id, found null|roleId: expected an id, found text|roleName: expected text, found a number|by: expected text, found an array`},
		{"at no time", `{"atRaw":"soon","change":"added","principalId":"p","roleId":"g"}`, `/at "soon" is not an instant`},
	})
}

func TestCheckSubscriptions(t *testing.T) {
	runChecks(t, ActivitySubscriptions, []checkCase{
		{"sound", `{"id":"Audit.General","status":"enabled","started":true,"reason":"r","clientId":"c"}`, ""},
		{"the audit log", `{"id":"audit-log","status":"off"}`, ""},
		{"without status", `{"id":"Audit.General"}`, "status: expected text, found nothing"},
		{"status of the other kind", `{"id":"Audit.General","status":"off"}`, `status: "off" is not a known status`},
		{"status of the audit log", `{"id":"audit-log","status":"enabled"}`, `status: "enabled" is not a known status`},
		{"of other types", `{"id":"Audit.General","status":"missing","started":"no","reason":1,"clientId":{}}`, "started: expected true or false, found text|reason: expected text, found a number|clientId: expected text, found an object"},
	})
}

func TestCheckPipelines(t *testing.T) {
	const needed = `"file":"f","line":1,"inactive":false,"allColumns":false,"unresolved":[]`
	runChecks(t, Pipelines, []checkCase{
		{"sound", `{"id":"f#p/a","name":"p/a","file":"f","line":12,"pipeline":"p","activity":"a","product":"synapse","type":"Copy","inactive":false,"appId":"x","appTenantId":"t","dataTenantId":"t","dataset":"d","allColumns":true,"columns":["c"],"scope":"list","groups":["g"],"filter":"","destinationTenantId":"t","destinationAssumed":true,"destination":{"type":"AzureBlobFS","location":"https://x","partial":true},"unresolved":[{"field":"scope","expression":"@x","file":"f","line":3,"reason":"r"}]}`, ""},
		{"the least", "{" + needed + "}", ""},
		{"nothing", `{}`, "file: it is missing|line: it is missing|inactive: it is missing|allColumns: it is missing|unresolved: it is missing"},
		{"of other kinds", "{" + needed + `,"product":"airflow","scope":"some"}`, `product: "airflow" is none of data_factory, synapse, fabric|scope: "some" is none of all, list, filter`},
		{"of other types", "{" + needed + `,"appId":1,"columns":"c","groups":[null],"destination":[],"filter":{}}`, "/appId expected text, found a number|/columns expected an array, found text|/groups/0 expected text, found null|/filter expected text, found an object|/destination expected an object, found an array"},
		{"needed ones null", `{"file":null,"line":null,"inactive":null,"allColumns":null,"unresolved":null}`, "/file expected text, found null|/line expected a whole number, found null|/inactive expected true or false, found null|/allColumns expected true or false, found null|/unresolved expected an array, found null"},
		{"destination that does not say how far", "{" + needed + `,"destination":{"location":5}}`, "/destination/location expected text, found a number|destination/partial: it is missing"},
		{"unresolved of nothing", `{"file":"f","line":1,"inactive":false,"allColumns":false,"unresolved":[{"line":"1"},5]}`, "unresolved/0/field: it is missing|/unresolved/0/line expected a whole number, found text|/unresolved/1 expected an object, found a number"},
	})
}
