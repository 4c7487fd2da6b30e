//go:build browser

package reports

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	pages "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// step is something that a browser is told to do.
type step = chromedp.Action[chromedp.Void]

// command is a command of the protocol whose answer does not matter.
func command[P, R any](c cdp.Command[P, R], params P) step {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// startBrowser starts Chromium with a profile of its own, which asks nothing of anybody.
func startBrowser(t testing.TB) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("%v; hint: apt-get install chromium", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.NoFirstRun, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("lang", "en-US"), chromedp.Flag("font-render-hinting", "none"),
	)
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	browser, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return browser
}

// tab is a page in a browser and what it complained of.
type tab struct {
	t   testing.TB
	ctx context.Context
	url string

	mu       sync.Mutex
	messages []string // of the console, exceptions, violations of the policy
	requests []string // beyond the page itself
	dialogs  []string
}

// openTab loads a page after the given actions, and fails unless it could.
func openTab(t testing.TB, browser context.Context, path string, before ...step) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	ctx, cancelTime := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancelTime)
	p := &tab{t: t, ctx: ctx, url: "file://" + path}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatal(err)
	}
	p.run(command(network.Enable, network.EnableParams{}), command(log.Enable, cdp.Empty{}), command(runtime.Enable, cdp.Empty{}), command(pages.Enable, pages.EnableParams{}))
	p.run(before...)
	p.run(chromedp.Navigate(p.url))
	return p
}

// openReport writes a report to disk and opens it, until all rows are read.
func openReport(t testing.TB, browser context.Context, s sample, before ...step) *tab {
	t.Helper()
	p := openTab(t, browser, writeReport(t, s), before...)
	p.ready("all")
	return p
}

func writeReport(t testing.TB, s sample) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, render(t, "html", s.open(t)), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		p.messages = append(p.messages, fmt.Sprintf("console: %v", e.Args))
	case *runtime.EventExceptionThrown:
		p.messages = append(p.messages, fmt.Sprintf("exception: %+v", *e.ExceptionDetails))
	case *log.EventEntryAdded:
		p.messages = append(p.messages, "log: "+e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if address, _, _ := strings.Cut(e.Request.URL, "#"); address != p.url {
			p.requests = append(p.requests, e.Request.URL)
		}
	case *pages.EventJavascriptDialogOpening:
		p.dialogs = append(p.dialogs, e.Message)
	}
}

func (p *tab) run(actions ...step) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// eval evaluates an expression in the page.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	result, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return result
}

// wait waits until an expression is true.
func (p *tab) wait(expression string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(time.Minute))); err != nil {
		p.t.Fatalf("waited for %s: %v; status %q", expression, err, p.status("findings"))
	}
}

func (p *tab) ready(what string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`document.documentElement.dataset.ready === "all" || document.documentElement.dataset.ready === %q`, what))
}

func (p *tab) status(table string) string {
	return eval[string](p, fmt.Sprintf(`document.querySelector('[data-status=%q]')?.textContent ?? ""`, table))
}

// keys presses keys one by one.
func (p *tab) keys(text string) {
	p.t.Helper()
	p.run(chromedp.KeyEvent(text))
}

// focused describes the element that has the focus.
func (p *tab) focused() string {
	return eval[string](p, `(e => e.tagName + "#" + e.id + "." + e.className + " " + (e.getAttribute("aria-label") ?? e.textContent).slice(0, 60))(document.activeElement)`)
}

// tabTo presses the tabulator until the focus is on what a selector tells.
func (p *tab) tabTo(selector string) {
	p.t.Helper()
	for range 200 {
		if eval[bool](p, fmt.Sprintf(`document.activeElement.matches(%s)`, jsonString(selector))) {
			return
		}
		p.keys("\t")
	}
	p.t.Fatalf("the tabulator never leads to %s; the focus is on %s", selector, p.focused())
}

// quiet fails when the page complained, asked for anything or opened a dialog.
func (p *tab) quiet() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for what, list := range map[string][]string{"said": p.messages, "requested": p.requests, "asked": p.dialogs} {
		if len(list) > 0 {
			p.t.Errorf("the page %s %q", what, list)
		}
	}
}

// scheme is what the reader's system prefers.
func scheme(value string) step {
	return media("", value)
}

// media is what the page is drawn for: "print", or "" for a screen.
func media(kind, scheme string) step {
	return command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: kind, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// onNewPage runs a script before those of the page.
func onNewPage(script string) step {
	return command(pages.AddScriptToEvaluateOnNewDocument, pages.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// texts are the texts of all elements of a selector.
func (p *tab) texts(selector string) []string {
	p.t.Helper()
	return eval[[]string](p, fmt.Sprintf(`[...document.querySelectorAll(%s)].map(e => e.innerText)`, jsonString(selector)))
}

// ask runs an action that gives something.
func ask[T any](p *tab, action chromedp.Action[T]) T {
	p.t.Helper()
	result, err := chromedp.Run(p.ctx, action)
	if err != nil {
		p.t.Fatal(err)
	}
	return result
}
