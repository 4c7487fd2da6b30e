package policies

import (
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"slices"
)

// memo remembers what controls said of subjects that looked the same to them. A
// control reads a few fields of a subject, and in a large tenant thousands of
// subjects agree in those: they differ in name and id only. What a control says is
// a pure function of the fields it reads, so it need be asked once. Whether it
// applies rests on even fewer. A memo belongs to one goroutine.
type memo struct {
	answers map[memoKey]answer
	buffer  []byte
}

type memoKey [sha256.Size]byte

// memoLimit bounds the memory of one memo to some 20 MB. What recurs, recurs early:
// when the memo is full it starts afresh.
const memoLimit = 1 << 14

func newMemo() *memo { return &memo{answers: map[memoKey]answer{}} }

// recall looks up what a control said of the like. The key is for put.
func (m *memo) recall(control *boundControl, document reflect.Value) (answer, memoKey, bool) {
	if control.hasApplies {
		if known, ok := m.answers[m.key(control.ID+" applies", control.appliesFields, document)]; ok {
			return known, memoKey{}, true
		}
	}
	key := m.key(control.ID, control.fields, document)
	known, ok := m.answers[key]
	return known, key, ok
}

// put remembers an answer. An error is not remembered: it may be a time-out.
func (m *memo) put(control *boundControl, document reflect.Value, key memoKey, said answer) {
	if said.err != nil {
		return
	}
	if len(m.answers) >= memoLimit {
		clear(m.answers)
	}
	if control.hasApplies && !said.applies {
		key = m.key(control.ID+" applies", control.appliesFields, document)
	}
	m.answers[key] = said
}

// key is the digest of some fields of a subject.
func (m *memo) key(prefix string, fields map[reflect.Type][]int, document reflect.Value) memoKey {
	m.buffer = append(m.buffer[:0], prefix...)
	m.buffer = appendValue(m.buffer, document, fields)
	return sha256.Sum256(m.buffer)
}

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
