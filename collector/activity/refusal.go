package activity

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// The errors of the API that something follows from
// (https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference#errors).
const (
	codeNoPermission   = "AF10001"
	codeOtherTenant    = "AF20010"
	codeUnknownTenant  = "AF20011"
	codeMisconfigured  = "AF20012"
	codeNoTenantID     = "AF20013"
	codeNoSubscription = "AF20022"
	codeDisabled       = "AF20023" // by an administrator
	// In no list of Microsoft's: "The subscription is already enabled. No property change."
	codeAlreadyEnabled = "AF20024"
	codeBadInterval    = "AF20030"
	codeBadPage        = "AF20031"
	codeBadStart       = "AF20055"
	codeThrottled      = "AF429"
	codeInternal       = "AF50000"
	// codeAuditOff is ours: the API says it in prose only.
	codeAuditOff = "AuditLogOff"
)

var (
	afCode = regexp.MustCompile(`\bAF\d{3,5}\b`)
	// What is said of a tenant whose unified audit log is off
	// (https://learn.microsoft.com/office/office-365-management-api/troubleshooting-the-office-365-management-activity-api).
	noSuchTenant = regexp.MustCompile(`(?i)\bTenant \S+ does not exist`)
	// The way in which the troubleshooting page prints a refusal is not JSON.
	quotedMessage = regexp.MustCompile(`['"]message['"]\s*:\s*['"]([^'"]*)['"]`)
)

const maxErrorBody = 64 << 10

// refusal reads an answer that is not what was asked for.
func (c *Client) refusal(call call, resp *http.Response) outcome {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // what there is of it has to do
	e := graphapi.Refused(c.opts.Account, call.method, call.url, resp, body)
	c.explain(e, body)
	out := outcome{err: e}
	switch {
	case e.Code == codeAuditOff: // whatever the status
	case e.Code == codeThrottled:
		out.again, out.pause = refused, graphapi.Pause(resp.Header, c.opts.Clock())
	case e.Code == codeInternal || identity.Passing(e.Status):
		out.again, out.pause = failed, graphapi.Pause(resp.Header, c.opts.Clock())
	}
	return out
}

// explain finds code and message where they do not stand in JSON as documented. A
// refusal for lack of time comes as 403, with a body that is not JSON.
func (c *Client) explain(e *graphapi.Error, body []byte) {
	text := string(body)
	if e.Code == "" {
		var other struct{ Message string }
		if json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &other) == nil && other.Message != "" {
			e.Message = graphapi.Clean(c.opts.Account, other.Message)
		} else if found := quotedMessage.FindStringSubmatch(text); found != nil {
			e.Message = graphapi.Clean(c.opts.Account, found[1])
		}
	}
	if !afCode.MatchString(e.Code) {
		e.Code = cmp.Or(afCode.FindString(text), e.Code)
	}
	switch {
	case e.Status == http.StatusTooManyRequests || strings.Contains(text, codeThrottled):
		e.Code = codeThrottled
	case noSuchTenant.MatchString(text):
		e.Code, e.Message = codeAuditOff, graphapi.Clean(c.opts.Account, noSuchTenant.FindString(text))
	}
}

// codeOf is the code of the API's error behind err; "" when there is none.
func codeOf(err error) string {
	if e, ok := errors.AsType[*graphapi.Error](err); ok {
		return e.Code
	}
	return ""
}

func is(err error, codes ...string) bool {
	code := codeOf(err)
	return code != "" && slices.Contains(codes, code)
}

// advice is what to do about an error that trying again does not mend.
func advice(code string) string {
	switch code {
	case codeNoPermission:
		return "give the application the permission ActivityFeed.Read of Office 365 Management APIs, and have an administrator consent"
	case codeOtherTenant:
		return "the token is of another tenant: check tenant and credential"
	case codeUnknownTenant:
		return "the API does not know the tenant: check tenant and cloud"
	case codeMisconfigured:
		return "the unified audit log may be off: look at Audit in the Microsoft Purview portal"
	case codeNoTenantID:
		return "check tenant: it is the id, not a domain"
	case codeDisabled:
		return "only an administrator can enable it again"
	case codeAuditOff:
		return "the unified audit log is off: start recording at Audit in the Microsoft Purview portal; it takes up to 60 minutes"
	}
	return ""
}

// missing says what a dataset is that could not be read because of err.
func missing(err error) snapshot.Dataset {
	_, exhausted := errors.AsType[*exhaustedError](err)
	d := snapshot.Dataset{Status: snapshot.Failed, Reason: err.Error(), Unfinished: exhausted}
	e, ok := errors.AsType[*graphapi.Error](err)
	if !ok {
		d = graphapi.Missing(err)
		d.Unfinished = exhausted
		return d
	}
	d.Evidence = e.Evidence()
	hint := cmp.Or(advice(e.Code), e.Hint())
	refusedToUs := e.Status == http.StatusUnauthorized || e.Code == codeNoPermission || e.Status == http.StatusForbidden && !exhausted &&
		!slices.Contains([]string{codeDisabled, codeMisconfigured, codeUnknownTenant, codeOtherTenant, codeNoTenantID, codeAuditOff}, e.Code)
	if refusedToUs {
		d.Status, hint = snapshot.Denied, cmp.Or(hint, advice(codeNoPermission))
	}
	if hint != "" {
		d.Reason = fmt.Sprintf("%s; hint: %s", d.Reason, hint)
	}
	return d
}

// withoutQuery is an address that may be shown.
func withoutQuery(account *identity.Account, address string) string {
	address, _, _ = strings.Cut(address, "?")
	return account.Redact(address)
}
