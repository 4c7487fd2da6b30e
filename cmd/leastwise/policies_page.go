package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"leastwise/policies"
)

// pageMark begins every page, so that pages of controls that are gone can be told from what people wrote.
const pageMark = "<!-- written by leastwise policies docs; changes are lost -->\n"

// controlPage is the page of one control, in Markdown.
func controlPage(library *policies.Library, c *policies.Control, examples map[string]policies.Example) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n# %s: %s\n\n", pageMark, c.ID, inline(c.Title))
	fmt.Fprintf(&out, "| | |\n|---|---|\n| Severity | %s |\n| Judges | each `%s` |\n", c.Severity, c.Subject)
	needs := cmp.Or(codes(c.Requires), "no dataset: the snapshot itself says it")
	if policies.JudgesWaivers(c.ID) {
		needs = "a waiver file: `--waivers`, or `waivers` in the configuration"
	}
	fmt.Fprintf(&out, "| Needs | %s |\n", needs)
	if len(c.Optional) > 0 {
		fmt.Fprintf(&out, "| Uses if there | %s |\n", codes(c.Optional))
	}
	fmt.Fprintf(&out, "| Package | `%s` |\n", c.Package())
	section(&out, "Why", inline(c.Description))
	foundSection(&out, c, examples)
	section(&out, "When it says unknown", doubtful(library, c))
	section(&out, "What to do", inline(c.Remediation))
	var references []string
	for _, reference := range c.References {
		references = append(references, "- <"+reference+">")
	}
	section(&out, "References", strings.Join(references, "\n"))
	section(&out, "Frameworks", frameworkTable(library, c))
	return out.Bytes()
}

func section(out *bytes.Buffer, title, text string) {
	if text = strings.TrimSpace(text); text != "" {
		fmt.Fprintf(out, "\n## %s\n\n%s\n", title, text)
	}
}

// foundSection shows what a finding says, and one.
func foundSection(out *bytes.Buffer, c *policies.Control, examples map[string]policies.Example) {
	fmt.Fprintf(out, "\n## What a finding says\n\n```text\n%s\n```\n", strings.Join(strings.Fields(c.Message), " "))
	example, ok := examples[c.ID]
	if !ok {
		return
	}
	fmt.Fprintf(out, "\nFor example (%s):\n\n```text\n%s\n```\n\n```json\n%s\n```\n", inline(example.Case), oneLine(example.Message),
		prettyJSON(map[string]json.RawMessage{"key": example.Key, "evidence": example.Evidence}))
}

func prettyJSON(value any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return "{}"
	}
	return strings.TrimSpace(out.String())
}

// doubtful says when a control does not know.
func doubtful(library *policies.Library, c *policies.Control) string {
	if policies.JudgesWaivers(c.ID) {
		return "Never. A waiver of something that was not judged is shown as `unjudged`, and covers nothing."
	}
	var lines []string
	if len(c.Requires) > 0 {
		what := "what rests on the missing part is not judged"
		if c.Absence {
			what = "nothing is judged: the control looks for what is not there"
		}
		lines = append(lines, "- A dataset that it needs could not be read. Where one was read in part, "+what+".")
	}
	for _, doubt := range library.Doubts(c) {
		lines = append(lines, "- Not known of the subject: "+inline(doubt)+".")
	}
	return strings.Join(append(lines, "- The control fails, or gives no answer in time."), "\n")
}

func frameworkTable(library *policies.Library, c *policies.Control) string {
	var rows []string
	for _, framework := range library.Frameworks {
		for _, requirement := range framework.Requirements {
			if slices.Contains(requirement.Controls, c.ID) {
				rows = append(rows, fmt.Sprintf("| %s %s | %s | %s |", cell(framework.Title), cell(framework.Version), cell(requirement.ID), cell(requirement.Title)))
			}
		}
	}
	if len(rows) == 0 {
		return ""
	}
	return "| Framework | Requirement | What it asks for, in our words |\n|---|---|---|\n" + strings.Join(rows, "\n")
}

// indexPage lists all controls.
func indexPage(library *policies.Library) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n# Controls\n\n%d controls. `leastwise policies show ID` prints one.\n\n", pageMark, len(library.Listed()))
	fmt.Fprint(&out, "| Id | Severity | Judges | Title |\n|---|---|---|---|\n")
	for _, c := range library.Listed() {
		fmt.Fprintf(&out, "| [%s](%s.md) | %s | `%s` | %s |\n", c.ID, c.ID, c.Severity, c.Subject, cell(c.Title))
	}
	fmt.Fprint(&out, "\n## By framework\n\nTitles are in our own words. `--framework NAME` runs the controls of one framework and groups by its requirements.\n")
	for _, framework := range library.Frameworks {
		fmt.Fprintf(&out, "\n### %s %s (`%s`)\n\n<%s>\n\n", inline(framework.Title), inline(framework.Version), framework.Name, framework.Source)
		fmt.Fprint(&out, "| Requirement | What it asks for | Controls |\n|---|---|---|\n")
		for _, requirement := range framework.Requirements {
			var links []string
			for _, c := range library.Controls {
				if slices.Contains(requirement.Controls, c.ID) {
					links = append(links, fmt.Sprintf("[%s](%s.md)", c.ID, c.ID))
				}
			}
			fmt.Fprintf(&out, "| %s | %s | %s |\n", cell(requirement.ID), cell(requirement.Title), strings.Join(links, ", "))
		}
	}
	return out.Bytes()
}

// inline is text on one line that Markdown shows as it is.
func inline(text string) string {
	return strings.NewReplacer("<", "&lt;", "*", `\*`, "[", `\[`, "`", "\\`").Replace(oneLine(text))
}

// cell is such text in a table.
func cell(text string) string { return strings.ReplaceAll(inline(text), "|", `\|`) }

func codes(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = "`" + name + "`"
	}
	return strings.Join(words, ", ")
}
