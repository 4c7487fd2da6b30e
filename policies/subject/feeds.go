package subject

import (
	"cmp"
	"slices"
	"strings"

	"leastwise/collector/snapshot"
)

func (j *Join) loadSubscriptions() error {
	j.feedsListed = j.whole(snapshot.ActivitySubscriptions)
	return eachRow(j, snapshot.ActivitySubscriptions, func(row *wireSubscription, fault string) {
		if reason := j.gap(snapshot.ActivitySubscriptions, row.ID, fault); reason != "" {
			j.setLoose(snapshot.ActivitySubscriptions, reason)
		}
		if row.ID == snapshot.AuditLogRow {
			if status := strings.ToLower(row.Status); status == "on" || status == "off" {
				j.auditLog = status
			}
			return
		}
		client := strings.ToLower(row.ClientID)
		j.feeds[client] = append(j.feeds[client], FeedSubscription{
			ContentType: row.ID, Status: strings.ToLower(row.Status), Started: row.Started, Reason: row.Reason,
		})
	})
}

// addFeeds adds what the Management Activity API said of the tenant and, for an identity
// that collected, of its own subscriptions.
func (j *Join) addFeeds(app *Application) {
	app.AuditLog = j.auditLog
	listed := slices.Concat(j.feeds[app.ID], j.feeds[""])
	if !app.Auditor || len(listed) == 0 && !j.feedsListed {
		return
	}
	app.Subscriptions = append([]FeedSubscription{}, listed...)
	slices.SortFunc(app.Subscriptions, func(a, b FeedSubscription) int { return cmp.Compare(a.ContentType, b.ContentType) })
}

// addRedirectURIs adds the reply URLs of all platforms. They are absent when none could be
// read, and incomplete when some could not.
func addRedirectURIs(app *Application, row *wireApplication) {
	unread := ""
	for _, platform := range []struct {
		name    string
		written *wirePlatform
	}{{"web", row.Web}, {"spa", row.SPA}, {"public_client", row.PublicClient}} {
		if platform.written == nil || platform.written.RedirectURIs == nil {
			unread = cmp.Or(unread, platform.name)
			continue
		}
		if app.RedirectURIs == nil {
			app.RedirectURIs = []RedirectURI{}
		}
		for _, uri := range platform.written.RedirectURIs {
			app.RedirectURIs = append(app.RedirectURIs, RedirectURI{URI: uri, Platform: platform.name})
		}
	}
	if unread != "" && app.RedirectURIs != nil {
		app.Incomplete = append(app.Incomplete, Gap{
			Dataset: snapshot.Applications, Reason: "reply URLs of the platform " + unread + " were not read", Field: "redirect_uris",
		})
	}
	slices.SortFunc(app.RedirectURIs, func(a, b RedirectURI) int {
		return cmp.Or(cmp.Compare(a.URI, b.URI), cmp.Compare(a.Platform, b.Platform))
	})
}
