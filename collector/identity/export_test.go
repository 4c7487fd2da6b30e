package identity

import (
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// NewKeepingAccount makes an account like New, of a credential that a test has made.
func NewKeepingAccount(kind, tenant string, clock func() time.Time, logger *slog.Logger, credential azcore.TokenCredential) *Account {
	return &Account{Kind: kind, Tenant: tenant, credential: credential, clock: clock, logger: logger}
}
