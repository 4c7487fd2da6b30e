package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"leastwise/collector/identity"
	"leastwise/collector/onboarding"
)

// tenantOf waits for the answer and finds out, by a token, which tenant has consented.
// Roles are the application permissions that the token carries, if it is one of those.
func (run *onboarder) tenantOf(ctx context.Context) (tenant string, roles []string, err error) {
	waiting, cancel := context.WithTimeout(ctx, run.options.timeout)
	defer cancel()
	answer, err := run.listener.Wait(waiting)
	if errors.Is(err, context.DeadlineExceeded) {
		return "", nil, fmt.Errorf("no answer came to %s within %v; nothing is stored; hint: begin again, with a longer --timeout if an administrator has to be found", run.redirect, run.options.timeout)
	}
	if err != nil {
		return "", nil, err
	}
	if run.options.flow == onboarding.FlowCode {
		code, err := onboarding.Code(answer)
		if err != nil {
			return "", nil, err
		}
		tenant, err = run.tenantOfCode(ctx, code)
		return tenant, nil, err
	}
	if tenant, err = onboarding.ConsentedTenant(answer, run.want); err != nil {
		return "", nil, err
	}
	roles, err = run.confirm(ctx, tenant)
	return tenant, roles, err
}

// tenantOfCode exchanges the code and takes the tenant from the validated id token.
func (run *onboarder) tenantOfCode(ctx context.Context, code string) (string, error) {
	token, err := identity.Redemption{
		Cloud: run.cloud, Tenant: cmp.Or(run.tenant, identity.Organizations), ClientID: run.clientID, Credential: run.credential,
		HTTPClient: run.http, Clock: run.program.now, Code: code, Redirect: run.redirect.String(), Verifier: run.verifier,
		Scope: run.signInScope(),
	}.IDToken(ctx)
	if err != nil {
		return "", withHint(err, "check the credential and the registration, and begin again: nothing is stored")
	}
	claims, err := identity.IDTokens{
		Cloud: run.cloud, ClientID: run.clientID, Now: run.program.now().UTC(),
		Keys: func(ctx context.Context, tenant string) (identity.KeySet, error) {
			return identity.FetchKeySet(ctx, run.http, run.cloud, tenant)
		},
	}.Validate(ctx, token, run.nonce)
	if err != nil {
		return "", withHint(err, "nothing is stored; begin again, and check the addresses of the cloud if it stays so")
	}
	return claims.TenantID, onboarding.CheckSame(claims.TenantID, run.want)
}

// firstPause is how long after a refusal a token is asked for again; it doubles up to
// lastPause.
const (
	firstPause = time.Second
	lastPause  = 15 * time.Second
)

// confirm requests an app-only token for the tenant that an answer has named, until the
// consent has become effective. It succeeds when the token is of this tenant, and
// returns the permissions in it.
func (run *onboarder) confirm(ctx context.Context, tenant string) ([]string, error) {
	account, err := identity.New(identity.Options{
		Cloud: run.cloud, Tenant: tenant, HTTPClient: run.http, Clock: run.program.now, Credential: run.credential,
	})
	if err != nil {
		return nil, withHint(fmt.Errorf("credential: %w", err), "check credential in the configuration; nothing is stored")
	}
	waiting, cancel := context.WithTimeout(ctx, run.options.consentWait)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		claims, readable, err := account.Claims(ctx, run.cloud.Graph+"/.default")
		switch {
		case err == nil && (!readable || !claims.AppOnly || !strings.EqualFold(claims.TenantID, tenant)):
			return nil, errors.New("the token does not tell that it is the application's own in the tenant that has answered; nothing is stored; hint: check the addresses of the cloud")
		case err == nil:
			return claims.Roles, nil
		case !identity.ConsentPending(err):
			return nil, withHint(err, "nothing is stored; check credential and cloud in the configuration")
		}
		if pause == firstPause {
			run.program.tellNotes([]string{"the consent is not effective yet; waiting for it"})
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-waiting.Done():
			timer.Stop()
			return nil, fmt.Errorf("the consent did not become effective within %v: %w; nothing is stored", run.options.consentWait, err)
		}
		if err := run.listener.Doubt(); err != nil {
			return nil, err
		}
	}
}
