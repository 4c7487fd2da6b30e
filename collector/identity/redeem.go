package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Redemption exchanges an authorization code for tokens
// (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#redeem-a-code-for-an-access-token).
type Redemption struct {
	Cloud Cloud
	// Tenant is the segment of the authority that issued the code: a tenant id, a
	// domain, or organizations.
	Tenant     string
	ClientID   string
	Credential Credential // of the application; Kind is "" for a public client, which has none
	HTTPClient *http.Client
	Clock      func() time.Time

	Code, Redirect, Verifier, Scope string
}

const (
	maxTokenAnswer  = 1 << 20
	redeemPatience  = 30 * time.Second
	kindCode        = "authorization code"
	assertionForm   = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	assertionField  = "client_assertion"
	assertionFormID = "client_assertion_type"
)

// IDToken redeems the code, once, and returns the id token of the answer, which is not
// validated yet. Whatever goes wrong is a SignInError without code, secret or token.
func (r Redemption) IDToken(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, redeemPatience)
	defer cancel()
	endpoint := r.Cloud.Login + "/" + r.Tenant + "/oauth2/v2.0/token"
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {r.ClientID}, "code": {r.Code}, "redirect_uri": {r.Redirect},
		"code_verifier": {r.Verifier}, "scope": {r.Scope},
	}
	if err := r.prove(form, endpoint); err != nil {
		return "", fmt.Errorf("redeem the authorization code: %w", err)
	}
	status, body, err := r.post(ctx, endpoint, form)
	if err != nil {
		return "", &SignInError{Kind: kindCode, Message: r.clean(form, err.Error()), cause: err}
	}
	var answer struct {
		IDToken string `json:"id_token"`
	}
	switch {
	case status != http.StatusOK:
		code, text := reason(body)
		failed := &SignInError{Kind: kindCode, Status: status, Code: r.clean(form, code), Message: r.clean(form, text)}
		if failed.Code == "" {
			failed.Message = "the authority gave no reason that can be read"
		}
		return "", failed
	case json.Unmarshal(body, &answer) != nil || answer.IDToken == "":
		return "", &SignInError{Kind: kindCode, Status: status, Message: "the answer holds no id token"}
	}
	return answer.IDToken, nil
}

// prove adds what tells that the application itself redeems the code.
func (r Redemption) prove(form url.Values, endpoint string) error {
	c := r.Credential
	assertion := ""
	switch {
	case c.Kind == "":
		return nil
	case c.Kind == KindSecret || c.Kind == KindEnvironment && c.Secret != "":
		form.Set("client_secret", c.Secret)
		return nil
	case c.Kind == KindCertificate || c.Kind == KindEnvironment:
		certificate, err := loadCertificate(c.CertificateFile, c.KeyFile, c.Password)
		if err != nil {
			return err
		}
		algorithm := c.Algorithm
		if algorithm == "" {
			algorithm = PS256
		}
		if assertion, err = certificate.assertion(algorithm, r.ClientID, endpoint, r.Clock()); err != nil {
			return err
		}
	case c.Kind == KindWorkload:
		data, err := os.ReadFile(c.TokenFile)
		if err != nil {
			return fmt.Errorf("read federated token: %w", err)
		}
		assertion = strings.TrimSpace(string(data))
	default:
		return fmt.Errorf("a credential of kind %q does not prove an application", c.Kind)
	}
	form.Set(assertionFormID, assertionForm)
	form.Set(assertionField, assertion)
	return nil
}

func (r Redemption) post(ctx context.Context, endpoint string, form url.Values) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := loginTransport{client: r.HTTPClient, hosts: r.Cloud.loginHosts()}.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer+1))
	if err == nil && len(body) > maxTokenAnswer {
		err = errors.New("the answer is too long")
	}
	return resp.StatusCode, body, err
}

// clean removes from foreign text what was sent.
func (r Redemption) clean(form url.Values, text string) string {
	for _, name := range secretParameters {
		text = Redact(text, form.Get(name))
	}
	return firstLine(Redact(text, ""))
}
