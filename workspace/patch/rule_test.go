package patch

import (
	"strings"
	"testing"
)

func TestFixRule(t *testing.T) {
	const key = "spark_conf." + glueIsolated
	for name, c := range map[string]struct{ text, want string }{
		"after its neighbour, in its style": {
			"{\r\n\t\"spark_conf." + glueEnabled + "\" : {\"type\":\"fixed\",\"value\":\"true\"},\r\n\t\"z\": {\"type\":\"unlimited\"}\r\n}\r\n",
			"{\r\n\t\"spark_conf." + glueEnabled + "\" : {\"type\":\"fixed\",\"value\":\"true\"},\r\n\t\"" + key + "\" : {\"type\": \"fixed\", \"value\": \"false\"},\r\n\t\"z\": {\"type\":\"unlimited\"}\r\n}\r\n"},
		"at the end":          {`{"a":{"type":"unlimited"},"b":1}`, `{"a":{"type":"unlimited"},"b":1,"` + key + `":{"type": "fixed", "value": "false"}}`},
		"first of nothing":    {`{ }`, `{"` + key + `": {"type": "fixed", "value": "false"}}`},
		"no rules":            {``, `{"` + key + `": {"type": "fixed", "value": "false"}}`},
		"its value alone":     {`{"` + key + `":{"value":"true" , "type":"fixed","hidden":true}}`, `{"` + key + `":{"value":"false" , "type":"fixed","hidden":true}}`},
		"fixed with no value": {`{"` + key + `":{"type":"fixed"}}`, `{"` + key + `":{"type": "fixed", "value": "false"}}`},
		"another kind of rule": {`{"x": 1, "` + key + `": {"type": "allowlist", "values": ["true", "false"], "hidden": true}}`,
			`{"x": 1, "` + key + `": {"type": "fixed", "value": "false", "hidden": true}}`},
		"escaped": {strings.Replace(`{"KEY":{"type":"fixed","value":true}}`, "KEY", strings.Replace(key, "glue", `glue`, 1), 1),
			strings.Replace(`{"KEY":{"type":"fixed","value":"false"}}`, "KEY", strings.Replace(key, "glue", `glue`, 1), 1)},
	} {
		got, err := fixRule(c.text, key, "false", "spark_conf."+glueEnabled)
		if err != nil || got != c.want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, c.want)
		}
		if again, err := fixRule(got, key, "false", "x"); err != nil || again != got {
			t.Errorf("%s: a second time it becomes %s: %v", name, again, err)
		}
	}
	for _, bad := range []string{`{"` + key + `":{},"` + key + `":{}}`, `[`, `{"` + key + `": 5}`, `{"a": `, `{"a":{}`} {
		if got, err := fixRule(bad, key, "false", ""); err == nil {
			t.Errorf("%s became %s", bad, got)
		}
	}
}

func FuzzPieces(f *testing.F) {
	for _, s := range []string{"", "{}", `{"a":{"b":"}, {"},"c":[1,2]}`, "{\n  \"a\": 1\n}\n", `"\`, "}}{", `{"a":1} `} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := strings.Join(pieces(s), ""); got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func TestPieces(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":{"x":"}, ,"},"b":[1,2]}`: `{|"a":{"x":"}, ,"},|"b":[1,2]|}`,
		"{\n \"a\": 1,\n \"b\": 2}":    "{\n| \"a\": 1,\n| \"b\": 2}",
		"{}":                           "{|}",
	} {
		if got := strings.Join(pieces(text), "|"); got != want {
			t.Errorf("%s in pieces is %s", text, got)
		}
	}
}
