package python

// truth is what is known of a condition: 1 it holds, -1 it does not, 0 not
// known.
func (m *module) truth(r ref) int {
	n := r.n
	switch n.Kind() {
	case "parenthesized_expression":
		if c := n.Named(); len(c) == 1 {
			return m.truth(ref{c[0], r.in})
		}
	case "not_operator":
		return -m.truth(ref{n.Field("argument"), r.in})
	case "true":
		return 1
	case "false", "none":
		return -1
	case "comparison_operator":
		c := n.Named()
		if len(c) != 2 || c[1].Kind() != "none" && c[0].Kind() != "none" {
			return 0
		}
		tested := c[0]
		if tested.Kind() == "none" {
			tested = c[1]
		}
		null := m.isNone(ref{tested, r.in})
		if n.Child("is not", "!=").OK() {
			return -null
		}
		if n.Child("is", "==").OK() {
			return null
		}
	case "identifier", "attribute", "call", "subscript":
		return -m.isNone(r)
	}
	return 0
}

// isNone says whether an expression is None or empty: 1 it is, -1 it is not,
// 0 not known.
func (m *module) isNone(r ref) int {
	refs, complete := m.defsIn(r)
	none, some, unknown := 0, 0, 0
	for _, d := range refs {
		if d.in != nil && d.in == m.byDefault {
			unknown++
			continue
		}
		switch d.n.Kind() {
		case "none", "false":
			none++
		case "string", "concatenated_string":
			if text, ok := m.constant(d); ok && text == "" {
				none++
			} else {
				some++
			}
		case "attribute", "call", "binary_operator", "dictionary", "list":
			if d == r {
				unknown++
			} else {
				some++
			}
		default:
			unknown++
		}
	}
	switch {
	case unknown > 0 || none > 0 && some > 0 || len(refs) == 0:
		return 0
	case none > 0 && complete:
		return 1
	case some > 0 && complete:
		return -1
	}
	return 0
}
