package activity

// Permissions lists the application permissions that reading takes: those of the Office
// 365 Management APIs, and, with queries for older records, those of Microsoft Graph.
func Permissions(queries bool) (management, graph []string) {
	if queries {
		graph = []string{queryPermission}
	}
	return []string{feedPermission}, graph
}
