package facts

import (
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/versions"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// Pin is a package that code or a manifest asks for, with the versions it
// allows.
type Pin struct {
	Unit *Unit
	// Span is the requirement in Unit.Text, as a message would underline it.
	Span span.Span
	// Ecosystem is where the package comes from, such as rules.PyPI, Package
	// its name as written; Maven's is "group:artifact".
	Ecosystem string
	Package   string
	// Named is where the package's name is written, as far as that is known.
	Named imds.Source
	// Spec is the specifier in its Grammar; empty when any version will do.
	Spec    imds.Value
	Grammar versions.Grammar
	// Unknown says why Spec is not known, where it is not.
	Unknown string
	// By is what asks for it: "requirements file", "pip install".
	By string
	// Regenerate is the command that writes a lock file anew, where the pin
	// stands in one.
	Regenerate string
	// Refuse is the reason why a changed version may be shown but never
	// written; Unsafe the reason why a person must ask for it.
	Refuse, Unsafe string
	// Related are other places that matter to a reader: where the version is
	// set.
	Related []Related
}

// Cluster is a setting of the machines that code runs on; one of the fields
// below Span is set.
type Cluster struct {
	Unit *Unit
	Span span.Span
	// Runtime is the key of the platform's runtime, Image the container image
	// that runs on it.
	Runtime, Image string
	// Unknown says why Runtime is not known, where it is not.
	Unknown string
	// Related are other places that matter to a reader: where a value is set.
	Related []Related
	// Isolated is true for a Glue catalog that is isolated.
	Isolated bool
}
