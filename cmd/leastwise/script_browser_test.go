package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// browserCommands are what scripts about onboarding use besides the others.
func browserCommands() map[string]scriptCommand {
	return map[string]scriptCommand{
		"browse CODE STEPS COMMAND...":  browse,
		"visit FILE KIND":               visit,
		"notsent FILE KIND PATTERN":     notSent,
		"differentstate A B":            differentState,
		"keycredential FILE PEM MEMBER": checkKeyCredential,
		"der PEM FILE":                  writeDER,
		"expired FILE":                  writeExpired,
		"eccertificate FILE":            writeEC,
		"mode FILE OCTAL":               checkMode,
		"holdsno DIR PREFIX":            checkHoldsNo,
	}
}

// browser is a person's browser: it opens the address that a command prints, and goes where the authority sends it.
type browser struct {
	client *http.Client
	log    *strings.Builder // what it was shown: status and text of each page
	answer *url.URL         // where the authority has sent it
}

func newBrowser() *browser {
	return &browser{log: &strings.Builder{}, client: &http.Client{
		Timeout: time.Minute,
		// Whether the authority is genuine is not what is tested.
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// open opens one page and returns where it leads to.
func (b *browser) open(method, address string, change func(*http.Request)) (string, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, address, nil)
	if err != nil {
		return "", err
	}
	if change != nil {
		change(req)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Fprintf(b.log, "%d %s\n%s\n", resp.StatusCode, resp.Header.Get("Content-Security-Policy"), body)
	return resp.Header.Get("Location"), err
}

// consent opens the address of the authority; the administrator of the simulator agrees, or does what it is set to.
func (b *browser) consent(address string) error {
	location, err := b.open(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if location == "" {
		return errors.New("the authority sends nobody on: " + b.log.String())
	}
	b.answer, err = url.Parse(location)
	return err
}

// step does one of the steps of browse at the redirect address.
func (b *browser) step(step, address string) error {
	name, detail, _ := strings.Cut(step, ":")
	asked, err := url.Parse(address)
	if err != nil {
		return err
	}
	redirect, state := asked.Query().Get("redirect_uri"), asked.Query().Get("state")
	own, err := url.Parse(redirect)
	if err != nil {
		return err
	}
	switch name {
	case "nobody":
		return nil
	case "consent": // of the tenant that was asked, or of another one
		if detail != "" {
			_, path, _ := strings.Cut(strings.TrimPrefix(asked.Path, "/"), "/")
			asked.Path = "/" + detail + "/" + path
		}
		return b.consent(asked.String())
	case "answer": // as the authority has said
		_, err = b.open(http.MethodGet, b.answer.String(), nil)
	case "icon":
		_, err = b.open(http.MethodGet, own.Scheme+"://"+own.Host+"/favicon.ico", nil)
	case "post":
		_, err = b.open(http.MethodPost, b.answer.String(), nil)
	case "rebound": // a page whose name was pointed to this machine
		_, err = b.open(http.MethodGet, b.answer.String(), func(r *http.Request) { r.Host = "evil.example:" + own.Port() })
	case "forge": // an answer of somebody else's making; STATE is the one that was sent
		_, err = b.open(http.MethodGet, redirect+"?"+strings.ReplaceAll(detail, "STATE", url.QueryEscape(state)), nil)
	default:
		err = fmt.Errorf("step %q is not known", step)
	}
	return err
}

var authorityAddress = regexp.MustCompile(`(?m)^https://\S+$`)

// browse runs a command that prints an address, on stderr, and does STEPS in a browser meanwhile: consent,answer is what
// people do. The pages go to pages.txt, the address to address.txt. The command must end with CODE.
func browse(ts *testscript.TestScript, args []string) error {
	log := ts.MkAbs("browse.log")
	if err := os.WriteFile(log, nil, 0o600); err != nil {
		return err
	}
	b, done := newBrowser(), make(chan struct{})
	var person sync.WaitGroup
	var address string
	var browsed error
	person.Go(func() { address, browsed = b.follow(done, log, strings.Split(args[1], " ")) })
	ran := ts.Exec("sh", append([]string{"-c", `"$@" 2>"$0"; code=$?; cat "$0" >&2; exit $code`, log}, args[2:]...)...)
	close(done)
	person.Wait()
	err := errors.Join(browsed, os.WriteFile(ts.MkAbs("pages.txt"), []byte(b.log.String()), 0o600),
		os.WriteFile(ts.MkAbs("address.txt"), []byte(address+"\n"), 0o600), os.Remove(log))
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](ran); ok {
		got = exit.ExitCode()
	} else if ran != nil {
		return errors.Join(err, ran)
	}
	if strconv.Itoa(got) != args[0] {
		err = errors.Join(err, fmt.Errorf("got exit code %d, want %s", got, args[0]))
	}
	return err
}

// follow waits for the address and does the steps.
func (b *browser) follow(done chan struct{}, log string, steps []string) (string, error) {
	tick := time.NewTicker(10 * beat)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return "", errors.New("no address was printed")
		case <-tick.C:
		}
		text, _ := os.ReadFile(log)
		address := authorityAddress.FindString(string(text))
		if address == "" || !strings.HasSuffix(string(text), "\n") {
			continue
		}
		for _, step := range steps {
			if err := b.step(step, address); err != nil {
				return address, fmt.Errorf("browser: %s: %w", step, err)
			}
		}
		return address, nil
	}
}

// addressOf reads the JSON of onboard url.
func addressOf(ts *testscript.TestScript, file, kind string) (document consentURLs, address string, err error) {
	if err := json.Unmarshal([]byte(ts.ReadFile(file)), &document); err != nil {
		return document, "", err
	}
	for _, one := range document.URLs {
		if one.Kind == kind {
			return document, one.URL, nil
		}
	}
	return document, "", fmt.Errorf("%s has no address of kind %q", file, kind)
}

// visit opens an address of onboard url, and demands that the authority sends the browser to the redirect address with the
// state. Where to goes to answer.txt.
func visit(ts *testscript.TestScript, args []string) error {
	document, address, err := addressOf(ts, args[0], args[1])
	if err != nil {
		return err
	}
	b := newBrowser()
	if err := b.consent(address); err != nil {
		return err
	}
	if got := b.answer.Query().Get("state"); got != document.State || !strings.HasPrefix(b.answer.String(), document.Redirect+"?") {
		return fmt.Errorf("the answer goes to %s", b.answer)
	}
	return os.WriteFile(ts.MkAbs("answer.txt"), []byte(b.answer.String()+"\n"), 0o600)
}

// notSent opens an address of onboard url, and demands that the authority keeps the browser and says why.
func notSent(ts *testscript.TestScript, args []string) error {
	_, address, err := addressOf(ts, args[0], args[1])
	if err != nil {
		return err
	}
	b := newBrowser()
	if err := b.consent(address); err == nil {
		return fmt.Errorf("the authority sends people to %s", b.answer)
	}
	if !regexp.MustCompile(args[2]).MatchString(b.log.String()) {
		return fmt.Errorf("the authority says %s", b.log)
	}
	return nil
}

func differentState(ts *testscript.TestScript, args []string) error {
	a, _, errA := addressOf(ts, args[0], "admin-consent-v1")
	b, _, errB := addressOf(ts, args[1], "admin-consent-v1")
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	if raw, err := base64.RawURLEncoding.DecodeString(a.State); err != nil || len(raw) < 16 || a.State == b.State {
		return fmt.Errorf("the states are %q and %q", a.State, b.State)
	}
	return nil
}

// checkKeyCredential holds the first of keyCredentials against a certificate.
func checkKeyCredential(ts *testscript.TestScript, args []string) error {
	certificate, _, err := readPair(ts, args[1])
	if err != nil {
		return err
	}
	var part struct{ KeyCredentials []map[string]string }
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &part); err != nil {
		return err
	}
	thumbprint := sha1.Sum(certificate.Raw)
	want := map[string]string{
		"customKeyIdentifier": base64.StdEncoding.EncodeToString(thumbprint[:]), args[2]: base64.StdEncoding.EncodeToString(certificate.Raw),
		"startDateTime": certificate.NotBefore.UTC().Format(time.RFC3339), "endDateTime": certificate.NotAfter.UTC().Format(time.RFC3339),
	}
	for name, value := range want {
		if got := part.KeyCredentials[0][name]; got != value {
			return fmt.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	return nil
}

func writeDER(ts *testscript.TestScript, args []string) error {
	certificate, _, err := readPair(ts, args[0])
	if err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[1]), certificate.Raw, 0o600)
}

// writeExpired makes a certificate that was valid until an hour ago.
func writeExpired(ts *testscript.TestScript, args []string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	return writeCertificate(ts.MkAbs(args[0]), key, time.Now().Add(-time.Hour))
}

// writeEC makes a certificate whose key is not RSA.
func writeEC(ts *testscript.TestScript, args []string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	return writeCertificate(ts.MkAbs(args[0]), key, time.Now().Add(time.Hour))
}

func writeCertificate(file string, key crypto.Signer, until time.Time) error {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: until.Add(-2 * time.Hour), NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
}

func checkMode(ts *testscript.TestScript, args []string) error {
	info, err := os.Stat(ts.MkAbs(args[0]))
	if err == nil && fmt.Sprintf("%#o", info.Mode().Perm()) != args[1] {
		err = fmt.Errorf("%s has mode %#o, want %s", args[0], info.Mode().Perm(), args[1])
	}
	return err
}

// checkHoldsNo demands that a folder has nothing whose name begins so: temporary files are gone.
func checkHoldsNo(ts *testscript.TestScript, args []string) error {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), args[1]) || strings.HasPrefix(entry.Name(), "."+args[1]) {
			err = errors.Join(err, fmt.Errorf("%s holds %s", args[0], entry.Name()))
		}
	}
	return err
}
