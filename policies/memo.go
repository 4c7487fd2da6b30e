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
// a pure function of the fields it reads, so it need be asked once.
//
// Only results without findings are kept: findings carry evidence that hardly ever
// recurs. A memo belongs to one goroutine.
type memo struct {
	results map[memoKey]raw
	buffer  []byte
}

type memoKey [sha256.Size]byte

// memoLimit bounds the memory of one memo to some 40 MB.
const memoLimit = 200_000

func newMemo() *memo { return &memo{results: map[memoKey]raw{}} }

// key is the digest of everything that a control reads of a subject.
func (m *memo) key(control *boundControl, document reflect.Value) memoKey {
	m.buffer = append(m.buffer[:0], control.ID...)
	m.buffer = appendValue(m.buffer, document, control.fields)
	return sha256.Sum256(m.buffer)
}

func (m *memo) put(key memoKey, result raw) {
	if result.err != nil || result.deny != nil && result.deny.Len() > 0 {
		return
	}
	if len(m.results) >= memoLimit {
		clear(m.results)
	}
	m.results[key] = result
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
