// Package rewrite turns findings into edits of the file, and proves on the
// edited text that they do what they should before anybody sees it.
//
// A fix is a recipe rendered at the request's site ([Plan]). The edits of all
// fixes are lifted through the layers of the file, applied in memory, decoded,
// parsed and analysed again; a fix that does not hold is dropped and says why.
// The package writes no file: sinks do that with the verified bytes.
package rewrite

import (
	"github.com/imdsscan/imdsscan/analyzer"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Applicability is whether a fix may be applied without asking. A smaller one
// needs more attention; the zero value is the careful one.
type Applicability uint8

const (
	// DisplayOnly fixes are shown, never applied.
	DisplayOnly Applicability = iota
	// Unsafe fixes are applied on request (--unsafe-fixes).
	Unsafe
	// Safe fixes are applied by --fix.
	Safe
)

func (a Applicability) String() string { return [...]string{"display", "unsafe", "safe"}[a] }

// Fix is what can be done about a finding.
type Fix struct {
	Finding       *analyzer.Finding
	Applicability Applicability
	// Reason says why the fix is not safe; empty for safe ones.
	Reason string
	// Summary says what the fix does: "fetch a session token with …".
	Summary string
	// Edits are the fix alone, in bytes of the file, as if no other fix were
	// made; nil when it could not be written down.
	Edits []span.Edit
	// InCell are the edits in the text of the finding's cell; nil when they
	// could not be written down.
	InCell []span.Edit
	// Applied is true when the fix is part of the patch.
	Applied bool
}

// Patch is the outcome for one file.
type Patch struct {
	Before []byte
	// After is the file with all applied fixes; it equals Before when none is.
	After []byte
	// Fixes has one element for each finding of the first analysis, in order;
	// nil where nothing is offered.
	Fixes []*Fix
	// Passes is how many rounds it took until nothing changed.
	Passes int
}

// Changed reports whether the patch changes the file.
func (p *Patch) Changed() bool { return string(p.Before) != string(p.After) }
