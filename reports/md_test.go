package reports

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"

	"leastwise/policies/finding"
)

func TestMarkdownGolden(t *testing.T) {
	for name, s := range map[string]sample{"contoso": contosoSample(), "empty": emptySample(), "hostile": shortHostileSample(), "gate": gateSample()} {
		checkGolden(t, "testdata/"+name+".md", render(t, "md", s.open(t)))
	}
}

func TestMarkdownIsInertAndSmall(t *testing.T) {
	skipUnderRace(t)
	for name, s := range machineSamples() {
		t.Run(name, func(t *testing.T) { checkMarkdown(t, render(t, "md", s.open(t))) })
	}
	t.Run("large", func(t *testing.T) {
		source := render(t, "md", largeDocument(t, 20_000))
		checkMarkdown(t, source)
		checkMarkdownCounts(t, source, 20_000)
	})
	t.Run("framework and changes", func(t *testing.T) {
		s := hostileSample()
		s.report.Framework = &finding.Framework{Name: "x", Title: hostileNames()[1], Version: hostileNames()[2]}
		for _, name := range hostileNames() {
			s.report.Framework.Requirements = append(s.report.Framework.Requirements, finding.FrameworkRequirement{ID: name, Title: name, Controls: []string{name}})
			list := []finding.ChangedPermission{{Permission: name, Kind: name, Tier: name}, {Permission: name}}
			s.report.Changes = append(s.report.Changes, finding.Change{
				Subject: finding.Subject{Kind: name, ID: name, Name: name}, Location: finding.Location{File: name, Line: 3}, Action: name,
				Requested: list, Granted: list, Dropped: list,
			})
		}
		checkMarkdown(t, render(t, "md", s.open(t)))
	})
	t.Run("forge", func(t *testing.T) {
		s := contosoSample()
		for i := range s.findings {
			s.findings[i].Message, s.findings[i].Subject.Name = forgeText, forgeText
		}
		s.report.Tenant.Name = forgeText
		checkMarkdown(t, render(t, "md", s.open(t)))
	})
}

// forgeText is what a forge would make something of.
const forgeText = "@octocat @org/team #123 GH-7 org/repo#9 org/repo@deadbeef !4 &5 %6 ~bug $8 ^alert https://evil.example www.evil.example mail@evil.example " +
	"mailto:a@b.c [x](https://evil.example) ![x](https://evil.example/x.png) <https://evil.example> <img src=x onerror=alert(1)> </details> </summary> " +
	"| cell | `code` ``` ~~~ *em* **strong** __x__ _y_ ~~del~~ $`a`$ $$x$$ :tada: [^1] [x]: /y - [x] ${{ secrets.TOKEN }} {{ x }} <!-- --> &lt;b&gt; \\"

// markdownReader reads as GitHub does, as far as the standard goes.
func markdownReader() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
}

var (
	ourHTML    = regexp.MustCompile(`^(<details>\n<summary>[^<>]*</summary>|</details>|<!-- leastwise report -->)\n?$`)
	forgeFinds = regexp.MustCompile(`@\w|(^|[\s(/\w])[#!$%&~]\w|\b(?i:gh|gl)-\d|://|(?i:www\.)\w|mailto:\w`)
)

// checkMarkdown reads a report with another's reader: no HTML, link, image or mention that is not ours.
func checkMarkdown(t *testing.T, source []byte) {
	t.Helper()
	if len(source) > 65_536 || !utf8.Valid(source) {
		t.Errorf("%d bytes, valid UTF-8: %v", len(source), utf8.Valid(source))
	}
	root := markdownReader().Parser().Parse(text.NewReader(source))
	columns := 0
	err := ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Document, *ast.Heading, *ast.Paragraph, *ast.Emphasis, *ast.Text, *east.TableHeader, *ast.String:
		case *east.Table:
			columns = len(n.Alignments)
		case *east.TableRow:
			if n.ChildCount() != columns {
				t.Errorf("%d cells in a row of %d", n.ChildCount(), columns)
			}
		case *east.TableCell:
		case *ast.HTMLBlock:
			var block bytes.Buffer
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				block.Write(line.Value(source))
			}
			if !ourHTML.Match(block.Bytes()) {
				t.Errorf("HTML that is not ours: %.300q", block.Bytes())
			}
		default:
			t.Errorf("a %s within %.300q", node.Kind(), source)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	checkRendered(t, source)
}

// checkRendered looks at what is left when Markdown is gone, as a forge does.
func checkRendered(t *testing.T, source []byte) {
	t.Helper()
	var page bytes.Buffer
	if err := markdownReader().Convert(source, &page); err != nil {
		t.Fatal(err)
	}
	tags := regexp.MustCompile(`<[^>]*>`)
	for _, tag := range tags.FindAllString(page.String(), -1) {
		if !regexp.MustCompile(`^</?(h[23]|p|br|strong|table|thead|tbody|tr|th|td|details|summary)( style="text-align:right")?( /)?>$|^<!-- leastwise report -->$`).MatchString(tag) {
			t.Errorf("an element that is not ours: %s", tag)
		}
	}
	entities := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "&quot;", `"`)
	seen := unescapeNumbers(entities.Replace(tags.ReplaceAllString(page.String(), "\n")))
	for _, found := range forgeFinds.FindAllString(seen, -1) {
		t.Errorf("a forge would make something of %q", found)
	}
}

func unescapeNumbers(page string) string {
	return regexp.MustCompile(`&#(\d+);`).ReplaceAllStringFunc(page, func(entity string) string {
		n, err := strconv.Atoi(entity[2 : len(entity)-1])
		if err != nil {
			return entity
		}
		return string(rune(n))
	})
}

// checkMarkdownCounts adds up what is listed by control, and what is said to have no room there.
func checkMarkdownCounts(t *testing.T, source []byte, want int) {
	t.Helper()
	_, list, found := strings.Cut(string(source), "### Findings by control\n")
	if !found {
		t.Fatal("no findings by control")
	}
	got := 0
	for _, block := range strings.Split(list, "<details>")[1:] {
		got += strings.Count(block, "\n| ") - 2 // heading and rule
		if more := regexp.MustCompile(`\nAnd (\d+) more findings?\.`).FindStringSubmatch(block); more != nil {
			got += atoi(t, more[1])
		}
	}
	if more := regexp.MustCompile(`\nAnd \d+ more controls? with (\d+) findings?: ([^.]*)\.`).FindStringSubmatch(list); more != nil {
		got += atoi(t, more[1])
		sum := 0
		for _, n := range regexp.MustCompile(`\d+`).FindAllString(more[2], -1) {
			sum += atoi(t, n)
		}
		if sum != atoi(t, more[1]) {
			t.Errorf("numbers that do not add up: %s", more[0])
		}
	}
	if got != want {
		t.Errorf("%d findings are listed or counted, of %d", got, want)
	}
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMarkdownCountsAddUp(t *testing.T) {
	skipUnderRace(t)
	for name, s := range machineSamples() {
		t.Run(name, func(t *testing.T) {
			if len(s.findings) > 0 {
				checkMarkdownCounts(t, render(t, "md", s.open(t)), len(s.findings))
			}
		})
	}
}

func TestMarkdownTellsWhatDoesNotCount(t *testing.T) {
	s := contosoSample()
	got := map[string]int{}
	source := render(t, "md", s.open(t))
	for _, summary := range regexp.MustCompile(`<summary>.*: ([^<]*)</summary>`).FindAllSubmatch(source, -1) {
		for part := range strings.SplitSeq(string(summary[1]), ", ") {
			if n, word, found := strings.Cut(part, " "); found {
				got[word] += atoi(t, n)
			}
		}
	}
	want := map[string]int{"waived": s.report.Totals.Waived, "known": s.report.Totals.Known, "for a person to check": s.report.Totals.Outcomes.Manual}
	for _, severity := range finding.Severities() {
		want["fail"] += s.report.Totals.Failed[severity]
		want["unknown"] += s.report.Totals.Unknown[severity]
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("by control there are %v, want %v", got, want)
	}
	if n := strings.Count(string(source), "| fail, waived until 2027-03-31T00:00Z |"); n != s.report.Totals.Waived {
		t.Errorf("%d findings are shown as waived, of %d", n, s.report.Totals.Waived)
	}
}

func TestMarkdownTextReadsBack(t *testing.T) {
	for _, name := range append(shortHostileNames(), forgeText) {
		want := strings.TrimSpace(clip(oneLine(name), mdMessage))
		var page bytes.Buffer
		if err := markdownReader().Convert([]byte(mdHead("a", "b", "c")+mdRow("x", "«"+mdText(name, mdMessage)+"»", "end")), &page); err != nil {
			t.Fatal(err)
		}
		seen := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "\u200b", "").Replace(page.String())
		seen = strings.ReplaceAll(seen, "&amp;", "&")
		if !strings.Contains(seen, "<td>«"+want+"»</td>\n<td>end</td>") {
			t.Errorf("%q reads as\n%s", want, seen)
		}
	}
}

func TestMarkdownSaysTheVerdictFirst(t *testing.T) {
	unknown := emptySample()
	unknown.report.Controls = []finding.Control{{ID: "ENTRA-001", Severity: finding.High}}
	unknown.report.Totals.Unknown[finding.High] = 1
	clean := emptySample()
	clean.report.Controls = unknown.report.Controls
	for _, tt := range []struct {
		s    sample
		want string
	}{
		{contosoSample(), "## ❌ leastwise: "},
		{unknown, "## ⚠️ leastwise: no violations, but 1 result is unknown"},
		{clean, "## ✅ leastwise: no violations, nothing unknown"},
		{emptySample(), "## ⚠️ leastwise: nothing was judged"},
	} {
		got := string(render(t, "md", tt.s.open(t)))
		if !strings.HasPrefix(got, mdMark+tt.want) {
			t.Errorf("%.100q, want %q first", got, tt.want)
		}
		for _, c := range gaps(&tt.s.report) {
			if !strings.Contains(got, "| "+c.Dataset+" | "+c.Status+" |") {
				t.Errorf("%s, which was not read in full, is not shown", c.Dataset)
			}
		}
	}
}

// FuzzMarkdownText holds that any text stays one piece of text, in a cell and in a summary.
func FuzzMarkdownText(f *testing.F) {
	f.Add(forgeText)
	for _, name := range shortHostileNames() {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		inert := mdText(strings.ToValidUTF8(name, "\ufffd"), mdMessage)
		checkMarkdown(t, fmt.Appendf(nil, "## x: %s\n\n%s%s\n<details>\n<summary>x: %s</summary>\n\nx: %s\n\n</details>\n",
			inert, mdHead("a", "b"), mdRow("x: "+inert, inert), inert, inert))
	})
}
