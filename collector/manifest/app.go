package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// appReader reads one application. What is wrong with the file goes to errs: such a file is refused.
type appReader struct {
	row  *appRow
	errs *[]error
}

func (w *world) newApp(at *node, format, address string) *appReader {
	row := &appRow{File: at.file.name, Line: at.line, Format: format, Address: address, Unresolved: []unresolved{}}
	w.apps = append(w.apps, row)
	return &appReader{row: row, errs: &w.broken}
}

func (a *appReader) wrong(at *node, format string, args ...any) { wrong(a.errs, at, format, args...) }

func wrong(errs *[]error, at *node, format string, args ...any) {
	*errs = append(*errs, fmt.Errorf("%s:%d: %s", at.file.name, max(1, at.line), fmt.Sprintf(format, args...)))
}

// open notes that the file does not tell a field, or a part of it, before it is deployed.
func (a *appReader) open(field string, at *node) {
	u := unresolved{Field: field, Expression: veiled(at), File: at.file.name, Line: max(1, at.line), Reason: at.why}
	if u.Reason == "" {
		u.Reason = "it is filled in before it is deployed"
	}
	if !slices.Contains(a.row.Unresolved, u) {
		a.row.Unresolved = append(a.row.Unresolved, u)
	}
}

// veiled is the expression that keeps a value from being known, without the texts in it.
func veiled(at *node) string {
	if at.shape == anUnknown && at.text != "" {
		return shown(veil(at.text))
	}
	return shown(at.text)
}

// stand is what tools put into a file before it is used, in the spellings of the common ones.
var stand = regexp.MustCompile(`\$\{|\{\{|#\{|\$\([A-Za-z]|__[A-Za-z0-9_]+__`)

// unfilled reports whether a value is not known before the file is deployed.
func unfilled(n *node) bool {
	return n != nil && (n.shape == anUnknown || n.shape == aText && stand.MatchString(n.text))
}

// text reads a text; known is false when it is not there, or not told.
func (a *appReader) text(field string, n *node) (text string, known bool) {
	switch {
	case !present(n):
		return "", false
	case unfilled(n):
		a.open(field, n)
		return "", false
	case a.twice(n):
		return "", false
	case n.shape != aText:
		a.wrong(n, "expected a text, found %s; hint: write it in quotes", n.shape)
		return "", false
	}
	return n.text, true
}

// twice refuses a member that stands twice.
func (a *appReader) twice(n *node) bool {
	if n == nil || n.shape != aText || n.text != contradiction {
		return false
	}
	a.wrong(n, "the member stands twice, in different case; hint: remove one")
	return true
}

// plain is text without saying whether it was known.
func (a *appReader) plain(field string, n *node) string {
	text, _ := a.text(field, n)
	return text
}

// truth reads true or false; nil when it is not there, or not told.
func (a *appReader) truth(field string, n *node) *bool {
	switch {
	case !present(n):
	case unfilled(n):
		a.open(field, n)
	case n.shape == aScalar && (n.text == "true" || n.text == "false"):
		return new(n.text == "true")
	default:
		a.wrong(n, "expected true or false, found %s; hint: write it without quotes", n.shape)
	}
	return nil
}

// list reads the elements of a list; told is false when the file does not speak of it.
func (a *appReader) list(field string, n *node) (elements []*node, told bool) {
	switch {
	case !present(n):
		return nil, false
	case unfilled(n):
		a.open(field, n)
	case n.shape == aList:
		return n.list, true
	default:
		a.wrong(n, "expected a list, found %s; hint: write it in brackets", n.shape)
	}
	return nil, true
}

// objects reads the elements of a list of objects.
func (a *appReader) objects(field string, n *node) (elements []*node, told bool) {
	all, told := a.list(field, n)
	for _, element := range all {
		switch {
		case unfilled(element):
			a.open(field, element)
		case element.shape != anObject:
			a.wrong(element, "expected an object, found %s; hint: write it in braces", element.shape)
		default:
			elements = append(elements, element)
		}
	}
	return elements, told
}

// texts reads a list of texts.
func (a *appReader) texts(field string, n *node) (texts []*node, told bool) {
	all, told := a.list(field, n)
	for _, element := range all {
		if _, known := a.text(field, element); known {
			texts = append(texts, element)
		} else if !present(element) {
			a.wrong(element, "expected a text, found null; hint: remove it")
		}
	}
	return texts, told
}

// object reads a member that is an object; nil when it is not there, or not told.
func (a *appReader) object(n *node, fields ...string) *node {
	switch {
	case !present(n):
		return nil
	case unfilled(n):
		for _, field := range fields {
			a.open(field, n)
		}
		return nil
	case n.shape != anObject:
		a.wrong(n, "expected an object, found %s; hint: write it in braces", n.shape)
		return nil
	}
	return n
}

// String names a shape for people.
func (s shape) String() string {
	return [...]string{"null", "a number or truth value", "a text", "a list", "an object", "what is not known"}[s]
}

// asked adds the permissions of one API. names are those of the members, which the formats spell differently.
func (a *appReader) asked(n *node, names [4]string) {
	apis, told := a.objects(fieldRequests, n)
	if told && a.row.Requests == nil {
		a.row.Requests = []appRequest{}
	}
	for _, api := range apis {
		request := appRequest{}
		a.api(api, names[0], &request)
		permissions, there := a.objects(fieldRequests, api.get(names[1]))
		if !there {
			a.wrong(api, "the API has no list %s; hint: write it, or remove the API", names[1])
		}
		for _, permission := range permissions {
			one := request
			one.Line = permission.line
			if id := permission.get(names[2]); !present(id) {
				a.wrong(permission, "the permission has no %s; hint: write the id of the permission", names[2])
			} else if text, known := a.text(fieldRequests, id); known {
				one.ID, one.Name = idOrName(text)
			}
			a.kind(permission, names[3], &one)
			a.row.Requests = append(a.row.Requests, one)
		}
	}
}

// api reads which API permissions are of.
func (a *appReader) api(api *node, name string, request *appRequest) {
	id := api.get(name)
	if !present(id) {
		a.wrong(api, "the API has no %s; hint: write the application id of the API", name)
		return
	}
	if text, known := a.text(fieldRequests, id); known {
		request.ResourceAppID, request.ResourceName = idOrName(text)
	}
}

// kind reads the type of a permission.
func (a *appReader) kind(permission *node, name string, request *appRequest) {
	at := permission.get(name)
	text, known := a.text(fieldRequests, at)
	switch {
	case !present(at):
		a.wrong(permission, "the permission has no %s; hint: Role for an application permission, Scope for a delegated one", name)
	case !known:
	case strings.EqualFold(text, "Role"):
		request.Kind = kindOfApplication
	case strings.EqualFold(text, "Scope"):
		request.Kind = kindOfUser
	default:
		a.wrong(at, "%s %q is neither Role nor Scope; hint: Role for an application permission, Scope for a delegated one", name, text)
	}
}

const (
	kindOfApplication = "application"
	kindOfUser        = "delegated"
)

// idOrName tells an id from a name. Tools that deploy a file take the names, too.
func idOrName(text string) (id, name string) {
	text = strings.TrimSpace(text)
	if lower := strings.ToLower(text); isGUID(lower) {
		return lower, ""
	}
	return "", text
}

// redirects adds the redirect URIs of a platform.
func (a *appReader) redirects(n *node, platform string) {
	texts, told := a.texts(fieldRedirects, n)
	if told && a.row.RedirectURIs == nil {
		a.row.RedirectURIs = []appURI{}
	}
	for _, uri := range texts {
		a.row.RedirectURIs = append(a.row.RedirectURIs, appURI{uri.text, platform, uri.line})
	}
}

// implicit adds a token of the implicit grant.
func (a *appReader) implicit(n *node, token string) {
	if !present(n) {
		return
	}
	if a.row.Implicit == nil {
		a.row.Implicit = []appToken{}
	}
	if on := a.truth(fieldImplicit, n); on != nil && *on {
		a.row.Implicit = append(a.row.Implicit, appToken{token, n.line})
	}
}

// audience reads signInAudience.
func (a *appReader) audience(n *node) {
	if text, known := a.text(fieldAudience, n); known {
		a.row.Audience, a.row.AudienceLine = text, n.line
	}
}

// appID reads the id of the application, which is not known before it is registered.
func (a *appReader) appID(n *node) {
	if present(n) && n.shape == aText && !unfilled(n) && !a.twice(n) {
		a.row.AppID, _ = idOrName(n.text)
	}
}

func (a *appReader) objectID(n *node) {
	if present(n) && n.shape == aText && !unfilled(n) {
		_, last, found := cutLast(n.text)
		a.row.ObjectID, _ = idOrName(map[bool]string{true: last, false: n.text}[found])
	}
}

// title reads the name for people.
func (a *appReader) title(names ...*node) {
	for _, n := range names {
		if a.row.Name == "" && present(n) && n.shape == aText && !a.twice(n) {
			a.row.Name = strings.TrimSpace(n.text)
		}
	}
}
