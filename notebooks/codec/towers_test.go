package codec_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// descend decodes the range of t between two texts, both exclusive.
func descend(t *testing.T, text *span.Text, from, to string, layer span.Layer) *span.Text {
	t.Helper()
	s := between(t, text, from, to)
	inner, err := text.Decode(s, layer)
	if err != nil {
		t.Fatal(err)
	}
	return inner
}

func between(t *testing.T, text *span.Text, from, to string) span.Span {
	t.Helper()
	b := string(text.Bytes())
	i := strings.Index(b, from)
	if i < 0 {
		t.Fatalf("%q is not in %q", from, b)
	}
	i += len(from)
	k := strings.Index(b[i:], to)
	if to == "" {
		k = len(b) - i
	}
	if k < 0 {
		t.Fatalf("%q is not in %q", to, b[i:])
	}
	return span.Span{Start: i, End: i + k}
}

// descendInto decodes the literal or word that stands between two texts.
func descendInto(t *testing.T, text *span.Text, from, to string, read func([]byte, span.Span) (span.Span, span.Layer, error)) *span.Text {
	t.Helper()
	rng, layer, err := read(text.Bytes(), between(t, text, from, to))
	if err != nil {
		t.Fatal(err)
	}
	inner, err := text.Decode(rng, layer)
	if err != nil {
		t.Fatal(err)
	}
	return inner
}

// insertBefore puts new before old in text and compares the whole file.
func insertBefore(t *testing.T, text *span.Text, old, new, want string) {
	t.Helper()
	i := bytes.Index(text.Bytes(), []byte(old))
	if i < 0 {
		t.Fatalf("%q is not in %q", old, text.Bytes())
	}
	edits := []span.Edit{{Span: span.Span{Start: i, End: i}, New: new}}
	if err := checkLaws(t, text, edits); err != nil {
		t.Fatal(err)
	}
	lifted, _ := text.Lift(edits)
	if got, _ := span.Apply(text.Root().Bytes(), lifted); string(got) != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
}

func TestScriptInPythonInIPynb(t *testing.T) {
	const file = `{"cells": [{
   "source": [
    "%pip install x\n",
    "os.system(\"set -e; curl -s \\\"http://$H/a\\\"\")\n",
    "SCRIPT = '''#!/bin/sh\n",
    "curl x\n",
    "'''"
   ]}]}`
	cell := descend(t, span.File([]byte(file)), "\"source\": [\n    \"", "\"\n   ]", codec.JSONLines{})
	python, err := cell.Decode(cell.All(), codec.Mask{})
	if err != nil {
		t.Fatal(err)
	}
	command := descendInto(t, python, "os.system(", ")\n", codec.PythonLiteral)
	if got := string(command.Bytes()); got != `set -e; curl -s "http://$H/a"` {
		t.Fatalf("command %q", got)
	}
	insertBefore(t, command, `"http`, `-H "X-t: $T" `,
		strings.Replace(file, `curl -s `, `curl -s -H \\\"X-t: $T\\\" `, 1))

	url := descendInto(t, command, "curl -s ", "", codec.ShellWord)
	if got := string(url.Bytes()); got != `http://__hole0__/a` {
		t.Fatalf("url %q", got)
	}
	if got := url.Raw(between(t, url, "__hole0__", "")); file[got.Start:got.End] != "/a" {
		t.Fatalf("path lies at %q", file[got.Start:got.End])
	}
	insertBefore(t, url, "/a", "'\"$", strings.Replace(file, `$H/a`, `$H'\\\\\\\"\\\\$/a`, 1))

	script := descendInto(t, python, "SCRIPT = ", "", codec.PythonLiteral)
	insertBefore(t, script, "curl", "T=\"1\"\n", strings.Replace(file, `    "curl`, `    "T=\"1\"\n",
    "curl`, 1))
}

func TestPythonInHereDocInSource(t *testing.T) {
	file := strings.ReplaceAll(`# Databricks notebook source
# MAGIC %sh
# MAGIC python3 - <<EOF
# MAGIC u = "http://\$h/" \
# MAGIC   'a'
# MAGIC EOF
# MAGIC
# COMMAND ----------
`, "\n", "\r\n")
	lines, err := whole(codec.Newlines{})([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	cell := descend(t, lines, "source\n", "\n# COMMAND", codec.MagicPrefix{Mark: "# MAGIC"})
	program := descend(t, cell, "EOF\n", "EOF", codec.HereDoc{Delimiter: "EOF"})
	// The continued line is joined by the shell, before Python reads it.
	if got := string(program.Bytes()); got != "u = \"http://$h/\"   'a'\n" {
		t.Fatalf("program %q", got)
	}
	insertBefore(t, program, "u =", "t = '$'\n\n", strings.Replace(file, "# MAGIC u", "# MAGIC t = '\\$'\r\n# MAGIC\r\n# MAGIC u", 1))

	url := descendInto(t, program, "u = ", "\n", codec.PythonLiteral)
	if got := string(url.Bytes()); got != "http://$h/a" {
		t.Fatalf("url %q", got)
	}
	insertBefore(t, url, "a", "$\n'", strings.Replace(file, "'a'", `'\$\n\'a'`, 1))
}

func TestNestedBackquotes(t *testing.T) {
	const file = "x=`echo \\`curl \"\\$u\"\\``"
	outer, err := span.File([]byte(file)).Decode(span.Span{Start: 3, End: len(file) - 1}, codec.Backquotes{})
	if err != nil {
		t.Fatal(err)
	}
	inner := descend(t, outer, "echo `", "`", codec.Backquotes{})
	if got := string(inner.Bytes()); got != `curl "$u"` {
		t.Fatalf("command %q", got)
	}
	insertBefore(t, inner, `"$u`, "-H \"a: $(b `c`)\" ", "x=`echo \\`curl -H \"a: $(b \\\\\\`c\\\\\\`)\" \"\\$u\"\\``")
}

func TestTemplateOverLiteral(t *testing.T) {
	const file = `s = """curl {} {{}}""".format(u)`
	script := descendInto(t, span.File([]byte(file)), "s = ", ".format", codec.PythonLiteral)
	filled, err := script.Decode(script.All(), codec.FormatTemplate{})
	if err != nil {
		t.Fatal(err)
	}
	insertBefore(t, filled, "__hole0__", "-H \"${T}\" ", `s = """curl -H "${{T}}" {} {{}}""".format(u)`)
}

// TestBig: long plain text is one atom, and decoding takes time by its length.
func TestBig(t *testing.T) {
	big := strings.Repeat("a long line of text, ", 200_000)
	for _, l := range []struct {
		name  string
		file  string
		read  func([]byte) (*span.Text, error)
		atoms int
	}{
		{"json", `["` + big + `"]`, inside(codec.JSONLines{}, `["`, `"]`), 1},
		{"newlines", big, whole(codec.Newlines{}), 1},
		{"python", `"` + big + `"`, literal, 1},
		{"word", `'` + big + `'`, word, 1},
		{"heredoc", big, whole(codec.HereDoc{}), 1},
		{"mask", "x = '" + big + "!'\n", whole(codec.Mask{}), 1},
		{"escapes", `"` + strings.Repeat(`\n`, 1_000_000) + `"`, inside(codec.JSONString{}, `"`, `"`), 1_000_000},
		{"holes", `f"` + strings.Repeat(`{a}b`, 300_000) + `"`, literal, 600_000},
		{"open holes", `f"` + strings.Repeat(`{{`, 300_000) + `"`, literal, 300_000},
		{"seams", strings.Repeat(`'a' `, 300_000), nil, 0},
	} {
		t.Run(l.name, func(t *testing.T) {
			if l.read == nil {
				l.file = strings.TrimSpace(l.file)
				l.read = literal
			}
			start := time.Now()
			text, err := l.read([]byte(l.file))
			if err != nil {
				t.Fatal(err)
			}
			if n := len(text.Atoms()); l.atoms > 0 && n != l.atoms {
				t.Errorf("%d atoms, want %d", n, l.atoms)
			}
			if _, err := text.Lift([]span.Edit{{Span: span.Span{Start: text.Len() / 2, End: text.Len() / 2}, New: "\""}}); err != nil && !refusal(err) {
				t.Error(err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func BenchmarkJSONLines(b *testing.B) {
	file := []byte(`["` + strings.Repeat("requests.get(\\\"http://example.com/\\\")\\n\",\n    \"", 20_000) + `"]`)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := inside(codec.JSONLines{}, `["`, `"]`)(file); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMask(b *testing.B) {
	file := []byte(strings.Repeat("x = f(\"a\", 'b') % 2 # why\nif x != {}:\n    !ls\n", 20_000))
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		codec.Magics(file)
	}
}
