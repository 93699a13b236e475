// Package patch changes the configuration of clusters and cluster policies so
// that enforcement no longer breaks them, as far as the change can be taken
// back. A configuration is text here: canonical JSON, in which equal
// configurations are equal bytes, so that what holds for notebooks holds for
// them, a plan, a backup, a conflict check, a read-back. It makes plans and
// requests; it sends nothing but questions.
package patch

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/workspace"
)

// fields are the members of a configuration.
type fields map[string]json.RawMessage

// get asks the service for a configuration with all that it tells, also what the
// SDK does not know.
func get(ctx context.Context, c *workspace.Client, path, name, id string) (fields, error) {
	out := fields{}
	err := c.Do(ctx, http.MethodGet, path, map[string]any{name: id}, &out)
	return out, err
}

// kept are the members without those that are named, and without empty ones:
// the service leaves them out or not.
func (f fields) kept(without ...string) fields {
	out := fields{}
	for name, v := range f {
		if !slices.Contains(without, name) && !empty(v) {
			out[name] = v
		}
	}
	return out
}

func empty(v json.RawMessage) bool {
	var b bytes.Buffer
	return json.Compact(&b, v) == nil && slices.Contains([]string{"null", `""`, "{}", "[]"}, b.String())
}

// text is the member that is a string, empty where it is none.
func (f fields) text(name string) string {
	var s string
	_ = json.Unmarshal(f[name], &s)
	return s
}

// canonical is a value as JSON of one form: members sorted, two blanks a level.
func canonical(v any) []byte {
	raw, err := json.Marshal(v)
	var plain any
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		err = d.Decode(&plain)
	}
	var b bytes.Buffer
	if err == nil {
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(plain)
	}
	if err != nil {
		panic("patch: JSON that was read is no JSON: " + err.Error())
	}
	return b.Bytes()
}

// parse reads a content.
func parse(content []byte) (fields, error) {
	out := fields{}
	return out, json.Unmarshal(content, &out)
}

// differing are the names of the members that are not the same in both, sorted.
func differing(a, b fields) []string {
	var out []string
	for name, v := range a {
		if w, ok := b[name]; !ok || !bytes.Equal(canonical(v), canonical(w)) {
			out = append(out, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// pieces cut a text that holds JSON where a reader expects lines to end, so that
// a difference shows what changed. Joined they are the text, byte for byte.
func pieces(text string) []string {
	if strings.Contains(strings.TrimSpace(text), "\n") {
		return strings.SplitAfter(text, "\n")
	}
	var out []string
	start, depth, quoted := 0, 0, false
	cut := func(at int) { out, start = append(out, text[start:at]), at }
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth == 1 {
				cut(i + 1)
			}
		case c == '}' || c == ']':
			if depth--; depth == 0 && start < i {
				cut(i)
			}
		case c == ',' && depth == 1:
			cut(i + 1)
		}
	}
	if start < len(text) {
		cut(len(text))
	}
	return out
}

// joined is the text of pieces.
func joined(raw json.RawMessage) (string, error) {
	var list []string
	err := json.Unmarshal(raw, &list)
	return strings.Join(list, ""), err
}
