//go:build browser

package reports

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"leastwise/policies/finding"
)

func withoutScript(t *testing.T, browser context.Context) {
	s := contosoSample()
	p := openTab(t, browser, writeReport(t, s), command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	text := eval[string](p, `document.body.innerText`)
	for _, want := range []string{"Not looked at, or not in full", "container_type_grants", "403 accessDenied", "Findings by severity", "ENTRA-001", visible(s.findings[0].Message), "JavaScript adds", "Who read the facts"} {
		if !strings.Contains(text, want) {
			t.Errorf("without JavaScript the page does not tell %q", want)
		}
	}
	if rows := eval[int](p, `document.querySelectorAll("#findings-table tbody tr").length`); rows != len(s.findings) {
		t.Errorf("%d rows of findings, want %d", rows, len(s.findings))
	}
	p.quiet()
}

func hostileInBrowser(t *testing.T, browser context.Context) {
	p := openReport(t, browser, hostileSample())
	eval[chromedp.Void](p, `document.querySelectorAll("button.open").forEach((b, i) => { if (i % 5 === 0) b.click() })`)
	if n := eval[int](p, `document.querySelectorAll("body script:not([type]):not(:last-of-type), img, iframe, object, embed, form:not(.filters), base, f").length`); n > 0 {
		t.Errorf("%d elements came from names", n)
	}
	hidden := eval[[]string](p, `(() => {
		const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		for (let node; (node = walker.nextNode());) if (/[\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029\u0000-\u0008\u000b-\u001f]/.test(node.data)) found.push(node.parentElement.tagName + " " + escape(node.data.slice(0, 50)));
		return found;
	})()`)
	if len(hidden) > 0 {
		t.Errorf("characters that hide or turn writing around: %q", hidden)
	}
	links := eval[[]string](p, `[...document.links].map(a => a.getAttribute("href")).filter(h => !h.startsWith("#"))`)
	for _, href := range links {
		if !strings.HasPrefix(href, "https://entra.microsoft.com/#view/") && !strings.HasPrefix(href, "https://admin.microsoft.com/#/") {
			t.Errorf("a link leads to %s", href)
		}
	}
	if width := eval[int](p, `document.documentElement.scrollWidth - innerWidth`); width > 0 {
		t.Errorf("the page is %d pixels wider than its window", width)
	}
	p.quiet()
}

// policyInBrowser holds that what would get past the writer is stopped by the policy of the page, and that
// these tests would hear of it.
func policyInBrowser(t *testing.T, browser context.Context) {
	path := writeReport(t, contosoSample())
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	smuggled := `<main><script>alert(1)</script><img src="https://example.invalid/x.png" onerror="alert(2)"><p id="smuggled" style="color:red">x</p>`
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "<main>", smuggled, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	p := openTab(t, browser, path)
	p.ready("all")
	if colour := eval[string](p, `getComputedStyle(document.getElementById("smuggled")).color`); colour == "rgb(255, 0, 0)" {
		t.Error("a style of its own is obeyed")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.dialogs) > 0 {
		t.Errorf("a script was run: %q", p.dialogs)
	}
	for _, kind := range []string{"script", "image", "style"} {
		if !slices.ContainsFunc(p.messages, func(m string) bool {
			return strings.Contains(strings.ToLower(m), kind) && strings.Contains(m, "Content Security Policy")
		}) {
			t.Errorf("nothing was heard of the %s: %q", kind, p.messages)
		}
	}
}

// damagedInBrowser spoils one byte of the packed findings.
func damagedInBrowser(t *testing.T, browser context.Context) {
	path := writeReport(t, contosoSample())
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(string(text), `data-table="findings" data-rows="`)
	if !found {
		t.Fatal("no packed findings")
	}
	at := strings.Index(after, ">") + 200
	spoiled := before + `data-table="findings" data-rows="` + after[:at] + "AAAAAAAA" + after[at+8:]
	if err := os.WriteFile(path, []byte(spoiled), 0o644); err != nil {
		t.Fatal(err)
	}
	p := openTab(t, browser, path)
	p.ready("all")
	if status := p.status("findings"); !strings.Contains(status, "DAMAGED") {
		t.Errorf("a damaged page says %q", status)
	}
	if rows := eval[int](p, `document.querySelectorAll("#findings-table tbody tr").length`); rows == 0 {
		t.Error("what the page itself holds is gone")
	}
}

func withoutDecompression(t *testing.T, browser context.Context) {
	p := openTab(t, browser, writeReport(t, contosoSample()), onNewPage(`delete globalThis.DecompressionStream`))
	p.wait(`document.querySelector('[data-status=findings]').textContent.includes("DAMAGED") || document.querySelector("[role=alert]") !== null`)
	if rows := eval[int](p, `document.querySelectorAll("#findings-table tbody tr").length`); rows == 0 {
		t.Error("what the page itself holds is gone")
	}
}

// observer notes tasks that keep a browser from answering.
const observer = `globalThis.longest = 0; globalThis.tasks = [];
new PerformanceObserver(list => { for (const e of list.getEntries()) { tasks.push(Math.round(e.startTime) + "+" + Math.round(e.duration)); longest = Math.max(longest, e.duration); } }).observe({type: "longtask", buffered: true});`

// matching counts the findings that hold all words.
func matching(t *testing.T, d *finding.Document, words string) int {
	t.Helper()
	n := 0
	for f, err := range d.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ToLower(strings.Join([]string{f.Control, f.Subject.Name, f.Subject.ID, f.Message, f.Fingerprint, facts(f.Evidence), facts(f.Key)}, "\n"))
		if !slices.ContainsFunc(strings.Fields(words), func(word string) bool { return !strings.Contains(text, word) }) {
			n++
		}
	}
	return n
}

// TestBrowserOf50000 searches, filters and sorts 50,000 findings.
func TestBrowserOf50000(t *testing.T) {
	path := t.TempDir() + "/report.html"
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	d := largeDocument(t, 50_000)
	if err := writeHTML(file, d); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	p := openTab(t, startBrowser(t), path, onNewPage(observer))
	p.ready("findings")
	t.Logf("ready after %.2f s", eval[float64](p, `performance.now()`)/1000)
	p.ready("all")
	t.Logf("all read after %.2f s; long tasks %q", eval[float64](p, `performance.now()`)/1000, eval[[]string](p, `tasks`))
	eval[chromedp.Void](p, `longest = 0; tasks.length = 0; document.getElementById("findings-search").focus()`)
	const word = "rocket sync 123"
	for _, r := range word {
		p.keys(string(r))
		time.Sleep(40 * time.Millisecond)
	}
	p.wait(fmt.Sprintf(`document.querySelector('[data-status=findings]').textContent.startsWith("Rows 1 to 50; %d of 50,000 match")`, matching(t, d, word)))
	eval[chromedp.Void](p, `document.querySelector("button.clear").click(); document.querySelector("#findings-table thead th:nth-child(5) button").click()`)
	p.wait(`document.querySelector("#findings-table").getAttribute("aria-busy") === null`)
	time.Sleep(300 * time.Millisecond)
	t.Logf("typing, filtering, sorting: long tasks %q", eval[[]string](p, `tasks`))
	if longest := eval[float64](p, `longest`); longest > 200 {
		t.Errorf("the page does not answer for %.0f ms", longest)
	}
	p.quiet()
}
