package format

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

var update = flag.Bool("update", false, "rewrite the expectations of the golden cases")

// show writes a document down for the golden cases: each cell's place in the
// file, what was found out about it, and its code.
func show(d *notebooks.Document) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s %s\n", d.Format, d.Language)
	for _, p := range d.Problems {
		at := notebooks.PositionAt(d.File.Bytes(), p.Raw.Start)
		fmt.Fprintf(&s, "problem %d:%d cell %d: %s\n", at.Line, at.Column, p.Cell, p.Reason)
	}
	for _, c := range d.Cells {
		at := notebooks.PositionAt(d.File.Bytes(), c.Code.Raw(span.Span{}).Start)
		in, _ := c.Code.UpTo(c.Text, span.Span{})
		fmt.Fprintf(&s, "cell %d %s, code at %d:%d, line %d of the cell", c.Number, c.Language,
			at.Line, at.Column, notebooks.PositionAt(c.Text.Bytes(), in.Start).Line)
		for _, opt := range [][2]string{{"id", c.ID}, {"title", c.Title}, {"magic", c.Magic}} {
			if opt[1] != "" {
				fmt.Fprintf(&s, ", %s %q", opt[0], opt[1])
			}
		}
		s.WriteByte('\n')
		if c.Code.Len() == 0 {
			continue
		}
		for _, line := range strings.Split(string(c.Code.Bytes()), "\n") {
			s.WriteString(strings.TrimRight("  | "+line, " ") + "\n")
		}
	}
	return s.String()
}

// TestGolden opens each case's files. The part "want NAME" says what the file
// NAME holds.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/formats/*.txtar")
	if len(files) == 0 {
		t.Fatal("no golden cases found")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { golden(t, file) })
	}
}

func golden(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, f := range a.Files {
		if name, ok := strings.CutPrefix(f.Name, "want "); ok {
			want[name] = string(f.Data)
		}
	}
	out := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "want ") {
			continue
		}
		got := ""
		d, err := Open(f.Name, f.Data)
		if err != nil {
			got = "error: " + err.Error() + "\n"
		} else {
			got = show(d)
			checkDocument(t, d)
			// The same file with CRLF holds the same cells.
			if crlf, err := Open(f.Name, bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))); err != nil {
				t.Errorf("%s: with CRLF: %v", f.Name, err)
			} else if g, w := codes(crlf), codes(d); g != w {
				t.Errorf("%s: with CRLF:\n%s\nwithout:\n%s", f.Name, g, w)
			} else {
				checkDocument(t, crlf)
			}
		}
		if !*update && got != want[f.Name] {
			t.Errorf("%s:\n%s\nwant:\n%s", f.Name, got, want[f.Name])
		}
		out.Files = append(out.Files, f, txtar.File{Name: "want " + f.Name, Data: []byte(got)})
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func codes(d *notebooks.Document) string {
	var s strings.Builder
	for _, c := range d.Cells {
		fmt.Fprintf(&s, "%d %s %q %q %q\n", c.Number, c.Language, c.Magic, c.Title, c.Code.Bytes())
	}
	return s.String()
}

// checkDocument asserts what holds for every document: cells in order and
// apart from each other, and code inside of its text.
func checkDocument(t *testing.T, d *notebooks.Document) {
	t.Helper()
	at := 0
	for _, c := range d.InFile() {
		raw := c.Text.Raw(c.Text.All())
		if raw.Start < at || raw.End > d.File.Len() {
			t.Fatalf("cell %d at %v does not follow %d", c.Number, raw, at)
		}
		at = raw.End
	}
	number := 0
	for i, c := range d.Cells {
		if c.Number > 0 && c.Number < number {
			t.Fatalf("cell %d has the number %d after %d", i, c.Number, number)
		}
		number = max(number, c.Number)
		if c.Code.Root() != d.File || c.Text.Root() != d.File {
			t.Fatalf("cell %d does not descend from the file", i)
		}
		in, ok := c.Code.UpTo(c.Text, c.Code.All())
		if !ok || c.Text.Sub(in) != string(c.Code.Bytes()) || in.End != c.Text.Len() {
			t.Fatalf("cell %d: code is not the end of the text", i)
		}
		if c.Language == "" {
			t.Fatalf("cell %d has no language", i)
		}
	}
	for _, p := range d.Problems {
		if p.Raw.Start < 0 || p.Raw.End > d.File.Len() || p.Raw.End < p.Raw.Start || p.Reason == "" {
			t.Fatalf("problem %+v", p)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	deep := strings.Repeat("[", 10_001)
	for _, tt := range []struct {
		name, path, text string
		want             error
	}{
		{"NUL without a telling name", "core", "\x7fELF\x00\x01", ErrBinary},
		{"UTF-16", "a.py", "\xff\xfei\x00m\x00", ErrEncoding},
		{"UTF-16 big endian", "a.sh", "\xfe\xff\x00i\x00m", ErrEncoding},
		{"nbformat 1", "a.ipynb", `{"nbformat": 1, "cells": []}`, ErrUnsupported},
		{"nbformat 5", "a.ipynb", `{"nbformat": 5, "cells": []}`, ErrUnsupported},
		{"nbformat of no integer", "a.ipynb", `{"nbformat": 4.5, "cells": []}`, ErrUnsupported},
		{"empty", "a.ipynb", "", ErrSyntax},
		{"BOM only", "a.ipynb", "\xef\xbb\xbf", ErrSyntax},
		{"truncated in a string", "a.ipynb", `{"nbformat": 4, "cells": [{"source": ["imp`, ErrSyntax},
		{"truncated in outputs", "a.ipynb", `{"nbformat": 4, "cells": [{"source": [], "outputs": [{"a": `, ErrSyntax},
		{"truncated after the cells", "a.ipynb", `{"nbformat": 4, "cells": []`, ErrSyntax},
		{"no object", "a.ipynb", `[1, 2]`, ErrSyntax},
		{"text", "a.ipynb", "import os\n", ErrSyntax},
		{"no cells", "a.ipynb", `{"nbformat": 4}`, ErrSyntax},
		{"trailing comma", "a.ipynb", `{"nbformat": 4, "cells": [],}`, ErrSyntax},
		{"NUL", "a.ipynb", "{\"nbformat\": 4, \x00\"cells\": []}", ErrSyntax},
		{"no commands", "a.python", `{"version": "NotebookV1"}`, ErrSyntax},
		{"truncated in a command", "a.scala", `{"version": "NotebookV1", "commands": [{"command": "val`, ErrSyntax},
		{"deep outputs", "a.ipynb", `{"nbformat": 4, "cells": [{"outputs": ` + deep, ErrSyntax},
		{"deep metadata", "a.ipynb", `{"metadata": ` + strings.Repeat(`{"kernelspec":`, 10_001), ErrSyntax},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Open(tt.path, []byte(tt.text))
			if !errors.Is(err, tt.want) || d != nil {
				t.Errorf("%v, %v; want %v", d, err, tt.want)
			}
		})
	}
}

func TestSyntaxErrorSaysWhere(t *testing.T) {
	_, err := Open("a.ipynb", []byte("\xef\xbb\xbf{\n \"nbformat\": 4,\n \"cells\": [}\n"))
	var syn *SyntaxError
	if !errors.As(err, &syn) {
		t.Fatal(err)
	}
	if syn.Offset != 32 || syn.Line != 3 || syn.Column != 12 {
		t.Errorf("%v", err)
	}
	want := "notebook is not valid: invalid character '}' at start of value at byte 32 (line 3, column 12)"
	if err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

func TestNULInSource(t *testing.T) {
	d, err := Open("a.py", []byte("x = 1\n# \x00\n"))
	if err != nil || len(d.Problems) != 1 || d.Problems[0].Raw.Start != 8 || len(d.Cells) != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	// Far into a file of no known kind a NUL is a character like others: the
	// text is only searched.
	d, err = Open("app.log", append(bytes.Repeat([]byte("line\n"), 2000), 0))
	if err != nil || len(d.Problems) != 0 || d.Language != notebooks.Text {
		t.Fatalf("%v", err)
	}
}

func TestLatin1IsRead(t *testing.T) {
	d, err := Open("a.sh", []byte("#!/bin/sh\n# caf\xe9\ncurl x\n"))
	if err != nil || len(d.Problems) != 0 || d.Language != notebooks.Shell || d.Cells[0].Code.Len() != 25-1 {
		t.Fatalf("%+v, %v", d, err)
	}
}

func TestBOM(t *testing.T) {
	for name, text := range map[string]string{
		"a.py":    "# Databricks notebook source\n# MAGIC %sh\n# MAGIC ls",
		"b.py":    "import os",
		"c.ipynb": `{"nbformat": 4, "cells": [{"cell_type": "code", "source": "%sh ls"}]}`,
		"d":       "#!/bin/bash\nls",
	} {
		with, err := Open(name, []byte("\xef\xbb\xbf"+text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		without, _ := Open(name, []byte(text))
		if codes(with) != codes(without) || with.Format != without.Format || len(with.Problems) != 0 {
			t.Errorf("%s: %s, without BOM %s", name, show(with), show(without))
		}
		w, o := with.Cells[0].Code, without.Cells[0].Code
		if w.Raw(w.All()) != o.Raw(o.All()).Shift(3) {
			t.Errorf("%s: code at %v, without BOM at %v", name, w.Raw(w.All()), o.Raw(o.All()))
		}
		checkDocument(t, with)
	}
}
