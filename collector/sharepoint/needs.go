package sharepoint

import "leastwise/collector/snapshot"

// need is what a dataset takes.
func (r *run) need(name snapshot.Name) snapshot.Need {
	switch name {
	case snapshot.ContainerTypes, snapshot.ContainerTypeOwners:
		return snapshot.Need{Dataset: name, Least: []string{manageTypes}} // nothing narrower exists
	case snapshot.ContainerTypeRegistrations, snapshot.ContainerTypeGrants:
		return snapshot.Need{Dataset: name, Least: r.registrationsNeed()}
	}
	return snapshot.Need{Dataset: name, Least: r.containersNeed()}
}

// registrationsNeed opens the registrations and the grants in them. Selected is
// narrower than Manage.All and shows those of the calling application's own
// container types only, which is all that an application sees by itself.
func (r *run) registrationsNeed() []string {
	if r.session.AppOnly() {
		return []string{ownRegistrations}
	}
	return []string{manageRegistrations, ownRegistrations}
}

// containersNeed opens the containers and their permissions; likewise.
func (r *run) containersNeed() []string {
	if r.session.AppOnly() {
		return []string{someContainers}
	}
	return []string{manageContainers, someContainers}
}

// lacking notes what a dataset takes, and tells when the token has none of it.
func (r *run) lacking(name snapshot.Name) *snapshot.Dataset { return r.session.Need(r.need(name)) }

// noteNeeds notes all needs before anything is read, also of datasets that hang on
// others: a run that is interrupted has needed them, too.
func (r *run) noteNeeds() {
	for _, name := range r.Datasets() {
		if ofTypes := name == snapshot.ContainerTypes || name == snapshot.ContainerTypeOwners; !ofTypes || !r.session.AppOnly() {
			r.lacking(name)
		}
	}
}
