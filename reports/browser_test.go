//go:build browser

package reports

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"leastwise/policies/finding"
)

func TestBrowser(t *testing.T) {
	browser := startBrowser(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"quiet": quietInBrowser, "keyboard": keyboardInBrowser, "accessibility": accessibleInBrowser, "contrast": contrastInBrowser,
		"print": printedFromBrowser, "no script": withoutScript, "hostile": hostileInBrowser, "complete": completeInBrowser,
		"filters": filtersInBrowser, "damaged": damagedInBrowser, "policy": policyInBrowser, "old browser": withoutDecompression,
	} {
		t.Run(name, func(t *testing.T) { test(t, browser) })
	}
}

func quietInBrowser(t *testing.T, browser context.Context) {
	for name, s := range map[string]sample{"contoso": contosoSample(), "empty": emptySample(), "hostile": shortHostileSample()} {
		t.Run(name, func(t *testing.T) {
			p := openReport(t, browser, s)
			p.quiet()
			if n := eval[int](p, `document.querySelectorAll("[style]").length`); n > 0 {
				t.Errorf("%d elements have a style of their own", n)
			}
		})
	}
}

func keyboardInBrowser(t *testing.T, browser context.Context) {
	s := contosoSample()
	p := openReport(t, browser, s)
	p.tabTo("a.skip")
	p.tabTo("#findings-search")
	p.keys("rocket")
	p.wait(`document.querySelector('[data-status=findings]').textContent.includes("match")`)
	for _, row := range p.texts("#findings-table tbody tr") {
		if !strings.Contains(row, "Rocket") {
			t.Errorf("does not hold what was searched for: %q", row)
		}
	}
	matches := eval[int](p, `document.querySelectorAll("#findings-table tbody tr").length`)
	if matches == 0 || matches == len(s.findings) {
		t.Fatalf("%d of %d findings match", matches, len(s.findings))
	}
	p.tabTo(`input[value=unknown]`)
	p.keys(" ")
	p.wait(fmt.Sprintf(`document.querySelectorAll("#findings-table tbody tr").length < %d`, matches))
	p.tabTo("button.clear")
	p.keys("\r")
	p.wait(fmt.Sprintf(`document.querySelectorAll("#findings-table tbody tr").length === %d`, len(s.findings)))
	p.tabTo("#findings-table thead th:nth-child(4) button")
	p.keys("\r")
	p.wait(`document.querySelector("#findings-table thead th:nth-child(4)").getAttribute("aria-sort") === "ascending"`)
	subjects := p.texts("#findings-table tbody th")
	if !slices.IsSortedFunc(subjects, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }) {
		t.Errorf("not sorted: %q", subjects)
	}
	p.tabTo("button.open")
	p.keys("\r")
	p.wait(`document.querySelector("tr.opened") !== null && document.activeElement.getAttribute("aria-expanded") === "true"`)
	if text := strings.Join(p.texts("tr.opened"), ""); !strings.Contains(text, "Evidence") || !strings.Contains(text, "How to fix") {
		t.Errorf("details without evidence: %q", text)
	}
	p.keys("\r")
	p.wait(`document.querySelector("tr.opened") === null`)
	if outline := eval[string](p, `getComputedStyle(document.activeElement).outlineStyle`); outline != "solid" {
		t.Errorf("the focus cannot be seen: outline %s", outline)
	}
	p.quiet()
}

func filtersInBrowser(t *testing.T, browser context.Context) {
	s := contosoSample()
	p := openReport(t, browser, s)
	count := func(accept func(finding.Finding) bool) int {
		n := 0
		for _, f := range s.findings {
			if accept(f) {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		name, script string
		accept       func(finding.Finding) bool
	}{
		{"severity", `document.querySelector("input[value=high]").click()`, func(f finding.Finding) bool { return f.Severity == finding.High }},
		{"waived", `document.querySelector("input[value=waived]").click()`, func(f finding.Finding) bool { return f.Waiver != nil }},
		{"known", `document.querySelector("input[value=known]").click()`, func(f finding.Finding) bool { return f.Known && f.Waiver == nil }},
		{"outcome", `document.querySelector("input[value=manual]").click()`, func(f finding.Finding) bool { return f.Outcome == finding.Manual }},
		{"control", `(e => { e.value = "SPE-001"; e.dispatchEvent(new Event("change")) })(document.getElementById("filter-control"))`, func(f finding.Finding) bool { return f.Control == "SPE-001" }},
		{"area", `(e => { e.value = "SharePoint Embedded"; e.dispatchEvent(new Event("change")) })(document.getElementById("filter-area"))`, func(f finding.Finding) bool { return f.Subject.Kind == "container_type" }},
		{"owner", `(e => { e.value = "山田"; e.dispatchEvent(new Event("input")) })(document.getElementById("filter-owner"))`, func(f finding.Finding) bool {
			return slices.ContainsFunc(f.Owners, func(o string) bool { return strings.Contains(o, "山田") })
		}},
		{"no owner", `(e => { e.value = "no owner"; e.dispatchEvent(new Event("input")) })(document.getElementById("filter-owner"))`, func(f finding.Finding) bool { return f.Owners != nil && len(f.Owners) == 0 }},
	} {
		want := count(c.accept)
		eval[chromedp.Void](p, `document.querySelector("button.clear").click()`)
		eval[chromedp.Void](p, c.script)
		if want == 0 || want == len(s.findings) {
			t.Errorf("%s: the sample proves nothing, %d match", c.name, want)
		}
		p.wait(fmt.Sprintf(`document.querySelector('[data-status=findings]').textContent === "%d of %d match."`, want, len(s.findings)))
	}
	eval[chromedp.Void](p, `[...document.querySelectorAll(".control button")][0].click()`)
	p.wait(`document.querySelector('[data-status=findings]').textContent.includes("match")`)
}

// completeInBrowser holds what the page tells of each finding against the report.
func completeInBrowser(t *testing.T, browser context.Context) {
	s := contosoSample()
	d := s.open(t)
	p := openReport(t, browser, s)
	eval[chromedp.Void](p, `document.querySelectorAll("#findings-table button.open").forEach(b => b.click())`)
	details := p.texts("#findings-table tr.opened")
	i := 0
	for f, err := range d.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		want := []string{visible(f.Message), f.Fingerprint, f.Control, visible(f.Subject.Name), f.Subject.ID}
		if f.Waiver != nil {
			want = append(want, f.Waiver.ID, f.Waiver.Approver, f.Waiver.Requester)
		}
		for _, text := range want {
			if i >= len(details) || !strings.Contains(details[i], text) {
				t.Fatalf("finding %d of %d: %q is not told: %q", i+1, len(s.findings), text, details[min(i, len(details)-1)])
			}
		}
		i++
	}
	if i != len(details) {
		t.Errorf("the page has %d findings, the report %d", len(details), i)
	}
	for table, n := range map[string]int{"applications": len(s.applications), "permissions": len(s.permissions), "approvals": len(s.approvals), "waivers": len(s.report.Waivers), "changes": len(s.differences), "credentials": len(s.credentials), "consents": len(s.consents), "containers": len(s.containers), "pipelines": len(s.pipelines)} {
		if rows := eval[int](p, fmt.Sprintf(`document.querySelectorAll("#%s-table tbody tr").length`, table)); rows != n {
			t.Errorf("%s: %d rows, the report has %d", table, rows, n)
		}
	}
}

func accessibleInBrowser(t *testing.T, browser context.Context) {
	p := openReport(t, browser, contosoSample())
	tree := ask(p, func(ctx context.Context, t *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
		return cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	roles := map[string]int{}
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		role, name := axText(n.Role), axText(n.Name)
		roles[role]++
		needsName := []string{"button", "link", "searchbox", "textbox", "checkbox", "combobox", "spinbutton", "table", "navigation", "search", "columnheader", "rowheader", "heading", "image", "figure"}
		if name == "" && slices.Contains(needsName, role) {
			t.Errorf("a %s has no name", role)
		}
	}
	for _, role := range []string{"main", "banner", "contentinfo", "navigation", "search", "heading", "table", "row", "columnheader", "rowheader", "cell", "button", "searchbox", "checkbox", "status", "figure"} {
		if roles[role] == 0 {
			t.Errorf("nothing has the role %s: %v", role, roles)
		}
	}
	levels := eval[[]int](p, `[...document.querySelectorAll("h1,h2,h3,h4")].map(e => Number(e.tagName[1]))`)
	for i, level := range levels {
		if i == 0 && level != 1 || i > 0 && level > levels[i-1]+1 {
			t.Errorf("headings skip a level: %v", levels)
			break
		}
	}
	if double := eval[[]string](p, `[...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`); len(double) > 0 {
		t.Errorf("ids that are there twice: %q", double)
	}
	if got := eval[string](p, `document.querySelector("#findings-table").getAttribute("aria-rowcount")`); got != fmt.Sprint(len(contosoSample().findings)+1) {
		t.Errorf("aria-rowcount is %s", got)
	}
}

func axText(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

// contrastScript finds texts that are less than 4.5 times as bright or as dark as what is behind them.
const contrastScript = `(() => {
  const parse = color => { const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number); return [r, g, b, a]; };
  const shine = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; } return [255, 255, 255, 1]; };
  const bad = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility({visibilityProperty: true}) || e.closest("script, noscript, .unseen, :disabled")) continue;
    const a = shine(parse(getComputedStyle(e).color)), b = shine(behind(e)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.add(ratio.toFixed(2) + " " + e.tagName + "." + e.className + " " + node.data.trim().slice(0, 40));
  }
  return [...bad];
})()`

func contrastInBrowser(t *testing.T, browser context.Context) {
	backgrounds := map[string]string{}
	for _, preferred := range []string{"light", "dark"} {
		p := openReport(t, browser, contosoSample(), scheme(preferred))
		eval[chromedp.Void](p, `document.querySelectorAll("details").forEach(d => { d.open = true }); document.querySelectorAll("button.open").forEach((b, i) => { if (i % 9 === 0) b.click() })`)
		if bad := eval[[]string](p, contrastScript); len(bad) > 0 {
			t.Errorf("%s: hard to read: %q", preferred, bad)
		}
		backgrounds[preferred] = eval[string](p, `getComputedStyle(document.body).backgroundColor`)
		if colours := coloursOf(t, ask(p, chromedp.CaptureScreenshot())); colours < 50 {
			t.Errorf("%s: the page is blank, %d colours", preferred, colours)
		}
	}
	if backgrounds["light"] == backgrounds["dark"] {
		t.Errorf("dark is as light: %v", backgrounds)
	}
}

func coloursOf(t *testing.T, picture []byte) int {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	colours := map[[3]uint32]bool{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y += 3 {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x += 3 {
			r, g, b, _ := img.At(x, y).RGBA()
			colours[[3]uint32{r, g, b}] = true
		}
	}
	return len(colours)
}

func printedFromBrowser(t *testing.T, browser context.Context) {
	s := contosoSample()
	p := openReport(t, browser, s, scheme("dark"))
	pdf := ask(p, chromedp.PrintToPDF(chromedp.PDFPrintBackground(), chromedp.PDFPreferCSSPageSize()))
	if len(pdf) < 20_000 || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Fatalf("%d bytes of PDF", len(pdf))
	}
	p.run(media("print", "dark"))
	if background := eval[string](p, `getComputedStyle(document.body).backgroundColor`); background != "rgb(255, 255, 255)" {
		t.Errorf("paper is %s", background)
	}
	for _, selector := range []string{".filters", ".contents", ".pages"} {
		if eval[bool](p, fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.checkVisibility())`, selector)) {
			t.Errorf("%s is printed", selector)
		}
	}
	text := eval[string](p, `document.body.innerText`)
	for _, f := range s.findings {
		if !strings.Contains(text, visible(f.Message)) {
			t.Fatalf("not on paper: %q", f.Message)
		}
	}
}
