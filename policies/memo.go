package policies

import (
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"slices"
	"sync"

	"leastwise/policies/subject"
)

// memo remembers what controls said of subjects that looked the same to them. A
// control reads a few fields of a subject, and in a large tenant thousands of
// subjects agree in those: they differ in name and id only. What a control says is
// a pure function of the fields it reads, so it need be asked once. Whether it
// applies rests on even fewer. It is safe for concurrent use.
type memo struct {
	shards [memoShards]memoShard
	plain  [2]*answer
}

// memoShard keeps two generations of answers. Those that are asked for move to the younger one; when that is
// full, the older is dropped and it takes its place. So what recurs stays.
type memoShard struct {
	mu             sync.Mutex
	answers, older map[memoKey]*answer
	own            int // how many of answers are none that all share
}

// memoKey is the beginning of a digest: 16 bytes tell everything apart that there is to ask.
type memoKey [16]byte

const (
	memoShards = 16
	// memoLimit and memoOwn bound the memory of a memo to some 60 MB: the answers of a generation, most of
	// which say that a control passes or does not apply and take no room of their own, and those that do.
	memoLimit = 1 << 14
	memoOwn   = 1 << 10
)

// plain are the two answers that say nothing more. Most answers are one of them.
func plain() [2]*answer { return [2]*answer{{}, {applies: true}} }

func newMemo() *memo {
	m := &memo{plain: plain()}
	for i := range m.shards {
		m.shards[i].answers = map[memoKey]*answer{}
	}
	return m
}

func (m *memo) shard(key memoKey) *memoShard { return &m.shards[key[0]%memoShards] }

func (m *memo) get(key memoKey) (answer, bool) {
	s := m.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.answers[key]; ok {
		return *known, true
	}
	known, ok := s.older[key]
	if !ok {
		return answer{}, false
	}
	delete(s.older, key)
	s.keep(key, known)
	return *known, true
}

func (m *memo) set(key memoKey, said answer) {
	kept := &said
	if said.plain() {
		kept = m.plain[0]
		if said.applies {
			kept = m.plain[1]
		}
	}
	s := m.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(key, kept)
}

// plain reports whether an answer says nothing more than that a control passes or does not apply.
func (a *answer) plain() bool { return len(a.fails)+len(a.reasons) == 0 }

func (s *memoShard) keep(key memoKey, said *answer) {
	if len(s.answers) >= memoLimit || s.own >= memoOwn {
		s.answers, s.older, s.own = map[memoKey]*answer{}, s.answers, 0
	}
	s.answers[key] = said
	if !said.plain() {
		s.own++
	}
}

// recollection is one goroutine's access to a memo.
type recollection struct {
	*memo
	buffer []byte
	shared map[sharedKey]sharedDigest
	ids    map[*Control]bool // whether a control reads the id of its subjects
}

// Thousands of pipelines hold one list of approvals, the very same slice. Its bytes are
// not written out for each of them: a digest is, made once per control.
type sharedKey struct {
	list    *subject.Approval
	control *Control
	asked   byte
}

// sharedDigest keeps its list, so that no other one can come to stand at its address.
type sharedDigest struct {
	list []subject.Approval
	sum  memoKey
}

// sharedList returns a list that subjects share, unless it is empty.
func sharedList(v reflect.Value) ([]subject.Approval, bool) {
	if v.Kind() != reflect.Slice || v.Len() == 0 || v.Type() != reflect.TypeFor[[]subject.Approval]() {
		return nil, false
	}
	return reflect.TypeAssert[[]subject.Approval](v)
}

// digest of a list that is shared, as far as the control reads it.
func (r *recollection) digest(control *boundControl, asked byte, list []subject.Approval, fields map[reflect.Type][]int) memoKey {
	key := sharedKey{&list[0], control.Control, asked}
	known, ok := r.shared[key]
	if !ok || len(known.list) != len(list) {
		known = sharedDigest{list, shorten(sha256.Sum256(appendValue(nil, reflect.ValueOf(list), fields)))}
		if r.shared == nil {
			r.shared = map[sharedKey]sharedDigest{}
		}
		r.shared[key] = known
	}
	return known.sum
}

// recall looks up what a control said of the like. The key is for put.
func (r *recollection) recall(control *boundControl, document reflect.Value) (answer, memoKey, bool) {
	if control.hasApplies {
		if known, ok := r.get(r.key(control, askApplies, document)); ok {
			return known, memoKey{}, true
		}
	}
	if r.unique(control, document) {
		return answer{}, memoKey{}, false
	}
	key := r.key(control, askAll, document)
	known, ok := r.get(key)
	return known, key, ok
}

// unique reports whether a control reads the id of a subject: no two then look alike to it, and what it
// said of one is of no use for another. (Whether it applies may be.)
func (r *recollection) unique(control *boundControl, document reflect.Value) bool {
	if r.ids == nil {
		r.ids = map[*Control]bool{}
	}
	is, known := r.ids[control.Control]
	if !known {
		id, ok := document.Type().FieldByName("ID")
		is = ok && slices.Contains(control.fields[document.Type()], id.Index[0])
		r.ids[control.Control] = is
	}
	return is
}

// put remembers an answer. An error is not remembered: it may be a time-out.
func (r *recollection) put(control *boundControl, document reflect.Value, key memoKey, said answer) {
	if said.err != nil {
		return
	}
	switch {
	case control.hasApplies && !said.applies:
		key = r.key(control, askApplies, document)
	case r.unique(control, document):
		return
	}
	r.set(key, said)
}

// What a key is about: all that a control says, or whether it applies.
const (
	askAll = iota
	askApplies
)

// key is the digest of the question: control, what is asked, and the fields of the
// subject that the answer rests on.
func (r *recollection) key(control *boundControl, asked byte, document reflect.Value) memoKey {
	fields := control.fields
	if asked == askApplies {
		fields = control.appliesFields
	}
	r.buffer = binary.AppendUvarint(r.buffer[:0], uint64(len(control.ID)))
	r.buffer = append(append(r.buffer, control.ID...), asked)
	for _, i := range fields[document.Type()] {
		field := document.Field(i)
		if list, ok := sharedList(field); ok {
			sum := r.digest(control, asked, list, fields)
			r.buffer = append(r.buffer, sum[:]...)
			continue
		}
		r.buffer = appendValue(r.buffer, field, fields)
	}
	return shorten(sha256.Sum256(r.buffer))
}

func shorten(sum [sha256.Size]byte) memoKey { return memoKey(sum[:len(memoKey{})]) }

// appendValue encodes a value so that two values of one type have the same bytes
// exactly when they agree in the given fields. Absent and empty lists differ.
func appendValue(out []byte, v reflect.Value, fields map[reflect.Type][]int) []byte {
	switch v.Kind() {
	case reflect.String:
		out = binary.AppendUvarint(out, uint64(v.Len()))
		return append(out, v.String()...)
	case reflect.Bool:
		if v.Bool() {
			return append(out, 1)
		}
		return append(out, 0)
	case reflect.Int:
		return binary.AppendVarint(out, v.Int())
	case reflect.Pointer:
		if v.IsNil() {
			return append(out, 0)
		}
		return appendValue(append(out, 1), v.Elem(), fields)
	case reflect.Struct:
		for _, i := range fields[v.Type()] {
			out = appendValue(out, v.Field(i), fields)
		}
		return out
	case reflect.Slice:
		if v.IsNil() {
			return append(out, 0)
		}
		out = binary.AppendUvarint(out, uint64(v.Len())+1)
		for i := range v.Len() {
			out = appendValue(out, v.Index(i), fields)
		}
		return out
	case reflect.Map:
		return appendSet(out, v)
	default:
		// Subjects hold nothing else; a test encodes every type of subject.
		return append(out, v.Type().String()...)
	}
}

// appendSet encodes a key set: a map from text to true.
func appendSet(out []byte, v reflect.Value) []byte {
	if v.IsNil() {
		return append(out, 0)
	}
	keys := make([]string, 0, v.Len())
	for iter := v.MapRange(); iter.Next(); {
		keys = append(keys, iter.Key().String())
	}
	slices.Sort(keys)
	out = binary.AppendUvarint(out, uint64(len(keys))+1)
	for _, key := range keys {
		out = binary.AppendUvarint(out, uint64(len(key)))
		out = append(out, key...)
	}
	return out
}
