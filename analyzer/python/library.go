package python

// libraryFromCall records the use of a library that talks to the metadata
// service by itself.
func (m *module) libraryFromCall(call node, name string) {}

// finish records what needs the whole session: scripts held by constants.
// It runs once, after every call was seen.
func (m *module) finish() {}
