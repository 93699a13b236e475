package python

import (
	"strings"
)

// curlOptions is what setopt calls say of a pycurl request.
type curlOptions struct {
	method string
	given  bool // headers are set
}

// byOptions reads a request that is set up by options (pycurl).
func (m *module) byOptions(f found) *found {
	f.curl = &curlOptions{method: "GET"}
	for _, key := range m.keysOf(f.receiver, ref{n: f.maker}) {
		for _, c := range m.relevant(key, f.call) {
			if c.method != f.client.Class.Options {
				continue
			}
			args := m.args(c.at)
			if len(args.pos) < 2 {
				continue
			}
			option, value := args.pos[0], args.pos[1]
			name := option.Text()
			if option.Kind() == "attribute" {
				name = option.Field("attribute").Text()
			}
			switch name {
			case "URL":
				f.url = value
			case "HTTPHEADER":
				f.headers, f.curl.given = value, true
			case "CUSTOMREQUEST":
				f.curl.method = ""
				if text, ok := m.constant(ref{n: value}); ok {
					f.curl.method = strings.ToUpper(text)
				}
			case "PUT", "UPLOAD":
				f.curl.method = "PUT"
			case "POST", "POSTFIELDS":
				f.curl.method = "POST"
			case "NOBODY":
				f.curl.method = "HEAD"
			}
		}
	}
	return &f
}
