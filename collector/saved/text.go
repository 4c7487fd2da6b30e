package saved

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// notText stands for what is no text in UTF-16. No UTF-8 has this byte, so a row
// that holds it is noticed.
const notText = 0xff

// Text reads text as UTF-8, whatever it was saved as: without its byte order mark, and
// decoded if it is UTF-16. What is no character in UTF-16 becomes a byte that is not
// valid UTF-8. UTF-32 is an error.
func Text(r io.Reader) (io.Reader, error) { return plainText(r) }

// plainText removes a byte order mark, and turns UTF-16 into UTF-8. Without a mark
// it is told by its first character, which is ASCII in JSON and in tables.
func plainText(r io.Reader) (io.Reader, error) {
	text := bufio.NewReaderSize(r, 1<<16)
	head, err := text.Peek(4) // fewer bytes are a short file
	if len(head) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return skip(text, 3, nil)
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return nil, errors.New("the text is UTF-32; hint: save it as UTF-8")
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return skip(text, 2, binary.LittleEndian)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return skip(text, 2, binary.BigEndian)
	case len(head) >= 2 && head[0] != 0 && head[1] == 0:
		return skip(text, 0, binary.LittleEndian)
	case len(head) >= 2 && head[0] == 0 && head[1] != 0:
		return skip(text, 0, binary.BigEndian)
	}
	return text, nil
}

// skip leaves out a mark of n bytes, and decodes what follows if an order is given.
func skip(text *bufio.Reader, n int, order binary.ByteOrder) (io.Reader, error) {
	if _, err := text.Discard(n); err != nil || order == nil {
		return text, err
	}
	return &utf16Reader{text: text, order: order}, nil
}

// utf16Reader decodes UTF-16.
type utf16Reader struct {
	text  *bufio.Reader
	order binary.ByteOrder
	ready []byte // decoded, not yet read
	space [utf8.UTFMax]byte
}

// Read is part of io.Reader.
func (u *utf16Reader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(u.ready) == 0 {
			if err := u.decode(); err != nil {
				if n > 0 {
					return n, nil // the error comes again
				}
				return 0, err
			}
		}
		copied := copy(p[n:], u.ready)
		u.ready = u.ready[copied:]
		n += copied
	}
	return n, nil
}

// decode decodes one character. Half a character becomes notText.
func (u *utf16Reader) decode() error {
	first, err := u.unit()
	if err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) { // half a unit
			u.ready = append(u.space[:0], notText)
			return nil
		}
		return err
	}
	char := rune(first)
	if utf16.IsSurrogate(char) {
		next, _ := u.text.Peek(2) // at the end there is none
		char = utf8.RuneError
		if len(next) == 2 {
			char = utf16.DecodeRune(rune(first), rune(u.order.Uint16(next)))
		}
		if char == utf8.RuneError {
			u.ready = append(u.space[:0], notText)
			return nil
		}
		if _, err := u.text.Discard(2); err != nil {
			return err
		}
	}
	u.ready = utf8.AppendRune(u.space[:0], char)
	return nil
}

// unit reads one unit. Half of one is io.ErrUnexpectedEOF, once.
func (u *utf16Reader) unit() (uint16, error) {
	var unit [2]byte
	if _, err := io.ReadFull(u.text, unit[:]); err != nil {
		return 0, err
	}
	return u.order.Uint16(unit[:]), nil
}
