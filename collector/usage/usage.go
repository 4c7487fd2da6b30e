// Package usage reads evidence of what applications did: exports of
// MicrosoftGraphActivityLogs, of sign-in logs and of App governance.
//
// No API lists the calls of Microsoft Graph that a tenant saw; diagnostic settings send
// them to Log Analytics, to a storage account or to an event hub
// (https://learn.microsoft.com/graph/microsoft-graph-activity-logs-overview), and from
// there people save them. This package reads what they saved, in whatever of these forms,
// and keeps counts per application, kind, method and path template. Ids of people and of
// objects are not kept.
package usage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// The kinds of calls and sign-ins: as the application itself, or for a user.
const (
	Application = "application"
	Delegated   = "delegated"
)

// Options of Read.
type Options struct {
	// Tenant is the directory whose rows count; rows that name another one are counted as
	// foreign and left out. Empty takes every row.
	Tenant string
	// Own are appIds whose calls are left out: what the auditor does is no usage.
	Own []string
	// Normal makes a template of the path of a request, in which no id is left; nil uses a
	// conservative one of this package.
	Normal func(path string) string
	// Now is when the exports are read: rows of later, but for a day, are refused. Zero for no such limit.
	Now time.Time
	// Stdin is what the path "-" stands for; nil refuses it.
	Stdin io.Reader
}

// Operation is what one application was seen to call with success.
type Operation struct {
	AppID  string // lower case
	Kind   string // Application or Delegated
	Method string // upper case
	// Path is the template of the path, without version: /users/{id}/messages. Of an
	// application with too many of them it may end in Folded.
	Path            string
	Calls           int
	FirstAt, LastAt time.Time // UTC
}

// InUse is what App governance says of one permission of an application.
type InUse struct {
	AppID         string // lower case
	ResourceAppID string // lower case; may be empty
	Permission    string
	Kind          string // Application, Delegated, or empty where it is not told
	// InUse is "true", "false", or empty where App governance cannot tell, which is no evidence.
	InUse string
	// At is when it said so, of the 90 days before; of an export without dates the day of Options.Now,
	// and Undated is true.
	At      time.Time
	Undated bool
}

// SignIn is the last successful sign-in of an application, of one kind.
type SignIn struct {
	AppID  string // lower case
	Kind   string // Application or Delegated
	LastAt time.Time
}

// Result is what files hold.
type Result struct {
	Operations []Operation // by AppID, Kind, Method and Path
	InUse      []InUse     // by AppID, ResourceAppID, Permission and Kind
	SignIns    []SignIn    // by AppID and Kind
	// From and To are the instants of the first and of the last call of any application,
	// failed ones included; zero without any. They are no proof that the log was complete in
	// between.
	From, To time.Time
	// Read are the rows read, of whatever evidence. Of those, Duplicates were met before,
	// Failed were calls or sign-ins without success, OwnLeftOut were of Own, Foreign of
	// another tenant, Nameless of no application, and Batches were $batch requests, of which
	// each part has a row of its own.
	Read, Duplicates, Failed, OwnLeftOut, Foreign, Nameless, Batches int
	// LeftOut are those of Own that were met. Nothing is known of what they use.
	LeftOut []string
	// Folded are the applications with so many different paths that the deeper parts of some
	// were left out.
	Folded []string
	// Cut says of files why rows may be missing from them; nil when nothing says so.
	Cut []string

	// Unnamed is true when no row says of which tenant it is, so that none can have been refused.
	Unnamed bool

	// single is whether all calls are of one application.
	single bool
	hours  hours // that blobs of a storage account cover
	calls  int   // rows that were calls
	// cutCalls is whether calls may be missing for the reasons of Cut.
	cutCalls bool
}

// Read reads files, and folders of files. An error tells what is wrong, and where:
// file:line. Nothing of what was read before is then returned.
func Read(ctx context.Context, paths []string, opts Options) (*Result, error) {
	files, err := list(paths, opts.Stdin)
	if err != nil {
		return nil, err
	}
	in := newIntake(opts)
	for _, f := range files {
		if err := in.file(ctx, f); err != nil {
			return nil, err
		}
	}
	result := in.result()
	if result.Read > 0 && result.Foreign == result.Read {
		return nil, fmt.Errorf("%s: every row is of another tenant than %s; hint: name the exports of that tenant", files[0].name, opts.Tenant)
	}
	return result, ctx.Err()
}

// errNothing is for a list of paths that names none.
var errNothing = errors.New("no export of usage is named; hint: name files or folders, or - for standard input")
