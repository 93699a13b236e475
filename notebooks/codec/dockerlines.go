package codec

import (
	"bytes"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// DockerLines shows an instruction of a Dockerfile as Docker reads it: lines
// that end with the escape character are joined to the next, and comment lines
// and empty ones between them fall away. What follows the joined line are
// here-documents, taken as they are.
type DockerLines struct {
	Escape byte // a backslash, or a backquote by directive
}

// Name is the layer's name in messages.
func (DockerLines) Name() string { return "Dockerfile instruction" }

// Decode folds each continuation into the character before it.
func (l DockerLines) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	for at := rng.Start; at < rng.End; {
		end := dockerLineEnd(outer, at, rng.End)
		text, goesOn := l.Continued(outer[at:end])
		if !goesOn {
			break
		}
		d.verbatim(at + len(text))
		at = l.next(outer, min(end+1, rng.End), rng.End)
		d.fold(at)
	}
	d.verbatim(rng.End)
	return d.done()
}

// dockerLineEnd is where the line that begins at at ends, its newline excluded.
func dockerLineEnd(b []byte, at, end int) int {
	if i := bytes.IndexByte(b[at:end], '\n'); i >= 0 {
		return at + i
	}
	return end
}

// next is the start of the next line that is neither empty nor a comment.
func (l DockerLines) next(b []byte, at, end int) int {
	for at < end {
		to := dockerLineEnd(b, at, end)
		if !IsDockerComment(b[at:to]) && len(bytes.TrimSpace(b[at:to])) > 0 {
			return at
		}
		at = min(to+1, end)
	}
	return at
}

// IsDockerComment is true for a comment line, also one between continued lines.
func IsDockerComment(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("#"))
}

// Continued is a line without the escape character that joins it to the next
// one; goesOn is false where none does.
func (l DockerLines) Continued(line []byte) (text []byte, goesOn bool) {
	n := len(bytes.TrimRight(line, " \t"))
	if n == 0 || line[n-1] != l.Escape || n > 1 && line[n-2] == l.Escape {
		return line, false
	}
	return line[:n-1], true
}

// Encode writes the text on the line it goes to. In the joined line there is
// no line end to write.
func (l DockerLines) Encode(t *span.Text, in span.Span, text string) (string, error) {
	b := t.Bytes()
	head := bytes.IndexByte(b, '\n') // where the joined line ends
	if head < 0 {
		head = len(b)
	}
	if in.Start <= head && strings.Contains(text, "\n") && !(in.End > head && strings.HasSuffix(text, "\n") && strings.Count(text, "\n") == 1) {
		return "", unencodable("a line end would end the instruction")
	}
	return text, nil
}
