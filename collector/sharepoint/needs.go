package sharepoint

import "leastwise/collector/snapshot"

// need is what a dataset takes: any of the least permissions, or of the accepted
// ones.
type need struct{ least, accepted []string }

// typesNeed opens the container types, and who owns them. Nothing narrower exists.
func typesNeed() need { return need{least: []string{manageTypes}} }

// registrationsNeed opens the registrations and the grants in them. Selected is
// narrower than Manage.All and shows those of the calling application's own
// container types only, which is all that an application sees by itself.
func (r *run) registrationsNeed() need {
	if r.session.AppOnly() {
		return need{least: []string{ownRegistrations}}
	}
	return need{least: []string{manageRegistrations, ownRegistrations}}
}

// containersNeed opens the containers and their permissions; likewise.
func (r *run) containersNeed() need {
	if r.session.AppOnly() {
		return need{least: []string{someContainers}}
	}
	return need{least: []string{manageContainers, someContainers}}
}

// lacking notes what a dataset takes, and tells when the token has none of it.
func (r *run) lacking(name snapshot.Name, n need) *snapshot.Dataset {
	return r.session.Need(name, n.least, n.accepted)
}

// announce notes all needs before anything is read, also of datasets that hang on
// others: a run that is interrupted has needed them, too.
func (r *run) announce() {
	if !r.session.AppOnly() {
		r.lacking(snapshot.ContainerTypes, typesNeed())
		r.lacking(snapshot.ContainerTypeOwners, typesNeed())
	}
	r.lacking(snapshot.ContainerTypeRegistrations, r.registrationsNeed())
	r.lacking(snapshot.ContainerTypeGrants, r.registrationsNeed())
	r.lacking(snapshot.Containers, r.containersNeed())
	r.lacking(snapshot.ContainerPermissions, r.containersNeed())
}
