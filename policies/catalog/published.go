package catalog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
)

// MaxPublished bounds the table that is imported, in bytes; the published one has three millions.
const MaxPublished = 64 << 20

// Published is the table of permissions and operations that Microsoft publishes with the tool kibali, as it was imported.
// https://github.com/microsoftgraph/kibali
type Published struct {
	// Source is the SHA-256 of the table as it was published, in hex; Digest that of the imported file, empty before it is written.
	Source, Digest string
	Counts         PublishedCounts
	// Warnings tell what was not understood and left out; it does not change what was.
	Warnings []string

	operations []Operation
}

// PublishedCounts tell what became of the table. A cell is an operation with one kind of permission.
type PublishedCounts struct {
	Permissions int `json:"permissions"`
	Paths       int `json:"paths"`
	Cells       int `json:"cells"`
	// NoLeast are cells without a least permission. Of those with several, SoleMethod were decided for the permission that
	// serves no other method of the path, FewestMethods for the one that serves the fewest, and Ambiguous keep several.
	NoLeast       int `json:"no_least"`
	SoleMethod    int `json:"sole_method"`
	FewestMethods int `json:"fewest_methods"`
	Ambiguous     int `json:"ambiguous"`
	// WriteToRead are reading cells whose least permission writes by its name, which is no error.
	WriteToRead  int `json:"write_to_read"`
	AlsoRequires int `json:"also_requires"` // ways that take several permissions
	NewWords     int `json:"new_words"`     // paths with words that this version does not know; their calls are not recognised
	// Dropped counts rows that were left out, by reason.
	Dropped map[string]int `json:"dropped"`
}

// ParsePublished reads the published table strictly. name stands in errors, which have line and JSON pointer; nothing of a
// faulty table is taken.
//
// Its traps: least marks belong to sets of methods and are therefore too many (they are thinned out as kibali does);
// AlsoRequires lists permissions of which one must be added; some permissions are listed as if they alone allowed what
// they only complete; paths differ in case, in how keys are written, and some are no paths.
func ParsePublished(name string, data []byte) (*Published, error) {
	sum := sha256.Sum256(data)
	p := &parser{
		jsonReader: newJSONReader(name, bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))),
		paths:      map[string]*publishedPath{}, names: map[string]string{},
		into: &Published{Source: hex.EncodeToString(sum[:]), Counts: PublishedCounts{Dropped: map[string]int{}}},
	}
	if err := p.document(); err != nil {
		return nil, err
	}
	p.settle()
	return p.into, nil
}

// parser gathers the rows of the table by path.
type parser struct {
	*jsonReader
	into  *Published
	paths map[string]*publishedPath // by what they are found by
	names map[string]string         // of permissions, by lower case
	warns int
}

// publishedPath is what is said of one path.
type publishedPath struct {
	spelling string
	rows     map[rowKey]*row
}

type rowKey struct {
	kind       Kind
	method     string
	permission string
}

type row struct {
	least bool
	alone bool       // allowed by itself at least once
	also  [][]string // permissions of which one must be added, for each time that was said
}

const maxWarnings = 10

func (p *parser) warn(format string, args ...any) {
	p.warns++
	if p.warns <= maxWarnings {
		p.into.Warnings = append(p.into.Warnings, p.errorf(format, args...).Error())
	}
}

func (p *parser) drop(reason string) { p.into.Counts.Dropped[reason]++ }

func (p *parser) document() error {
	found := false
	err := p.object(func(name string) error {
		switch name {
		case "$schema":
			_, err := p.text()
			return err
		case "permissions":
			found = true
			return p.object(p.permission)
		default:
			p.warn("unknown member, left out")
			return p.skip()
		}
	})
	if err == nil {
		err = p.end()
	}
	switch {
	case err != nil:
		return err
	case !found:
		return p.errorf("it has no permissions")
	case len(p.paths) == 0:
		return p.errorf("none of its permissions allows anything")
	}
	if more := p.warns - maxWarnings; more > 0 {
		p.into.Warnings = append(p.into.Warnings, fmt.Sprintf("%s: %d more like these", p.name, more))
	}
	return nil
}

// published is one permission of the table.
type published struct {
	name          string
	authorization string
	schemes       []string
	sets          []pathSet
}

func (p *parser) permission(name string) error {
	p.into.Counts.Permissions++
	one := published{name: name}
	if name == "" || strings.ContainsAny(name, " \t\r\n,;=+*") {
		return p.errorf("%q is no permission", name)
	}
	if first, twice := p.names[strings.ToLower(name)]; twice { // whose case differs
		p.warn("stands there as %s too, and is taken for the same", first)
		one.name = first
	} else {
		p.names[strings.ToLower(name)] = name
	}
	err := p.object(func(member string) (err error) {
		switch member {
		case "authorizationType":
			if one.authorization, err = p.text(); err == nil && one.authorization != "oAuth2" && one.authorization != "RSC" {
				err = p.errorf("%q is neither oAuth2 nor RSC", one.authorization)
			}
		case "schemes":
			err = p.object(func(scheme string) error {
				one.schemes = append(one.schemes, scheme)
				return p.scheme()
			})
		case "pathSets":
			err = p.array(func() error {
				set, err := p.pathSet()
				one.sets = append(one.sets, set)
				return err
			})
		case "ownerInfo":
			err = p.skip()
		default:
			p.warn("unknown member, left out")
			err = p.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	return p.take(one)
}

// scheme reads what is said of one way to hold a permission; only its shape matters here.
func (p *parser) scheme() error {
	return p.object(func(member string) error {
		switch member {
		case "adminDisplayName", "adminDescription", "userDisplayName", "userDescription":
			_, err := p.text()
			return err
		case "requiresAdminConsent":
			token, err := p.token()
			if _, ok := token.(bool); err == nil && !ok {
				err = p.errorf("want true or false, got %s", describe(token))
			}
			return err
		case "privilegeLevel":
			return p.skip()
		default:
			p.warn("unknown member, left out")
			return p.skip()
		}
	})
}

// pathSet is a list of paths that a permission allows with the same methods.
type pathSet struct {
	schemes, methods []string
	paths            []pathMarks
}

type pathMarks struct {
	path  string
	least []string // schemes
	also  []string
}

func (p *parser) pathSet() (set pathSet, err error) {
	has := map[string]bool{}
	err = p.object(func(member string) (err error) {
		has[member] = true
		switch member {
		case "schemeKeys":
			set.schemes, err = p.texts()
		case "methods":
			if set.methods, err = p.texts(); err == nil {
				err = p.checkMethods(set.methods)
			}
		case "paths":
			err = p.object(func(path string) error {
				marks, err := p.marks(path)
				set.paths = append(set.paths, marks)
				return err
			})
		default:
			p.warn("unknown member, left out")
			err = p.skip()
		}
		return err
	})
	switch {
	case err != nil:
	case !has["schemeKeys"] || !has["methods"] || !has["paths"]:
		err = p.errorf("it needs schemeKeys, methods and paths")
	case len(set.schemes) == 0 || len(set.methods) == 0 || len(set.paths) == 0:
		p.drop("path sets that are empty")
	}
	return set, err
}

func (p *parser) checkMethods(methods []string) error {
	for _, method := range methods {
		if method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return p.errorf("%q is no method", method)
		}
	}
	return nil
}

// marks reads "least=DelegatedWork,Application;AlsoRequires=A,B".
func (p *parser) marks(path string) (pathMarks, error) {
	marks := pathMarks{path: path}
	text, err := p.text()
	if err != nil {
		return marks, err
	}
	if !strings.HasPrefix(path, "/") {
		return marks, p.errorf("the path does not begin with a slash")
	}
	if strings.ContainsFunc(path, unicode.IsControl) { // filters in paths have spaces
		return marks, p.errorf("the path %q has a control character", path)
	}
	for property := range strings.SplitSeq(text, ";") {
		name, list, ok := strings.Cut(property, "=")
		values := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
		switch {
		case property == "":
		case !ok || len(values) == 0:
			return marks, p.errorf("%q is no name=value", property)
		case strings.EqualFold(name, "least") && marks.least == nil:
			marks.least = values
		case strings.EqualFold(name, "AlsoRequires") && marks.also == nil:
			marks.also = values
		case strings.EqualFold(name, "least"), strings.EqualFold(name, "AlsoRequires"):
			return marks, p.errorf("the mark %s stands twice", name)
		default:
			p.warn("unknown mark %q, left out", name)
		}
	}
	return marks, nil
}
