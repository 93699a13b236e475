package python

import "github.com/imdsscan/imdsscan/analyzer/imds"

// maxAlternatives bounds how many values one expression is given.
const maxAlternatives = 16

// eval is what the text of an expression may be: one value for each
// alternative, a single unknown one when nothing is known.
func (m *module) eval(n node) []imds.Value { return []imds.Value{imds.Unknown(n.Text())} }

// defs are the expressions that n may stand for, names and attributes
// followed to what they were assigned; complete is false when there may be
// others.
func (m *module) defs(n node) (out []node, complete bool) { return []node{n}, true }
