package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// print writes the answer as text or JSON.
func (a *minimalAnswer) print(out io.Writer, format string) error {
	if format == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(a)
	}
	var text strings.Builder
	a.head(&text)
	for _, k := range a.Answers {
		k.text(&text)
	}
	paragraph(&text, "Could not be told", a.Untold)
	paragraph(&text, "Bear in mind", a.Notes)
	_, err := io.WriteString(out, text.String())
	return err
}

func (a *minimalAnswer) head(out io.Writer) {
	fmt.Fprintf(out, "%s\n", oneLine(strings.TrimSpace(a.AppID+" "+a.Name)))
	e := a.Evidence
	if e.From != "" {
		how := "first to last call in the files"
		if e.Declared {
			how = "as declared"
		}
		fmt.Fprintf(out, "look-back: %s to %s, %s (%s)\n", e.From, e.To, counted(e.Days, "day"), how)
	}
	fmt.Fprintf(out, "rows read: %d; left out: %d met before, %d without success, %d of another tenant\n", e.Rows, e.Duplicates, e.Failed, e.Foreign)
}

func (k kindAnswer) text(out io.Writer) {
	fmt.Fprintf(out, "\n%s permissions, for %s\n", capitalised(string(k.Kind)), counted(k.Calls, "call"))
	l := k.Least
	if l == nil {
		paragraph(out, "Granted, of which nothing is said", k.Granted)
		return
	}
	proven := "proven minimal"
	if !l.Proven {
		proven = fmt.Sprintf("not proven minimal (gap %d)", l.Gap)
	}
	if n := len(l.Unexplained); n > 0 {
		proven += fmt.Sprintf("; %s allowed by nothing that is known to be granted", counted(n, "operation"))
	}
	if len(l.Uncovered) > 0 {
		proven += fmt.Sprintf("; without %s not covered", counted(len(l.Uncovered), "operation"))
	}
	if l.GrantedWeight != nil {
		proven += fmt.Sprintf("; what is granted weighs %d", *l.GrantedWeight)
	}
	fmt.Fprintf(out, "\n  Smallest set: weight %d, %s\n", l.Weight, proven)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range l.Permissions {
		fmt.Fprintf(table, "    %s\t%s\t%d%s\n", oneLine(p.Value), p.Tier, p.Weight, k.standing(p.Value))
	}
	if len(l.Permissions) == 0 {
		fmt.Fprintln(table, "    no permission")
	}
	_ = table.Flush()
	l.proof(out)
	l.removable(out)
}

// standing is a cell that says whether a permission of the set is granted; none where that is not known.
func (k kindAnswer) standing(value string) string {
	switch {
	case k.Granted == nil:
		return ""
	case slices.Contains(k.Least.Add, value):
		return "\tnot granted"
	default:
		return "\tgranted"
	}
}

func (l *leastAnswer) proof(out io.Writer) {
	fmt.Fprintf(out, "\n  Calls, and what of the set allows them\n")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, o := range l.Operations {
		by := cmp.Or(strings.Join(o.By, " + "), "no permission is needed")
		if o.By == nil {
			by = "NOT COVERED: " + o.Why
		}
		if len(o.Roles) > 0 {
			by += " (the user: " + strings.Join(o.Roles, " or ") + ")"
		}
		fmt.Fprintf(table, "    %d\t%s\t%s\n", o.Calls, oneLine(o.Operation), oneLine(by))
	}
	_ = table.Flush()
}

func (l *leastAnswer) removable(out io.Writer) {
	if l.GrantedWeight == nil {
		return
	}
	title := "Can go, all together"
	if len(l.Add) > 0 {
		title += ", once granted: " + strings.Join(l.Add, ", ")
	}
	if l.Doubtful {
		title += "; doubtful, since one of them may be what allows the operations that are not covered or not explained"
	}
	if len(l.Removable) == 0 {
		fmt.Fprintln(out, "\n  Nothing that is granted can go.")
	} else {
		paragraph(out, "  "+title, indented(l.Removable))
	}
	if len(l.Kept) > 0 {
		paragraph(out, "  Not judged by calls: scopes of the sign-in, or in use says App governance", indented(l.Kept))
	}
}

func indented(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = "  " + line
	}
	return out
}

// paragraph writes a title and a line for each text; nothing without texts.
func paragraph(out io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", title)
	for _, line := range lines {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		fmt.Fprintf(out, "  %s%s\n", line[:indent], oneLine(line))
	}
}

func capitalised(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
