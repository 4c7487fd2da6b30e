package catalog

import (
	"slices"
	"strings"
)

// take sorts what one permission allows under the paths.
func (p *parser) take(one published) error {
	if one.authorization == "" {
		return p.errorf("it has no authorizationType")
	}
	for _, set := range one.sets {
		for _, marks := range set.paths {
			for _, scheme := range marks.least {
				if !slices.Contains(set.schemes, scheme) {
					p.drop("least marks for schemes that their set lacks")
				}
			}
			for _, scheme := range set.schemes {
				if !slices.Contains(one.schemes, scheme) {
					return p.errorf("a path set has the scheme %s, which the permission lacks", scheme)
				}
				p.rows(one, scheme, set.methods, marks)
			}
		}
	}
	return nil
}

// rows adds one permission with one scheme on one path.
func (p *parser) rows(one published, scheme string, methods []string, marks pathMarks) {
	kind, reason := kindOf(one.authorization, scheme)
	switch {
	case reason != "":
	case strings.Contains(marks.path, "?"):
		reason = "paths with a query"
	case strings.Contains(marks.path, "..."), strings.Contains(marks.path, "/("):
		reason = "paths that are none"
	}
	if reason != "" {
		p.drop(reason)
		return
	}
	at := p.at(marks.path)
	for _, method := range methods {
		k := rowKey{kind, method, one.name}
		r := at.rows[k]
		if r == nil {
			r = &row{}
			at.rows[k] = r
		}
		r.least = r.least || slices.Contains(marks.least, scheme)
		if len(marks.also) > 0 {
			r.also = append(r.also, marks.also)
		} else {
			r.alone = true
		}
	}
}

func kindOf(authorization, scheme string) (kind Kind, reason string) {
	switch {
	case authorization == "RSC":
		return "", "resource-specific permissions"
	case scheme == "DelegatedWork":
		return Delegated, ""
	case scheme == "Application":
		return Application, ""
	case scheme == "DelegatedPersonal":
		return "", "permissions of personal accounts"
	default:
		return "", "unknown schemes"
	}
}

// at finds the path under which all spellings of it meet. The one with the most capitals is kept, being the most legible.
func (p *parser) at(spelling string) *publishedPath {
	index := indexPath(spelling)
	path := p.paths[index]
	if path == nil {
		path = &publishedPath{spelling: spelling, rows: map[rowKey]*row{}}
		p.paths[index] = path
	}
	if a, b := capitals(spelling), capitals(path.spelling); a > b || a == b && spelling < path.spelling {
		path.spelling = spelling
	}
	return path
}

func capitals(s string) (n int) {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			n++
		}
	}
	return n
}
