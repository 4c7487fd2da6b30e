package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"leastwise/collector/identity"
)

// managementAppID is the application id of the Office 365 Management APIs, the same in
// every cloud
// (https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis).
const managementAppID = "c5393580-f805-4401-95e8-94b7a6ef2fc2"

// showInspections prints tables for people.
func (p *program) showInspections(i identity.Inspector, found []identity.Inspection) error {
	for n, f := range found {
		if n > 0 {
			fmt.Fprintln(p.stdout)
		}
		table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		row := func(name, value string) {
			if value != "" {
				fmt.Fprintf(table, "%s\t%s\n", name, capped(value))
			}
		}
		row("token", f.Name)
		if f.Readable {
			claimRows(row, i, f.Claims)
		}
		row("verdict", verdictText(f.Verdict))
		for _, reason := range f.Reasons {
			fmt.Fprintf(table, "\t%s\n", capped(reason))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func verdictText(v identity.Verdict) string {
	switch v {
	case identity.Verified:
		return "verified: signature, issuer, tenant and times are right"
	case identity.Invalid:
		return "NOT VALID"
	default:
		return "could not be verified; what is shown above is what the token says of itself"
	}
}

func claimRows(row func(name, value string), i identity.Inspector, c identity.Claims) {
	who := cmp.Or(c.User, c.UserName, c.ObjectID)
	if c.AppOnly {
		who = "the application for itself, without a person"
	} else if c.User != "" && c.UserName != "" {
		who += " (" + c.UserName + ")"
	}
	row("who", who)
	row("tenant", c.TenantID)
	row("app", named(c.AppID, c.AppName))
	var audience []string
	for _, a := range c.Audience {
		audience = append(audience, named(a, audienceName(i.Cloud, a)))
	}
	row("audience", strings.Join(audience, ", "))
	row("issuer", named(c.Issuer, versionName(c.Version)))
	row("roles", cmp.Or(strings.Join(c.Roles, ", "), "none"))
	row("scopes", cmp.Or(strings.Join(c.Scopes, ", "), "none"))
	if !c.AppOnly || c.KnowsRoles {
		row("directory roles", directoryRoleNames(c))
	}
	row("issued", when(c.Issued, i.Now))
	row("not before", when(c.NotBefore, i.Now))
	row("expires", when(c.Expires, i.Now))
	signed := cmp.Or(c.Algorithm, "none")
	if c.KeyID != "" {
		signed += ", key " + c.KeyID
	}
	if c.HasNonce {
		signed += ", nonce in the header"
	}
	row("signed", signed)
}

// named adds a name to an id.
func named(id, name string) string {
	if id == "" || name == "" {
		return cmp.Or(id, name)
	}
	return id + " (" + name + ")"
}

func versionName(version string) string {
	if version == "" {
		return ""
	}
	return "version " + version
}

func audienceName(cloud identity.Cloud, audience string) string {
	switch strings.ToLower(strings.TrimSuffix(audience, "/")) {
	case identity.GraphAppID, cloud.Graph:
		return "Microsoft Graph"
	case managementAppID, cloud.Management:
		return "Office 365 Management APIs"
	}
	return ""
}

func directoryRoleNames(c identity.Claims) string {
	if !c.KnowsRoles {
		return "the token does not tell"
	}
	var names []string
	for _, id := range c.DirectoryRoles {
		names = append(names, cmp.Or(identity.DirectoryRoleName(id), id))
	}
	return cmp.Or(strings.Join(names, ", "), "none")
}

// when is an instant, and how far it is from another.
func when(t, now time.Time) string {
	switch text := instantText(t); {
	case text == "":
		return ""
	case t.After(now):
		return text + ", in " + distance(t.Sub(now))
	default:
		return text + ", " + distance(now.Sub(t)) + " ago"
	}
}

// distance is a duration of any length, for people.
func distance(d time.Duration) string {
	const day = 24 * time.Hour
	if d < 2*day {
		return brief(d)
	}
	return counted(int(d/day), "day")
}

// capped keeps what a token says on one line of a bearable length.
func capped(text string) string {
	const longest = 1000
	runes := []rune(oneLine(text))
	if len(runes) > longest {
		runes = append(runes[:longest], '…')
	}
	return string(runes)
}
