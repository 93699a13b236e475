package sql

import (
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

func unit(src string) *facts.Unit {
	t := span.File([]byte(src))
	c := &notebooks.Cell{Language: notebooks.SQL, Text: t, Code: t}
	return &facts.Unit{Language: notebooks.SQL, Text: t, Cell: c}
}

// bodies are the nested units of a text, one a line.
func bodies(src string) string {
	var out []string
	for _, u := range Analyze(unit(src)).Nested {
		out = append(out, string(u.Language)+": "+strings.TrimSpace(string(u.Text.Bytes())))
	}
	return strings.Join(out, "\n")
}

func TestBodies(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"dollars", "CREATE FUNCTION f() RETURNS INT LANGUAGE PYTHON AS $$ return 1 $$", "python: return 1"},
		{"body first", "create or replace function f() returns int as $x$ return 1 $x$ language plpython3u;", "python: return 1"},
		{"two", "CREATE FUNCTION f() LANGUAGE PYTHON AS $$1$$; CREATE FUNCTION g() LANGUAGE python AS $$2$$", "python: 1\npython: 2"},
		{"procedure", "CREATE PROCEDURE f() LANGUAGE SCALA AS $$1$$", "scala: 1"},
		{"string", `CREATE FUNCTION f() LANGUAGE PYTHON AS 'return "\'"'`, `python: return "'"`},
		{"block", "DO $$ print(1) $$ LANGUAGE plpython3u", "python: print(1)"},
		{"quoted language", "CREATE FUNCTION f() LANGUAGE 'plpython3u' AS $$1$$", "python: 1"},
		{"sql body", "CREATE FUNCTION f() LANGUAGE SQL AS $$SELECT 1$$", "sql: SELECT 1"},
		{"option in brackets", "CREATE FUNCTION f() LANGUAGE PYTHON WITH (x AS 'a') AS $$1$$", "python: 1"},
		{"other statement", "SELECT 'CREATE FUNCTION f() LANGUAGE PYTHON AS $$1$$'", ""},
		{"table", "CREATE TABLE t AS SELECT $$1$$ LANGUAGE PYTHON", ""},
		{"in a comment", "-- CREATE FUNCTION f() LANGUAGE PYTHON AS $$1$$", ""},
		{"no language", "CREATE FUNCTION f() AS $$1$$", ""},
		{"parameter", "SELECT $1, a$b$c, ${x} FROM t", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := bodies(c.src); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestBounds: hostile texts take time by their length.
func TestBounds(t *testing.T) {
	const many = 200_000
	for name, src := range map[string]string{
		"comments in comments": strings.Repeat("/*", many),
		"a list":               "SELECT 1 WHERE x IN (" + strings.Repeat("'http://169.254.169.254/', ", many) + "1)",
		"creates":              strings.Repeat("CREATE ", many) + "FUNCTION",
		"dollars":              strings.Repeat("$a ", many),
		"open quotes":          strings.Repeat("'\\", many),
		"brackets":             "CREATE FUNCTION f" + strings.Repeat("(", many) + " AS $$1$$",
		"statements":           strings.Repeat("CREATE FUNCTION f() LANGUAGE PYTHON AS $$1$$;", many/10),
	} {
		start := time.Now()
		Analyze(unit(src))
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: %v", name, took)
		}
	}
}

func FuzzAnalyze(f *testing.F) {
	for _, s := range []string{"", "CREATE FUNCTION f() LANGUAGE PYTHON AS $$\n  return 'http://169.254.169.254'\n$$;", "/* /* */", "r'\\'", "$a$x$a", "DO '' LANGUAGE r", "COMMENT", "LANGUAGE"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		fs := Analyze(unit(src))
		for _, u := range fs.Nested {
			if raw := u.Text.Raw(u.Text.All()); raw.End > len(src) || raw.Start > raw.End {
				t.Errorf("a body at %v of %d bytes", raw, len(src))
			}
		}
	})
}
