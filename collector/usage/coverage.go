package usage

import (
	"time"

	"leastwise/collector/snapshot"
)

// Cover says of which time the exports are whole, as a run that collects them would say it. from and to are when they
// are declared to be whole, nil where nobody declares it; to is then the last call. An error says that the two, or one of
// them and the calls, contradict each other.
//
// Unlike there, calls of one application alone may be all that was exported, which then says nothing against what is
// declared: whoever asks about that application names an export of it.
func (r *Result) Cover(from, to *time.Time) (snapshot.Covered, error) {
	s, read := Source{opts: SourceOptions{From: from, To: to}}, *r
	if read.single && from != nil {
		read.single = false
		if read.From.After(*from) {
			read.From = *from
		}
		if to != nil && read.To.Before(*to) {
			read.To = *to
		}
	}
	c, err := s.cover(&read)
	return c.Covered, err
}
