package patch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	glueEnabled  = "spark.databricks.hive.metastore.glueCatalog.enabled"
	glueIsolated = "spark.databricks.hive.metastore.glueCatalog.isolation.enabled"
	confRule     = sparkConf + "."
)

// member is a member of an object in a text, by the places of its parts.
type member struct {
	name                               string
	start, nameEnd, valueStart, valEnd int
}

// members are those of the object that the text is.
func members(text string) ([]member, error) {
	d := jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return nil, errors.Join(errors.New("it is no JSON object"), err)
	}
	var out []member
	for d.PeekKind() != '}' {
		raw, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		m := member{nameEnd: int(d.InputOffset())}
		m.start = m.nameEnd - len(raw)
		if err := json.Unmarshal(raw, &m.name); err != nil {
			return nil, err
		}
		if raw, err = d.ReadValue(); err != nil {
			return nil, err
		}
		m.valEnd = int(d.InputOffset())
		m.valueStart = m.valEnd - len(raw)
		out = append(out, m)
	}
	_, err := d.ReadToken()
	return out, err
}

func find(list []member, name string) (at, n int) {
	at = -1
	for i, m := range list {
		if m.name == name {
			at = i
			n++
		}
	}
	return at, n
}

// fixRule is the text of a policy's rules with one that fixes an attribute. What
// else the text holds stays as it is, byte for byte; a new rule stands after the
// one that is named, in its style.
func fixRule(text, attribute, value, after string) (string, error) {
	if strings.TrimSpace(text) == "" {
		text = "{}"
	}
	list, err := members(text)
	if err != nil {
		return "", err
	}
	quoted, name := quote(value), quote(attribute)
	at, n := find(list, attribute)
	switch {
	case n > 1:
		return "", fmt.Errorf("it has more than one rule for %s", attribute)
	case n == 1:
		m := list[at]
		fixed := `{"type": "fixed", "value": ` + quoted + "}"
		old := text[m.valueStart:m.valEnd]
		var r struct {
			Type   string          `json:"type"`
			Hidden json.RawMessage `json:"hidden"`
		}
		if err := json.Unmarshal([]byte(old), &r); err != nil {
			return "", fmt.Errorf("its rule for %s cannot be read: %w", attribute, err)
		}
		if inner, err := members(old); err == nil && r.Type == "fixed" {
			if v, n := find(inner, "value"); n == 1 {
				fixed = old[:inner[v].valueStart] + quoted + old[inner[v].valEnd:]
			}
		} else if bytes.Equal(r.Hidden, []byte("true")) {
			fixed = `{"type": "fixed", "value": ` + quoted + `, "hidden": true}`
		}
		return text[:m.valueStart] + fixed + text[m.valEnd:], nil
	case len(list) == 0:
		i := strings.IndexByte(text, '{') + 1
		return text[:i] + name + `: {"type": "fixed", "value": ` + quoted + "}" + strings.TrimLeft(text[i:], " \t\r\n"), nil
	}
	if at, n = find(list, after); n == 0 {
		at = len(list) - 1
	}
	m := list[at]
	before := strings.IndexByte(text, '{') + 1
	if at > 0 {
		before = list[at-1].valEnd + strings.IndexByte(text[list[at-1].valEnd:], ',') + 1
	}
	return text[:m.valEnd] + "," + text[before:m.start] + name + text[m.nameEnd:m.valueStart] + `{"type": "fixed", "value": ` + quoted + "}" + text[m.valEnd:], nil
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("patch: " + err.Error()) // a string
	}
	return string(b)
}
