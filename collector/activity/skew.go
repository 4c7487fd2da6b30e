package activity

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// skew is by how much our clock is ahead of the API's, as the dates of its answers tell.
// It is safe for concurrent use.
type skew struct {
	mu    sync.Mutex
	known bool
	by    time.Duration // negative when it is behind
}

// tolerated is how far clocks may be apart. What is listed again makes up for more.
const tolerated = 5 * time.Minute

// note takes down the date of an answer. One that took long to come says too much.
func (s *skew) note(date string, now time.Time) {
	at, err := http.ParseTime(date)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if by := now.Sub(at); !s.known || by < s.by {
		s.known, s.by = true, by
	}
}

// ahead is what to take off the present time.
func (s *skew) ahead() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by <= tolerated {
		return 0
	}
	return s.by
}

// tell says so of clocks that are too far apart.
func (s *skew) tell() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch by := s.by.Round(time.Minute); {
	case s.by > tolerated:
		return fmt.Sprintf("the clock of this machine is %s ahead of the Management API's, up to whose time was read; hint: set the clock", by)
	case s.by < -tolerated:
		return fmt.Sprintf("the clock of this machine is %s behind the Management API's, and nothing later was read; hint: set the clock", -by)
	}
	return ""
}
