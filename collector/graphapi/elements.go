package graphapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Elements hands each element of a JSON array to each, as it comes in: an element is
// valid JSON, and stays as it is until each returns. Nothing may stand behind the end of
// the array. An error of each ends it, and is returned as it is.
func Elements(body io.Reader, each func(json.RawMessage) error) error {
	t := &text{body: withoutBOM(body), buffer: make([]byte, 0, 64<<10)}
	c, err := t.next()
	if err != nil {
		return err
	}
	if c != '[' {
		return fmt.Errorf("%c stands where [ is expected", c)
	}
	t.at++
	c, err = t.next()
	for more := c != ']'; more && err == nil; {
		var element []byte
		if element, err = t.value(); err != nil {
			return err
		}
		if err := each(element); err != nil {
			return err
		}
		c, err = t.next()
		switch {
		case err != nil:
		case c == ',':
			t.at++
		case c == ']':
			more = false
		default:
			return fmt.Errorf("%c stands where a comma after array element is expected", c)
		}
	}
	if err != nil {
		return err
	}
	t.at++
	return t.end()
}

// text is what was read of a body and not yet used.
type text struct {
	body   io.Reader
	buffer []byte
	at     int
	ended  error // why there is no more
}

// next goes to the next byte that is no space and returns it.
func (t *text) next() (byte, error) {
	for {
		for ; t.at < len(t.buffer); t.at++ {
			switch c := t.buffer[t.at]; c {
			case ' ', '\t', '\r', '\n':
			default:
				return c, nil
			}
		}
		if err := t.more(); err != nil {
			return 0, err
		}
	}
}

// end returns an error unless nothing is left.
func (t *text) end() error {
	_, err := t.next()
	switch {
	case err == nil:
		return errors.New("more stands behind its end")
	case errors.Is(t.ended, io.EOF):
		return nil
	}
	return err
}

// value returns the next value. One that breaks off at the end of what was read is looked
// at again with at least twice as much, so that long ones cost no more than short ones.
func (t *text) value() ([]byte, error) {
	if _, err := t.next(); err != nil {
		return nil, err
	}
	for {
		v := validator{text: t.buffer, at: t.at, whole: t.ended != nil}
		v.value(0)
		switch {
		case v.failed == nil:
			value := t.buffer[t.at:v.at:v.at]
			t.at = v.at
			return value, nil
		case !errors.Is(v.failed, errBreaksOff):
			return nil, v.failed
		}
		if err := t.more(); err != nil {
			return nil, err
		}
	}
}

// more reads at least as much again as there is left. At the end of the body it returns
// an error, but once: what is left may be a value all the same.
func (t *text) more() error {
	if t.ended != nil {
		return cut(t.ended)
	}
	left := len(t.buffer) - t.at
	if buffer := t.buffer; left*2 > cap(buffer) {
		t.buffer = make([]byte, left, cap(buffer)*2)
		copy(t.buffer, buffer[t.at:])
	} else {
		t.buffer = buffer[:copy(buffer[:cap(buffer)], buffer[t.at:])]
	}
	t.at = 0
	for enough := left + max(left, 1); len(t.buffer) < enough && t.ended == nil; {
		n, err := t.body.Read(t.buffer[len(t.buffer):cap(t.buffer)])
		t.buffer, t.ended = t.buffer[:len(t.buffer)+n], err
	}
	return nil
}
