package graphapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"leastwise/collector/identity"
	"leastwise/collector/snapshot"
)

// Error is an answer that is not what was asked for
// (https://learn.microsoft.com/graph/errors).
type Error struct {
	Method    string
	URL       string // without query
	Status    int    // HTTP status; 0 when no answer came
	Code      string
	Message   string
	RequestID string
	cause     error
}

// Error tells what was asked and what came back.
func (e *Error) Error() string {
	text := e.Method + " " + e.URL + ": "
	if e.Status != 0 {
		text += fmt.Sprintf("HTTP %d: ", e.Status)
	}
	if e.Code != "" {
		text += e.Code + ": "
	}
	return text + e.Message
}

// Unwrap returns what broke the exchange, when nothing was answered.
func (e *Error) Unwrap() error { return e.cause }

// Hint says what to do about a connection that failed; it is empty for an answer.
func (e *Error) Hint() string {
	if e.Status != 0 {
		return ""
	}
	return identity.Advice(e.cause)
}

// Denied reports whether the identity may not read this.
func (e *Error) Denied() bool {
	return (e.Status == http.StatusForbidden || e.Status == http.StatusUnauthorized) && !e.Unlicensed()
}

// Unlicensed reports whether the tenant has no licence for this.
func (e *Error) Unlicensed() bool {
	return e.Code == "Authentication_RequestFromNonPremiumTenantOrB2CTenant" || e.Code == "AadPremiumLicenseRequired"
}

// NotFound reports whether err is the answer that what was asked for is not there.
func NotFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == http.StatusNotFound || e.Code == "Request_ResourceNotFound")
}

// Evidence is the answer as a snapshot keeps it.
func (e *Error) Evidence() *snapshot.HTTPEvidence {
	if e.Status == 0 {
		return nil
	}
	return &snapshot.HTTPEvidence{
		Method: e.Method, URL: e.URL, Status: e.Status, Code: e.Code, Message: e.Message, RequestID: e.RequestID,
	}
}

// Missing says what a dataset is that could not be read because of err.
func Missing(err error) snapshot.Dataset {
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return snapshot.Dataset{Status: snapshot.Failed, Reason: withHint(err)}
	case e.Unlicensed():
		return snapshot.Dataset{Status: snapshot.Unlicensed, Reason: e.reason(), Evidence: e.Evidence()}
	case e.Denied():
		return snapshot.Dataset{Status: snapshot.Denied, Reason: e.reason(), Evidence: e.Evidence()}
	}
	return snapshot.Dataset{Status: snapshot.Failed, Reason: withHint(err), Evidence: e.Evidence()}
}

func withHint(err error) string {
	hinting, ok := errors.AsType[interface {
		error
		Hint() string
	}](err)
	if !ok || hinting.Hint() == "" {
		return err.Error()
	}
	return err.Error() + "; hint: " + hinting.Hint()
}

func (e *Error) reason() string {
	return strings.TrimPrefix(e.Code+": "+e.Message, ": ")
}

// fatal reports whether the run cannot go on: it was cancelled, or the account
// belongs to another tenant or has become somebody else's.
func fatal(ctx context.Context, err error) bool {
	return identity.WrongIdentity(err) || ctx.Err() != nil
}

const maxErrorBody = 64 << 10

// newError reads a refusal. Its body is foreign text: it is shortened, and what
// looks like a token is removed.
func (c *Client) newError(call call, resp *http.Response) *Error {
	e := &Error{Method: call.method, URL: bare(c.account, call.url), Status: resp.StatusCode, RequestID: requestID(c.account, resp.Header)}
	return c.explain(e, readBody(resp, maxErrorBody))
}

// explain adds to e what the body of a refusal says.
func (c *Client) explain(e *Error, body []byte) *Error {
	var answer struct {
		Error answerError `json:"error"`
	}
	if json.Unmarshal(bytes.TrimPrefix(body, []byte(byteOrderMark)), &answer) == nil {
		e.Code, e.Message = clean(c.account, answer.Error.Code), clean(c.account, answer.Error.Message)
	}
	if e.Message == "" {
		e.Message = http.StatusText(e.Status)
	}
	return e
}

// unreadable is an answer that is no use although it calls itself a success.
func (c *Client) unreadable(call call, resp *http.Response, what string, err error) *Error {
	e := &Error{
		Method: call.method, URL: bare(c.account, call.url), Status: resp.StatusCode, RequestID: requestID(c.account, resp.Header),
		Message: what + clean(c.account, err.Error()), cause: err,
	}
	if answer, ok := errors.AsType[*answered](err); ok {
		e.Code, e.Message = clean(c.account, answer.Code), clean(c.account, answer.Message)
	}
	return e
}

// errorWithin finds an error object in an answer that calls itself a success.
func errorWithin(body []byte) error {
	var answer struct {
		Error *answerError `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Error == nil {
		return nil //nolint:nilerr // what it is instead, its reader finds out
	}
	return &answered{*answer.Error}
}

// answerError is the error object of an answer.
type answerError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (c *Client) transportError(ctx context.Context, call call, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, ok := errors.AsType[*identity.SignInError](err); ok {
		return err
	}
	if identity.WrongIdentity(err) {
		return err
	}
	return &Error{Method: call.method, URL: bare(c.account, call.url), Message: clean(c.account, withoutURL(err).Error()), cause: err}
}

// withoutURL takes off the words of package net/http that quote a whole URL.
func withoutURL(err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return outer.Err
	}
	return err
}

// requestID is the number under which Graph finds a request again; what cannot be one
// is dropped.
func requestID(account *identity.Account, h http.Header) string {
	id := h.Get("request-id")
	if !requestIDs.MatchString(id) || account.Redact(id) != id {
		return ""
	}
	return id
}

var requestIDs = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// bare is a URL without its query, which may hold search terms or paging state, and
// without tokens.
func bare(account *identity.Account, address string) string {
	address, _, _ = strings.Cut(address, "?")
	return account.Redact(address)
}

// clean makes foreign text fit for a report: one line, bounded, without the account's
// tokens or what looks like one.
func clean(account *identity.Account, text string) string {
	text = account.Redact(strings.Join(strings.Fields(text), " "))
	if runes := []rune(text); len(runes) > 500 {
		return string(runes[:500]) + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
