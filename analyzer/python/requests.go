package python

import (
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/rules"
)

// found is a request with the parts of the code it is made of, for the fix.
type found struct {
	req    *facts.Request
	call   node // the call that sends
	client *rules.PythonCall
	args   arguments
	// url is the argument that holds the URL, headers the one that holds the
	// headers; no node where the call has none. With a request object
	// (urllib.request.Request) they are the object's, and object is the call
	// that makes it.
	url, headers, object node
	// receiver is the expression the method is called on (`s` in `s.get(…)`),
	// no node for a function; maker is the call that makes it, where known.
	receiver, maker node
}

// requestFromCall records the request that a call sends, if it sends one.
func (m *module) requestFromCall(call node, name string) {}
