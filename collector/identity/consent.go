package identity

import (
	"errors"
	"slices"
	"strings"
)

// ConsentPending reports whether a sign-in failed as it does until a new consent has
// reached every part of the authority, which takes seconds to minutes, so that trying
// again for a while makes sense
// (https://learn.microsoft.com/entra/identity-platform/reference-error-codes). Faults of
// the network and of a busy authority count as well.
func ConsentPending(err error) bool {
	refused, ok := errors.AsType[*SignInError](err)
	if !ok || Permanent(refused) {
		return false
	}
	if refused.Code == "" {
		return refused.Status == 0 && refused.cause != nil || Passing(refused.Status)
	}
	code, _, _ := strings.Cut(refused.Message, ":")
	return slices.Contains([]string{
		"AADSTS700016",  // the application is not known in the tenant
		"AADSTS7000229", // it has no service principal there
		"AADSTS65001",   // nobody has consented
		"AADSTS500011",  // the API has no service principal there
	}, code) || Passing(refused.Status)
}
