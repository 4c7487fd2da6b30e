package activity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"

	"leastwise/collector/graphapi"
	"leastwise/collector/identity"
)

// call is one request to be made.
type call struct {
	method, url string
	// once says that a request which may have had an effect is not made again.
	once bool
}

// maxRereads is how often something is asked for again that broke off.
const maxRereads = 3

// endingError is an error of whoever takes what was read: it ends the run.
type endingError struct{ error }

// outcome is how one try ended.
type outcome struct {
	err   error
	again again
	pause time.Duration // that the API has asked for
}

// again says whether another try may do better.
type again int

const (
	never   again = iota
	refused       // the API had no time for it, and did nothing
	failed        // it may pass, and the request may have been carried out
	broken        // the answer broke off
)

// ask makes a call, and has read take in the successful answer: more than once when an
// answer breaks off, or the API refuses. An endingError of read is returned at once.
func (c *Client) ask(ctx context.Context, m *graphapi.Meter, call call, read func(*http.Response) error) error {
	waiting := func() func() { return m.Wait(c.opts.Clock) }
	for try, rereads := 0, 0; ; try++ {
		if err := c.turn(ctx, waiting); err != nil {
			return err
		}
		m.Sent(1, min(try, 1))
		out := c.try(ctx, call, read)
		c.width.Leave(out.again == refused)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case out.err == nil:
			c.storm.calm()
			return nil
		case out.again == never:
			return out.err
		case out.again == broken:
			if rereads++; rereads > maxRereads || call.once {
				return &exhaustedError{out.err}
			}
		case call.once && out.again == failed:
			return out.err
		default:
			c.logger.InfoContext(ctx, "refused, waiting", "error", out.err.Error(), "try", try)
			if c.storm.refuse(out.pause, out.err); try >= c.opts.MaxRetries {
				return &exhaustedError{out.err}
			}
		}
	}
}

// turn waits until a request may go.
func (c *Client) turn(ctx context.Context, waiting func() func()) error {
	for {
		if err := c.storm.pass(ctx, waiting); err != nil {
			return err
		}
		if err := c.width.Enter(ctx); err != nil {
			return err
		}
		if !c.storm.raging() {
			return nil
		}
		c.width.Quit()
	}
}

// try makes a call once.
func (c *Client) try(ctx context.Context, call call, read func(*http.Response) error) outcome {
	resp, err := c.send(ctx, call)
	if err != nil {
		out := outcome{err: graphapi.Unanswered(ctx, c.opts.Account, call.method, call.url, err)}
		_, signIn := errors.AsType[*identity.SignInError](err)
		if !signIn && !identity.Permanent(err) && !identity.WrongIdentity(err) {
			out.again = failed
		}
		return out
	}
	defer resp.Body.Close()
	c.skew.note(resp.Header.Get("Date"), c.opts.Clock())
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.refusal(call, resp)
	}
	err = read(resp)
	if _, ending := errors.AsType[endingError](err); err == nil || ending {
		return outcome{err: err}
	}
	return outcome{again: broken, err: &graphapi.Error{
		Method: call.method, URL: withoutQuery(c.opts.Account, call.url), Status: resp.StatusCode,
		Message: "the answer cannot be read: " + graphapi.Clean(c.opts.Account, err.Error()),
	}}
}

func (c *Client) send(ctx context.Context, call call) (*http.Response, error) {
	req, err := runtime.NewRequest(ctx, call.method, call.url)
	if err != nil {
		return nil, err
	}
	req.Raw().Header.Set("Accept", "application/json")
	if call.method == http.MethodPost { // the body would be a webhook, and there is none
		if err := req.SetBody(streaming.NopCloser(bytes.NewReader(nil)), "application/json"); err != nil {
			return nil, err
		}
	}
	runtime.SkipBodyDownload(req)
	return c.pipeline.Do(req)
}

// maxAnswer bounds an answer that is read at once: not those that hold records.
const maxAnswer = 64 << 20

// get reads an answer that fits in memory into out, and returns its headers.
func (c *Client) get(ctx context.Context, m *graphapi.Meter, address string, out any) (http.Header, error) {
	var header http.Header
	err := c.ask(ctx, m, call{method: http.MethodGet, url: address}, func(resp *http.Response) error {
		header = resp.Header
		return decode(resp.Body, out)
	})
	return header, err
}

func decode(body io.Reader, out any) error {
	data, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if err == nil && len(data) > maxAnswer {
		err = errors.New("it is too long")
	}
	if err != nil {
		return err
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) { // no list is not an empty one
		return errors.New("it is null")
	}
	return json.Unmarshal(data, out)
}
