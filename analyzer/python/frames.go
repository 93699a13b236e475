package python

// maxFramesAround bounds how many calls of a function are told apart, and
// maxTurns how many turns of a loop.
const (
	maxFramesAround = 512
	maxTurns        = 32
)

// framesAround are the ways n is reached: the calls of its function, and the
// turns of the loops around it that go over a list of records, whose parts
// belong together. The nil frame stands for any way.
func (m *module) framesAround(n node) []*frame { return m.framesOf(n, 0) }

func (m *module) framesOf(n node, depth int) []*frame {
	var out []*frame
	if fn := m.scopeOf(n).function(); fn != nil && depth <= 3 {
		out = m.callsOf(fn.def, depth)
	}
	if len(out) == 0 {
		out = []*frame{nil}
	}
	loops := m.loopsAround(n)
	for i := len(loops) - 1; i >= 0; i-- {
		var next []*frame
		for _, f := range out {
			next = append(next, m.turns(loops[i], f)...)
		}
		if len(next) > maxFramesAround {
			break
		}
		out = next
	}
	return out
}

type callsKey struct {
	def   node
	depth int
}

// callsOf are the frames of the calls of a function.
func (m *module) callsOf(def node, depth int) []*frame {
	key := callsKey{def, depth}
	if out, ok := m.callsMemo[key]; ok {
		return out
	}
	m.callsMemo[key] = nil
	out := m.findCalls(def, depth)
	m.callsMemo[key] = out
	return out
}

func (m *module) findCalls(def node, depth int) []*frame {
	var out []*frame
	for _, s := range m.callSites(def) {
		if s.call.Inside(def) {
			continue
		}
		for _, up := range m.framesOf(s.call, depth+1) {
			if f := m.frame(def, s, up); f != nil {
				out = append(out, f)
			}
			if len(out) >= maxFramesAround {
				return out
			}
		}
	}
	return out
}

// loopsAround are the loops of the same function that n runs in, innermost
// first.
func (m *module) loopsAround(n node) []node {
	var out []node
	for c := n; c.OK(); c = c.Parent() {
		p := c.Parent()
		switch p.Kind() {
		case "function_definition", "lambda":
			return out
		case "for_statement":
			if c.FieldName() == "body" {
				out = append(out, p)
			}
		case "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression":
			if c.FieldName() == "body" {
				if loop := p.Child("for_in_clause"); loop.OK() {
					out = append(out, loop)
				}
			}
		}
	}
	return out
}

// turns are the turns of a loop over a list of records; just up for any other
// loop.
func (m *module) turns(loop node, up *frame) []*frame {
	items, complete := m.items(ref{loop.Field("right"), up}, 0)
	if !complete || len(items) < 2 || len(items) > maxTurns {
		return []*frame{up}
	}
	var out []*frame
	for _, item := range items {
		refs, _ := m.defsIn(item)
		if len(refs) != 1 || !refs[0].n.Is("tuple", "list", "dictionary", "call") {
			return []*frame{up}
		}
		f := m.newFrame(frameKey{def: loop, turn: item, up: up})
		if f == nil {
			return []*frame{up}
		}
		out = append(out, f)
	}
	return out
}
