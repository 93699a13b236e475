package python

// nestedFromCall records the code that a call runs or stores: the shell
// command given to os.system, the script written by dbutils.fs.put.
func (m *module) nestedFromCall(call node, name string) {}
