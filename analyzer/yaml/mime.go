package yaml

import (
	"regexp"
	"strings"

	yamlv3 "gopkg.in/yaml.v3"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// isMIME is true for user data in several parts.
func isMIME(text string) bool {
	text = strings.TrimLeft(text, " \n")
	return strings.HasPrefix(text, "Content-Type: multipart/") || strings.HasPrefix(text, "MIME-Version:")
}

var boundary = regexp.MustCompile(`boundary="?([^"\n;]+)"?`)

// parts takes the parts of user data as code, each in its own language.
func (d *document) parts(n *yamlv3.Node, p piece) {
	m := boundary.FindStringSubmatch(n.Value)
	text := d.scalarText(n, d.inFlow(n, p.around))
	if m == nil || text == nil {
		return
	}
	mark := "--" + strings.TrimSpace(m[1])
	src := string(text.Bytes())
	for at := strings.Index(src, "\n"+mark); at >= 0; {
		start := at + 1
		end := strings.Index(src[start:], "\n"+mark)
		next := start + end
		if end < 0 {
			next = len(src)
		}
		part := src[start:next]
		// The part's own lines begin behind its headers.
		if body := strings.Index(part, "\n\n"); body >= 0 && !strings.Contains(strings.ToLower(part[:body]), "base64") {
			from := start + body + 2
			for from < next && src[from] == '\n' {
				from++
			}
			q := p
			if q.language = scriptLanguage("", src[from:next]); q.language != "" {
				d.done[n] = true
				d.add(text.Slice(span.Span{Start: from, End: next}), q)
			}
		}
		if at = next; end < 0 {
			return
		}
	}
}
