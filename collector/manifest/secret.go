package manifest

import (
	"regexp"
	"strings"
)

// secretText tells texts that may hold a key or a token: they are never shown.
var secretText = regexp.MustCompile(`(?i)(sig|key|password|pwd|secret|token|sharedaccesssignature|accountkey)\s*=`)

// userInfo is the user and the password of an address.
var userInfo = regexp.MustCompile(`//[^/\s@:]*:[^/\s]*@`)

const notShown = "(not shown: it may hold a key)"

// shown is an expression as it may be shown: short, and never a secret.
func shown(expression string) string {
	if secretText.MatchString(expression) {
		return notShown
	}
	expression = userInfo.ReplaceAllString(expression, "//…@")
	if runes := []rune(expression); len(runes) > 300 {
		return string(runes[:300]) + "…"
	}
	return expression
}

// veiled is a cause whose expression shows none of the texts in it. Those of an address
// or a connection string may be keys, which nothing tells from other texts.
func (c *cause) veiled() *cause {
	if c == nil || c.expression == "" {
		return c
	}
	hidden := *c
	hidden.expression = veil(c.expression)
	return &hidden
}

// veil replaces the texts in an expression, but not the names of what it refers to.
func veil(text string) string {
	switch {
	case strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") && !strings.HasPrefix(text, "[["):
		return "[" + veilExpression(text[1:len(text)-1]) + "]"
	case strings.HasPrefix(text, "@") && !strings.HasPrefix(text, "@@") && !strings.HasPrefix(text, "@{"):
		return "@" + veilExpression(text[1:])
	}
	pieces, ok := interpolation(text)
	if !ok {
		return notShown
	}
	var out strings.Builder
	for _, p := range pieces {
		switch {
		case p.expression:
			out.WriteString("@{" + veilExpression(p.text) + "}")
		case p.text != "":
			out.WriteString("…")
		}
	}
	return out.String()
}

// named ends what stands before the name of a parameter, a variable or a member.
var named = regexp.MustCompile(`(?i)(parameters|variables)\s*\(\s*$|[\w)\]?]\s*\[\s*$`)

// maxNamed is how far before a name is looked for what it names.
const maxNamed = 40

func veilExpression(text string) string {
	if _, err := parseExpression(text); err != nil {
		return notShown
	}
	var out strings.Builder
	r := &reading{text: text}
	for r.at < len(text) {
		start := r.at
		if text[start] != '\'' {
			out.WriteByte(text[start])
			r.at++
			continue
		}
		r.quoted() // it ends: the expression was parsed
		if named.MatchString(text[max(0, start-maxNamed):start]) {
			out.WriteString(text[start:r.at])
		} else {
			out.WriteString("'…'")
		}
	}
	return out.String()
}
