//go:build unix

package checkpoint

import (
	"os"
	"syscall"
)

// lock keeps other runs away from the file for as long as it is open, and not longer
// than the process lives.
func lock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
