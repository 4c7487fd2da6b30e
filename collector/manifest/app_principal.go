package manifest

import (
	"slices"
	"strings"
)

// What a reference may lead to besides a resource of Terraform's providers for Entra and Azure.
const (
	rootVariable = "variable" // of the root module, whose value is given, and known
	elsewhere    = "elsewhere"
)

// holder is whom an argument of a resource names, as far as the plan tells.
type holder struct {
	id     string       // object id, where it is known
	apps   []*appReader // of the plan
	people bool         // it is, or may be, a person or a group
	other  bool         // it may be something else
	// stranger is true when it may be a principal of an application that is not in the plan.
	stranger bool
	given    bool // it may be the value of a variable
	// identity is true when it may be the identity of a resource of Azure.
	identity bool
}

// holder follows an argument that names a service principal, a person or a group.
func (p *plan) holder(c *change, argument string) holder {
	h := holder{}
	if at := c.settled().get(argument); present(at) && at.shape == aText {
		_, h.id, _ = cutLast("/" + strings.ToLower(at.text))
		if app := p.byID[p.apis[h.id]]; app != nil {
			h.apps = append(h.apps, app)
			return h
		}
		if p.people[h.id] {
			h.people = true
			return h
		}
	}
	for _, base := range p.refers(c, argument) {
		var app *appReader
		switch kind := kindIn(base); kind {
		case "azuread_user", "azuread_group", "azuread_users", "azuread_groups":
			h.people = true
			continue
		case rootVariable:
			h.given = true
			continue
		case "azuread_service_principal":
			app = p.ofPrincipal(c, base)
		case "azuread_application", "azuread_application_registration":
			app = p.instance(c, base)
		default:
			if strings.HasPrefix(kind, "azurerm_") {
				h.identity = true
				continue
			}
		}
		switch {
		case app == nil:
			h.other, h.stranger = true, h.stranger || strings.HasPrefix(kindIn(base), "azuread_")
		case !slices.Contains(h.apps, app):
			h.apps = append(h.apps, app)
		}
	}
	return h
}

// nobody reports whether it is certainly no application: a person or a group, or what the plan knows only such ones of.
func (h holder) nobody() bool {
	return h.people && len(h.apps) == 0 && !h.other && !h.identity && (h.id == "" || !h.given)
}

// principal is the application whose service principal an argument of a resource names; told is false when it is
// certainly something else. One that is not in the plan, or of which it is not told which one it is, stands for itself.
func (p *plan) principal(c *change, argument string) (a *appReader, told bool) {
	h := p.holder(c, argument)
	switch {
	case h.nobody():
		return nil, false
	case len(h.apps) == 1 && !h.stranger:
		return h.apps[0], true
	}
	key := h.id
	if key == "" {
		key = c.address
	}
	if p.byID["principal "+key] == nil {
		app := p.world.newApp(c.at, formatTerraform, c.address)
		app.row.Name, app.row.PrincipalID, app.row.AppID, app.row.Action = c.address, h.id, p.apis[h.id], c.action
		if app.row.Part = true; h.identity && !h.people && !h.other && len(h.apps) == 0 {
			app.row.Origin = "managed_identity"
		}
		p.byID["principal "+key] = app
	}
	return p.byID["principal "+key], true
}

// settled is what becomes of a resource, or what it was when it goes.
func (c *change) settled() *node {
	if c.after != nil {
		return c.after
	}
	return c.before
}
