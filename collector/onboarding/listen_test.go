package onboarding

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
)

const sent = "the-state-that-was-sent"

func listenTo(t *testing.T, address string) *Listener {
	t.Helper()
	l, err := Listen(t.Context(), parse(t, address), sent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// call sends a request as a browser does.
func call(t *testing.T, method, address, host string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'") {
		t.Errorf("the page has the policy %q", got)
	}
	return resp.StatusCode, string(body)
}

func TestListenTakesOneAnswer(t *testing.T) {
	for _, address := range []string{"http://localhost:0/consent", "http://127.0.0.1:0", "http://localhost:0/a/"} {
		l := listenTo(t, address)
		own := l.Redirect().String()
		if strings.Contains(own, ":0") {
			t.Fatalf("the address is %s", own)
		}
		u, err := url.Parse(own)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			method, address, host string
			want                  int
		}{
			{http.MethodGet, "http://" + u.Host + "/favicon.ico", "", http.StatusNotFound},
			{http.MethodGet, own + "/more?state=" + sent, "", http.StatusNotFound},
			{http.MethodPost, own + "?state=" + sent, "", http.StatusMethodNotAllowed},
			{http.MethodHead, own + "?state=" + sent, "", http.StatusMethodNotAllowed},
			{http.MethodGet, own + "?state=" + sent, "evil.example:" + u.Port(), http.StatusMisdirectedRequest},
			{http.MethodGet, own + "?state=" + sent, "localhost:1", http.StatusMisdirectedRequest},
		} {
			if status, _ := call(t, c.method, c.address, c.host); status != c.want {
				t.Errorf("%s %s as %q: got %d, want %d", c.method, c.address, c.host, status, c.want)
			}
		}
		status, body := call(t, http.MethodGet, own+"?state="+sent+"&tenant=<b>x", "")
		if status != http.StatusOK || strings.Contains(body, "<b>") || strings.Contains(body, sent) {
			t.Errorf("got %d %s", status, body)
		}
		answer, err := l.Wait(t.Context())
		if err != nil || answer.Get("tenant") != "<b>x" || l.Doubt() != nil {
			t.Errorf("got %v, %v, %v", answer, err, l.Doubt())
		}
		if status, _ := call(t, http.MethodGet, own+"?state="+sent, ""); status != http.StatusConflict || l.Doubt() == nil {
			t.Errorf("a second answer: got %d, %v", status, l.Doubt())
		}
	}
}

func TestListenRefusesOtherAnswers(t *testing.T) {
	for query, want := range map[string]string{
		"":                                      "has no state",
		"?state=":                               "has no state",
		"?tenant=x":                             "has no state",
		"?state=guessed":                        "another request",
		"?state=" + sent + "x":                  "another request",
		"?state=" + sent + "&state=" + sent:     "state more than once",
		"?state=" + sent + "&tenant=a&tenant=b": "tenant more than once",
		"?state=" + sent + "&%zz=1":             "cannot be read",
		"?state=" + sent + "&error=access_denied&error_description=no": `not given: "access_denied": "no"`,
		"?error=access_denied":               `not given: "access_denied"`,
		"?state=guessed&error=access_denied": "another request",
	} {
		l := listenTo(t, "http://127.0.0.1:0/consent")
		if status, body := call(t, http.MethodGet, l.Redirect().String()+query, ""); status != http.StatusBadRequest || strings.Contains(body, "denied") {
			t.Errorf("%s: got %d %s", query, status, body)
		}
		if _, err := l.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", query, err, want)
		}
	}
}

func TestListenOnlyOnThisMachine(t *testing.T) {
	for _, address := range []string{"https://app.example.com/x", "https://localhost:0x", "https://127.0.0.1/x"} {
		r, err := ParseRedirect(address)
		if err != nil {
			continue
		}
		if l, err := Listen(t.Context(), r, sent); err == nil {
			t.Errorf("%s is listened to", address)
			_ = l.Close()
		}
	}
	l := listenTo(t, "http://localhost:0")
	for _, socket := range l.sockets {
		if host, _, err := net.SplitHostPort(socket.Addr().String()); err != nil || !net.ParseIP(host).IsLoopback() {
			t.Errorf("listens on %s, %v", socket.Addr(), err)
		}
	}
	if _, err := Listen(t.Context(), l.Redirect(), sent); err == nil || !strings.Contains(err.Error(), "another program may have the port") {
		t.Errorf("a port that is taken: %v", err)
	}
}

func TestListenWaitEnds(t *testing.T) {
	l := listenTo(t, "http://127.0.0.1:0")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestConsentedTenant(t *testing.T) {
	for _, c := range []struct{ consented, tenant, want, fault string }{
		{"True", contoso, "", ""},
		{"true", strings.ToUpper(contoso), contoso, ""},
		{"True", contoso, fabrikam, "has answered, not"},
		{"", contoso, "", "admin_consent"},
		{"False", contoso, "", `"False"`},
		{"True", "", "", "names no tenant"},
		{"True", "contoso.com", "", "no tenant id"},
		{"True", contoso + "/../x", "", "no tenant id"},
		{"True", personalAccounts, "", "personal"},
		{"True", personalAccounts, personalAccounts, "personal"},
	} {
		got, err := ConsentedTenant(url.Values{"admin_consent": {c.consented}, "tenant": {c.tenant}}, c.want)
		if c.fault == "" && (err != nil || got != contoso) || c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("%+v: got %q, %v", c, got, err)
		}
	}
}

func TestDeniedErrorIsEscaped(t *testing.T) {
	err := &DeniedError{Code: "a\x1b[31m", Text: "line one\nline two; hint: do this\u202e eyJhbGciOiJub25lIn0.eyJ0aWQiOiJhIn0.x " + strings.Repeat("y", 1000)}
	text := err.Error()
	if strings.ContainsAny(text, "\x1b\n\u202e") || strings.Contains(text, "eyJ") || strings.Count(text, "; hint: ") != 1 || len(text) > 700 {
		t.Errorf("got %d: %s", len(text), text)
	}
}

func TestSecrets(t *testing.T) {
	a, errA := NewSecret(rand.Reader)
	b, errB := NewSecret(rand.Reader)
	if errA != nil || errB != nil || a == b || len(a) != 43 {
		t.Errorf("got %q %v, %q %v", a, errA, b, errB)
	}
	if _, err := NewSecret(iotest.ErrReader(errors.New("none left"))); err == nil {
		t.Error("a secret was made of nothing")
	}
	// RFC 7636, appendix B
	if got := Challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"); got != "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" {
		t.Errorf("got %s", got)
	}
}
