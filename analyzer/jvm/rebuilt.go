package jvm

import "github.com/imdsscan/imdsscan/rules"

// rebuilt is the call that begins another request at the URL that c asks an
// object for, and the class of what it makes; no node where c is no such call.
func (m *module) rebuilt(c *call, class *rules.JVMClass, in *frame) (node, *rules.JVMClass) {
	if class.Rebuilds == "" || c.name != class.Rebuilds || !m.isArgumentList(c.n.Parent()) {
		return node{}, nil
	}
	to, ok := m.callAt(c.n.Parent().Parent())
	if !ok {
		return node{}, nil
	}
	if e := m.entryOf(to, in); e != nil && pick(to, e.URL) == c.n {
		return to.n, m.table.Classes[e.Gives]
	}
	return node{}, nil
}
