//go:build browser

package reports

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"leastwise/policies/finding"
)

var (
	pictures   = flag.String("pictures", "", "write pictures of a report to this folder")
	picturedIn = flag.String("report", "", "the JSON report that pictures are made of; the made-up one without")
)

// TestBrowserPictures makes the pictures of the documentation.
func TestBrowserPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("-pictures names no folder")
	}
	d := contosoSample().open(t)
	if *picturedIn != "" {
		var err error
		if d, err = finding.OpenDocument(*picturedIn); err != nil {
			t.Fatal(err)
		}
	}
	page := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(page, render(t, "html", d), 0o644); err != nil {
		t.Fatal(err)
	}
	browser := startBrowser(t)
	const openWorst = `(() => { const b = document.querySelectorAll("#findings-table button.open")[1]; b.click(); document.getElementById("findings").scrollIntoView({behavior: "instant"}); })()`
	for _, c := range []struct {
		name, scheme, script string
		width, height        int64
	}{
		{"report", "light", "0", 1360, 1420},
		{"report-findings", "light", openWorst, 1360, 1000},
		{"report-dark", "dark", openWorst, 1360, 1000},
		{"report-matrix", "light", `document.getElementById("matrix").scrollIntoView({behavior: "instant"})`, 1360, 760},
		{"report-narrow", "light", "0", 420, 900},
	} {
		p := openTab(t, browser, page, scheme(c.scheme), chromedp.EmulateViewport(c.width, c.height))
		p.ready("all")
		eval[chromedp.Void](p, c.script)
		time.Sleep(300 * time.Millisecond) // what scrolls has to settle
		save(t, c.name+".png", ask(p, chromedp.CaptureScreenshot()))
	}
}

func save(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(*pictures, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}
