//go:build unix

package onboarding

import (
	"errors"
	"os"
	"syscall"
)

// LockFolder waits until no other run writes in a folder, and keeps others waiting until
// unlock is called. A file system that knows no locks is written to without.
func LockFolder(dir string) (unlock func(), err error) {
	folder, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(folder.Fd()), syscall.LOCK_EX)
	if err != nil && !errors.Is(err, syscall.ENOTSUP) && !errors.Is(err, syscall.ENOLCK) && !errors.Is(err, syscall.ENOSYS) {
		return nil, errors.Join(err, folder.Close())
	}
	return func() { _ = folder.Close() }, nil // which ends the lock
}
