package sharepoint

// Permissions lists the delegated permissions of Microsoft Graph that reading the
// datasets takes. There are no application permissions for it: what an application
// sees by itself are the registrations and containers of its own container types.
func Permissions() []string { return []string{manageContainers, manageTypes, manageRegistrations} }
