package identity_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"leastwise/collector/identity"
)

func TestRedact(t *testing.T) {
	const kept = "AADSTS70011: scope x of 43e6abba-3748-4fc8-a476-17a6d4a6e798, code: invalid_scope, digest " +
		"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, container b!ISJs1WRro0y0EWgkUYcktDa0mE8zSlFEqFzqRn70Zwp1CEtDEBZgQICPkRbil_5Z, password: too short"
	if got := identity.Redact(kept, ""); got != kept {
		t.Errorf("got %s", got)
	}
	long := strings.Repeat("Ab1_-", 40)
	for name, text := range map[string]string{
		"token":              "the token eyJ0eXAiOiJKV1Qi.eyJhdWQiOiIx.SIGNATURE is bad",
		"unsigned token":     "the token eyJ0eXAiOiJKV1Qi.eyJhdWQiOiIxSIGNATURE. is bad",
		"assertion in form":  "client_assertion=SIGNATURE&x=1",
		"device code":        "bad code " + long + "SIGNATURE",
		"short device code":  "device_code=SIGNATURE&grant_type=x",
		"authorization code": "code 1.AXoAabcdefghijklmnopqrstuvwxyz0123456789.SIGNATURE was redeemed",
		"code in an address": "https://localhost/?code=M.C5SIGNATURE123&state=x",
		"verifier":           "code_verifier=SIGNATURE",
		"refresh token":      "0.AVsAabcdefghijklmnopqrstuvwxyz0123456789-SIGNATURE",
		"JSON":               `{"access_token": "SIGNATURE", "x": 1}`,
		"JSON without space": `{"refresh_token":"SIGNATURE"}`,
		"secret":             "secret " + secret + " is wrong SIGNATURE",
		"escaped secret":     "secret " + url.QueryEscape(secret) + " is wrong",
		"password":           `{"password":"SIGNATURE"}`,
	} {
		known := ""
		if strings.Contains(name, "secret") {
			known = secret
			text = strings.ReplaceAll(text, "SIGNATURE", "")
		}
		got := identity.Redact(text, known)
		if strings.Contains(got, "SIGNATURE") || strings.Contains(got, "eyJ") || strings.Contains(got, secret) || strings.Contains(got, url.QueryEscape(secret)) {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// An authority that repeats what it was sent, in every way that an answer can: no
// error and no log line shows it.
func TestNothingThatWasSentIsShown(t *testing.T) {
	const deviceCode, assertion = "short-D", "not-like-a-token"
	prompt := func(context.Context, identity.Prompt) error { return nil }
	for _, credential := range []identity.Credential{
		{Kind: identity.KindDeviceCode, Prompt: prompt},
		{Kind: identity.KindWorkload, TokenFile: write(t, []byte(assertion))},
	} {
		for name, echo := range map[string]func(form url.Values) (int, string){
			"in the description": func(form url.Values) (int, string) {
				return http.StatusBadRequest, fmt.Sprintf(`{"error":"invalid_grant","error_description":"AADSTS70000: %s %s wrong"}`, form.Get("device_code"), form.Get("client_assertion"))
			},
			"as the error": func(form url.Values) (int, string) {
				return http.StatusBadRequest, fmt.Sprintf(`{"error":"%s%s","error_description":"x"}`, form.Get("device_code"), form.Get("client_assertion"))
			},
			"as text":         func(form url.Values) (int, string) { return http.StatusBadRequest, form.Encode() },
			"as success":      func(form url.Values) (int, string) { return http.StatusOK, form.Encode() },
			"without a token": func(form url.Values) (int, string) { return http.StatusOK, `{"x":"` + form.Encode() + `"}` },
		} {
			t.Run(credential.Kind+" "+name, func(t *testing.T) {
				a := newAuthority(t)
				a.answer = func(form url.Values) (int, string) {
					if credential.Kind == identity.KindDeviceCode && form.Get("device_code") == "" {
						return http.StatusOK, `{"user_code":"U","device_code":"` + deviceCode + `","verification_uri":"https://x","expires_in":900,"interval":1,"message":"m"}`
					}
					return echo(form)
				}
				var log bytes.Buffer
				err := signInLogged(t, a, credential, &log)
				if err == nil {
					t.Fatal("no error")
				}
				refused, ok := errors.AsType[*identity.SignInError](err)
				if !ok {
					t.Fatalf("got a %T: %v", err, err)
				}
				for _, text := range []string{deviceCode, assertion} {
					if strings.Contains(err.Error()+refused.Hint()+log.String(), text) {
						t.Errorf("%q is shown: %v, %s, log %s", text, err, refused.Hint(), log.String())
					}
				}
			})
		}
	}
}

// What the authority gives is no more shown than what it gets.
func TestNothingThatWasReceivedIsShown(t *testing.T) {
	a := newAuthority(t)
	a.answer = func(url.Values) (int, string) {
		return http.StatusOK, `{"access_token":"opaque-token-1","refresh_token":"opaque-token-2","token_of_tomorrow":"opaque-token-3","expires_in":"never"}`
	}
	var log bytes.Buffer
	err := signInLogged(t, a, identity.Credential{Kind: identity.KindSecret, Secret: secret}, &log)
	if err == nil || strings.Contains(err.Error()+log.String(), "opaque-token") {
		t.Errorf("got %v, log %s", err, log.String())
	}
}

func signInLogged(t *testing.T, a *authority, credential identity.Credential, log *bytes.Buffer) error {
	t.Helper()
	cloud, err := identity.CustomCloud(a.URL, "https://graph.example", "")
	if err != nil {
		t.Fatal(err)
	}
	credential.ClientID = clientID
	account, err := identity.New(identity.Options{
		Cloud: cloud, Tenant: tenantID, HTTPClient: newClient(t, block("CERTIFICATE", a.Certificate().Raw)), Clock: time.Now, Credential: credential,
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = get(t.Context(), account)
	return err
}
