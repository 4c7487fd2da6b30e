package subject

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"leastwise/collector/snapshot"
)

// chunkBytes is how much of a dataset is decoded at a time on one goroutine.
const chunkBytes = 128 << 10

// chunk is a run of rows on its way from the file to the table.
type chunk[T any] struct {
	text    []byte // the lines, one after the other
	ends    []int  // where each line ends in text
	decoded []decodedRow[T]
	err     error
	done    chan struct{}
}

type decodedRow[T any] struct {
	row   *T
	fault string
}

// eachRow decodes the rows of a dataset on several goroutines, because decoding
// takes longer than all else, and hands them to each in their order, on the calling
// goroutine. fault says which part of a row could not be decoded; "" when all could.
func eachRow[T any](j *Join, name snapshot.Name, each func(row *T, fault string)) error {
	group, ctx := errgroup.WithContext(context.Background())
	workers := runtime.GOMAXPROCS(0)
	todo, ordered := make(chan *chunk[T], workers), make(chan *chunk[T], workers)
	group.Go(func() error {
		defer close(todo)
		defer close(ordered)
		return cut(ctx, j.snap, name, todo, ordered)
	})
	for range workers {
		group.Go(func() error {
			for c := range todo {
				c.decode()
				close(c.done)
			}
			return nil
		})
	}
	var failed error
	for c := range ordered {
		<-c.done
		if failed == nil && c.err != nil {
			failed = fmt.Errorf("read dataset %s: %w", name, c.err)
		}
		for _, d := range c.decoded {
			if failed == nil {
				each(d.row, d.fault)
			}
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return failed
}

// cut reads a dataset and sends it on in chunks.
func cut[T any](ctx context.Context, snap *snapshot.Snapshot, name snapshot.Name, todo, ordered chan<- *chunk[T]) error {
	send := func(c *chunk[T]) error {
		for _, to := range []chan<- *chunk[T]{todo, ordered} {
			select {
			case to <- c:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
	c := newChunk[T]()
	for line, err := range snap.Rows(name) {
		if err != nil {
			return err
		}
		c.text = append(c.text, line...)
		c.ends = append(c.ends, len(c.text))
		if len(c.text) < chunkBytes {
			continue
		}
		if err := send(c); err != nil {
			return err
		}
		c = newChunk[T]()
	}
	return send(c)
}

func newChunk[T any]() *chunk[T] {
	return &chunk[T]{text: make([]byte, 0, chunkBytes+chunkBytes/8), done: make(chan struct{})}
}

func (c *chunk[T]) decode() {
	start := 0
	for _, end := range c.ends {
		row, fault, err := decodeRow[T](c.text[start:end])
		if err != nil {
			c.err = err
			return
		}
		c.decoded = append(c.decoded, decodedRow[T]{row, fault})
		start = end
	}
	c.text = nil
}

func decodeRow[T any](line []byte) (*T, string, error) {
	row := new(T)
	fault, err := decode(line, row)
	return row, fault, err
}

// head is the first part of a row id that has several.
func head(rowID string) string {
	first, _, _ := strings.Cut(rowID, "/")
	return first
}
