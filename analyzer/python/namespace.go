package python

import (
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// Session is an analysed session with its global names, for the shell lines of
// its cells: IPython fills Python variables into them.
type Session struct {
	Facts *facts.Facts
	m     *module
}

// Open analyses a session as Analyze does and keeps its names.
func Open(units []*facts.Unit) *Session {
	m := newModule(units)
	m.run()
	return &Session{Facts: m.facts, m: m}
}

// Knows reports whether any cell of the session gives the global name a value.
func (s *Session) Knows(name string) bool {
	return s != nil && len(s.m.globals.names[name]) > 0
}

// Value is what a global name holds where that does not depend on which cell
// ran last: with one value given to it, or several that are the same.
func (s *Session) Value(name string) imds.Value {
	if !s.Knows(name) {
		return imds.Unknown(name)
	}
	var found imds.Value
	for i, b := range s.m.globals.names[name] {
		if b.kind != bindAssign || len(b.path) > 0 || !b.value.OK() {
			return imds.Unknown(name)
		}
		vs := s.m.eval(b.value)
		if len(vs) != 1 || i > 0 && vs[0].String() != found.String() {
			return imds.Unknown(name)
		}
		found = vs[0]
	}
	return found
}
