// Package result holds what a run found, as plain data: files, findings,
// occurrences, errors and their counts. The analyzer and the rewriter fill it,
// the report formats print it; it knows neither.
package result

import (
	"time"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Run is the outcome of one invocation.
type Run struct {
	Tool Tool
	// Files are the files that have something to say, ordered by path. Files
	// without a finding, an occurrence or a problem are only counted.
	Files []File
	// Errors are the files that could not be read or analysed, ordered by path.
	Errors []FileError
	// Skipped are places that were left alone on purpose: links that lead out
	// of the targets, pipes, devices, objects of a workspace without code.
	Skipped []FileError
	Counts  Counts
	// Started is when the run began; zero where that is not known.
	Started time.Time
	Elapsed time.Duration
	// Scope is what of a workspace was scanned, nil for files on disk.
	Scope *Scope
}

// Scope is what of a workspace a run covers.
type Scope struct {
	Workspace string // its address
	User      string
	Targets   []string // workspace:/…
	// Compute: what is configured was read too, and init scripts wherever they
	// lie.
	Compute bool
	// Rules are those that the run was restricted to, Without those that it left
	// out.
	Rules, Without []string
	// Interrupted: the run did not come to its end.
	Interrupted bool
}

// Tool names the program that made the run.
type Tool struct {
	Name, Version, URI string
}

// FileError is a file or folder that could not be read, analysed or written.
type FileError struct {
	Path string
	// Archive is the archive on disk that the file is in, empty for a file by
	// itself.
	Archive string
	Reason  string
}

// File is what was found in one file.
type File struct {
	// Path is the file's name as it is reported, with forward slashes.
	Path string
	// Archive is the archive on disk that the file is in, empty for a file by
	// itself. Places are those in the file, not in the archive.
	Archive string
	// Object is the object of a workspace that the file is, nil elsewhere.
	Object   *Object
	Format   notebooks.Format
	Language notebooks.Language
	// Cells is the number of cells of a notebook, 0 for a plain file.
	Cells int
	// Findings are ordered by their place in the file.
	Findings []Finding
	// Occurrences account for every endpoint that is written in the file,
	// ordered by their place.
	Occurrences []Occurrence
	// Problems are parts of the file that could not be read.
	Problems []Problem
	// Compliant is the number of requests that carry a session token already.
	Compliant int
	// Source is the file's bytes; nil when there is no finding.
	Source []byte
	// Fixed is the file with every fix made that the run allows; nil when no
	// fix was made.
	Fixed []byte
	// Changes show what turns the file into Fixed, to be read: the code of the
	// cells, not the bytes of the file, in the order of the cells.
	Changes []Change
	// Unverified says why fixes were dropped that looked applicable.
	Unverified []string
}

// Object is what the workspace says of one of its objects.
type Object struct {
	// Kind is notebook, file or init script, or what is configured: cluster,
	// job, policy, pipeline, pool, warehouse.
	Kind string
	// Path is where it stands in the workspace, empty for what stands in no
	// folder.
	Path string
	ID   string
	// Format is how a notebook is stored, SOURCE or JUPYTER, and Language its
	// default language, as the service names them; empty of others.
	Format, Language string
	// URL is where the browser shows it.
	URL string
	// Git is the Git folder that it is in, empty outside.
	Git string
	// Users are what uses an init script, as reports name them.
	Users []string
	// Local is the copy on this machine that was read, as local files are
	// reported; empty when the object was read from the workspace.
	Local string
}

// OnDisk is the file on this machine that the file is, or that it is a member
// of; for an object that was read from a workspace, its name there.
func (f *File) OnDisk() string {
	switch {
	case f.Object != nil && f.Object.Local != "":
		return f.Object.Local
	case f.Archive != "":
		return f.Archive
	}
	return f.Path
}

// Remote reports whether the file is on no disk of this machine.
func (f *File) Remote() bool { return f.Object != nil && f.Object.Local == "" }

// Change is a run of lines before and after the fixes, with the unchanged lines
// around it. Cell is 0 for the text of a file without cells.
type Change struct {
	Cell     int
	Language notebooks.Language
	// BeforeLine and AfterLine are the numbers of the first lines.
	BeforeLine, AfterLine int
	Before, After         string
}

// Problem is a part of a file that could not be read.
type Problem struct {
	Location
	Reason string
}

// Level is how serious a finding is.
type Level string

// The levels, as SARIF names them.
const (
	Error   Level = "error"
	Warning Level = "warning"
	// Note is a finding that nothing has to be done about.
	Note Level = "note"
)

// Finding is a place that breaks, or may break, under enforced IMDSv2.
type Finding struct {
	Location
	Rule    string // "IMDS001"
	Level   Level
	Message string
	// Context are the lines around the excerpt.
	Context Context
	// Notes are further sentences for a reader, without a final stop:
	// "goes to http://169.254.169.254/… (META is set in cell 3)".
	Notes   []string
	Related []Related
	// Fix is the remedy; nil when none is known.
	Fix *Fix
	// Fixed is true when File.Fixed no longer has the finding.
	Fixed bool
	// Fingerprint identifies the finding across changes elsewhere in the
	// file: it holds no line number.
	Fingerprint string
}

// Related is another place that matters to a reader of a finding.
type Related struct {
	Location
	Message string
	// Path, Archive and Source are the file's when the place is in another file
	// than the finding; empty otherwise.
	Path, Archive string
	Source        []byte
}

// In is the file that the place is in, for a finding of the file f.
func (r *Related) In(f *File) *File {
	if r.Path == "" {
		return f
	}
	return &File{Path: r.Path, Archive: r.Archive, Source: r.Source}
}

// Applicability is who may apply a fix.
type Applicability string

// The applicabilities, safest first.
const (
	// Safe fixes change nothing but the token: --fix applies them.
	Safe Applicability = "safe"
	// Unsafe fixes need --unsafe-fixes.
	Unsafe Applicability = "unsafe"
	// Display fixes are shown and never applied.
	Display Applicability = "display"
)

// Fix is a remedy for a finding.
type Fix struct {
	Applicability Applicability
	// Reason says why the fix is not safe; empty for a safe one.
	Reason string
	// Summary says what the fix does, in the imperative: "fetch a token with
	// requests.put, send it as X-aws-ec2-metadata-token".
	Summary string
	// Edits change the file's bytes and stand on their own, without other
	// fixes; empty when the fix can only be described.
	Edits []span.Edit
	// Example shows a fix that is never applied: the lines of the cell that
	// go and those that come, marked with - and +.
	Example string
}

// Class says how an occurrence of the endpoint is accounted for.
type Class string

// The classes of occurrences.
const (
	InFinding   Class = "finding"
	Compliant   Class = "compliant"
	OtherCloud  Class = "other-cloud"
	Mention     Class = "mention"
	Suppressed  Class = "suppressed"
	Unexplained Class = "unexplained"
)

// Classes are all classes in the order they are reported.
var Classes = []Class{InFinding, Compliant, OtherCloud, Mention, Suppressed, Unexplained}

// Occurrence is a place where the endpoint is written.
type Occurrence struct {
	Location
	Class Class
	// Why says how it is known: "comment", "no_proxy list".
	Why string
}
