// Package facts holds what a language package says about code, in terms that
// no language owns: requests, tokens, libraries, nested code, mentions. It
// knows no rule; the analyzer turns facts into findings and the rewriter turns
// sites into edits.
package facts

import (
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Unit is a piece of code in one language: a cell's code, a command line given
// to os.system, a script in a here-document.
type Unit struct {
	Language notebooks.Language
	Text     *span.Text
	Cell     *notebooks.Cell
	Doc      *notebooks.Document
	// Parent is the unit this one is nested in and Via how ("os.system",
	// "here-document for python"); both empty for a cell.
	Parent *Unit
	Via    string
	// Holes are the values of the interpolation holes in Text, in order. A
	// hole stands in Text as codec.HoleName(i), an opaque atom.
	Holes []imds.Value
	// Vars are variables the code starts with: the exported environment of
	// the shell around it.
	Vars map[string]imds.Value
	// Widgets are the arguments that the notebook is run with, by name: what
	// dbutils.widgets.get gives.
	Widgets map[string][]imds.Value
	// Shared is true when other notebooks run this one in their session, so
	// that its functions may be called from there.
	Shared bool
	// KeepsErrors is true when something reads the code's error output, so that
	// a fix must not add to it.
	KeepsErrors bool
	// Written is true when the code is stored to run later or elsewhere (a
	// script written to a file), not run on the spot.
	Written bool
	// Unbroken is true when a line end would end the code: it stands in one
	// line of its surroundings.
	Unbroken bool
	// BusyBox is true when the code may run on a system whose wget is BusyBox's.
	BusyBox bool
	// DisplayOnly is the reason why fixes in this unit are shown and never
	// applied, empty when they may be applied.
	DisplayOnly string
}

// Facts is what a language package found in a list of units.
type Facts struct {
	Requests    []*Request
	Nested      []*Unit
	Mentions    []Mention
	Unexplained []Unexplained
	Libraries   []Library
	Broken      []Broken
	Pins        []*Pin
	Clusters    []Cluster
	// Unread are parts that could not be read and may hold anything: a
	// manifest that is not valid. They are reported whatever stands in them.
	Unread []Broken
	Runs   []Run
}

// Add appends the facts of other.
func (f *Facts) Add(other *Facts) {
	f.Requests = append(f.Requests, other.Requests...)
	f.Nested = append(f.Nested, other.Nested...)
	f.Mentions = append(f.Mentions, other.Mentions...)
	f.Unexplained = append(f.Unexplained, other.Unexplained...)
	f.Libraries = append(f.Libraries, other.Libraries...)
	f.Pins = append(f.Pins, other.Pins...)
	f.Clusters = append(f.Clusters, other.Clusters...)
	f.Broken = append(f.Broken, other.Broken...)
	f.Runs = append(f.Runs, other.Runs...)
	f.Unread = append(f.Unread, other.Unread...)
}

// TokenUse is whether a request carries a session token.
type TokenUse uint8

const (
	// TokenAbsent: the headers are known and none is the token's.
	TokenAbsent TokenUse = iota
	// TokenPresent: the token header is sent.
	TokenPresent
	// TokenUnknown: the headers are not decidable.
	TokenUnknown
)

// Request is a call that sends an HTTP request whose URL may reach the
// metadata service. Requests that provably go elsewhere are left out.
type Request struct {
	Unit *Unit
	// Span is the call in Unit.Text, as a message would underline it.
	Span span.Span
	// Client is the client's id in rules/clients, such as "requests.get".
	Client string
	// Method is the HTTP method in upper case, empty when not known.
	Method string
	// URLs are what the URL may be: one value, or one for each alternative
	// (call sites of a wrapper function, a loop over a list).
	URLs []imds.Value
	// Token is whether the request carries a session token; Why says in words
	// what makes it present or unknown ("headers come from the function argument h").
	Token TokenUse
	Why   string
	// Misuse says what is wrong with the token or with the request for one:
	// a GET on the token path, a TTL that is missing or out of range, a
	// misnamed header. Empty when nothing is. (IMDS003)
	Misuse string
	// Fallback says why this request is a way around tokens in code that
	// knows them: it runs when the token request fails, or before it. (IMDS002)
	Fallback string
	// Crosses says how the token this request carries was fetched on another
	// host: on the driver, for code that runs on executors. (IMDS004)
	Crosses string
	// Depends says why a tool may or may not use tokens, by its version
	// ("ec2-metadata before 2.0 does not"). (IMDS005)
	Depends string
	// Related are other places that matter to a reader: where the URL is set,
	// the call sites of a wrapper.
	Related []Related
	// Site is where a fix may write; nil for a request that needs none.
	Site *Site
}

// Related is a place worth linking from a finding.
type Related struct {
	Source  imds.Source
	Unit    *Unit
	Message string
}

// Mention is an occurrence of an endpoint that is understood not to be a
// request: a comment, a deny-list, a log message.
type Mention struct {
	Unit *Unit
	Span span.Span // all occurrences of endpoints inside are explained
	Why  string    // "comment", "no_proxy list", "firewall rule"
}

// Unexplained is an occurrence of an endpoint of which it cannot be told what
// becomes of it, with what can be said about that.
type Unexplained struct {
	Unit *Unit
	Span span.Span
	Why  string // "handed to perl, which is not analysed"
}

// Library is a use of a library that talks to the metadata service by itself.
type Library struct {
	Unit    *Unit
	Span    span.Span
	Library string // its id in rules/libraries, such as "boto"
	Use     string // what is called, "boto.utils.get_instance_metadata"
}

// Broken is a part of a unit that could not be parsed.
type Broken struct {
	Unit   *Unit
	Span   span.Span
	Reason string
}

// Run is a call that starts another notebook as a process of its own
// (dbutils.notebook.run) and gives it arguments.
type Run struct {
	Unit *Unit
	Name string
	Args map[string][]imds.Value
}
