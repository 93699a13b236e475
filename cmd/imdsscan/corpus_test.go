package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/rules"
)

// TestCorpus puts all code that is shipped (golden cases, programs of the
// execution suite, examples, the examples of the rules) into every format that
// can hold its language: the findings are the same, and so is the fixed code.
// With -short it takes one in eight.
func TestCorpus(t *testing.T) {
	var mu sync.Mutex
	left := map[string]int{}
	samples, formats := 0, 0
	t.Run("samples", func(t *testing.T) {
		for _, s := range corpus(t) {
			if testing.Short() && !s.drawn() {
				continue
			}
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				n, why := everyFormat(t, s)
				mu.Lock()
				defer mu.Unlock()
				if samples++; why != "" {
					left[why]++
				}
				formats += n
			})
		}
	})
	t.Logf("%d files in %d formats", samples-sum(left), formats)
	for _, why := range slices.Sorted(maps.Keys(left)) {
		t.Logf("%4d left out: %s", left[why], why)
	}
	if formats < 10*(samples-sum(left)) && !testing.Short() {
		t.Error("the corpus is hardly put into any format")
	}
}

func sum(m map[string]int) (n int) {
	for _, k := range m {
		n += k
	}
	return n
}

// sample is a shipped file.
type sample struct {
	name string // where it is from
	file string // the name it has for the scan
	src  []byte
}

// drawn picks the samples of a short run, the same each time.
func (s sample) drawn() bool {
	h := fnv.New32()
	h.Write([]byte(s.name))
	return h.Sum32()%8 == 0
}

func corpus(t *testing.T) []sample {
	t.Helper()
	const root = "../../testdata"
	var out []sample
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := filepath.ToSlash(path)[len(root)+1:]
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch kind, _, _ := strings.Cut(name, "/"); kind {
		case "golden":
			for _, f := range txtar.Parse(b).Files {
				if f.Name != "findings" && f.Name != "diff" {
					out = append(out, sample{name + "/" + f.Name, f.Name, f.Data})
				}
			}
		case "execution", "examples":
			out = append(out, sample{name, filepath.Base(path), b})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules.All() {
		for i, ex := range r.Examples {
			for kind, code := range map[string]string{"bad": ex.Bad, "good": ex.Good} {
				if name := exampleNames[ex.Language]; name != "" {
					out = append(out, sample{fmt.Sprintf("rules/%s/%d/%s", r.ID, i, kind), name, []byte(code)})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b sample) int { return strings.Compare(a.name, b.name) })
	return out
}

// everyFormat expects the same of a file in every format that can hold it. It
// returns in how many it was, or why in none.
func everyFormat(t *testing.T, s sample) (n int, leftOut string) {
	doc, err := format.Open(s.file, s.src)
	switch {
	case err != nil || len(doc.Problems) > 0:
		return 0, "cannot be read"
	case s.file == "setup.py":
		return 0, "is told by its name"
	case bytes.Contains(s.src, []byte("environmentMetadata")):
		return 0, "names packages beside its cells"
	case bytes.ContainsRune(s.src, '\r'), bytes.HasPrefix(s.src, []byte("\xef\xbb\xbf")):
		return 0, "has line ends or a mark of its own"
	}
	plain := scan(t, s.file, s.src, nil)
	fixed := doc
	if plain.Fixed != nil {
		if fixed, err = format.Open(s.file, plain.Fixed); err != nil {
			t.Fatal(err)
		}
	}
	var ws []wrapping
	switch {
	case doc.Format == notebooks.Plain && strings.Contains(string(s.src), "# /// script"):
		return 0, "has metadata that only a script has"
	case doc.Format == notebooks.Plain:
		if ws = wrappings(doc.Language, string(s.src)); len(ws) == 0 {
			return 0, doc.Language.Title() + " is in no notebook"
		}
	case doc.Format == notebooks.Source || doc.Format == notebooks.IPynb:
		if ws = rewrapped(doc); len(ws) == 0 {
			return 0, "has cells that only its own format holds"
		}
	default:
		return 0, "is in a format that holds other formats' code only"
	}
	for _, w := range ws {
		sameIn(t, w, fixed, plain)
	}
	return len(ws), ""
}

func sameIn(t *testing.T, w wrapping, fixed *notebooks.Document, plain *result.File) {
	t.Helper()
	nb := scan(t, w.name, []byte(w.text), nil)
	if w.shown {
		sameShown(t, w, nb, plain)
		return
	}
	if got, want := rulesOf(nb), rulesOf(plain); got != want {
		t.Errorf("as %s: findings %s, wanted %s", w.name, got, want)
		return
	}
	out := []byte(w.text)
	if nb.Fixed != nil {
		out = nb.Fixed
	}
	after, err := format.Open(w.name, out)
	if err != nil {
		t.Errorf("as %s, fixed: %v", w.name, err)
		return
	}
	for i, c := range fixed.Cells {
		got, want := code(after.Cells[w.cell+i]), code(c)
		if got != want {
			t.Errorf("as %s is fixed to other code:\n%s", w.name, unified("cell", []byte(want+"\n"), []byte(got+"\n")))
		}
	}
}

// sameShown is for a format that is not edited: the same findings, and the
// fixes that are safe elsewhere are shown.
func sameShown(t *testing.T, w wrapping, nb, plain *result.File) {
	t.Helper()
	if nb.Fixed != nil || len(nb.Findings) != len(plain.Findings) {
		t.Errorf("as %s: findings %s, wanted %s", w.name, rulesOf(nb), rulesOf(plain))
		return
	}
	for i, f := range nb.Findings {
		want := plain.Findings[i]
		if f.Rule != want.Rule || want.Fixed && (f.Fix == nil || f.Fix.Applicability != result.Display || f.Fix.Example == "") {
			t.Errorf("as %s: %s %+v, wanted %s %+v", w.name, f.Rule, f.Fix, want.Rule, want.Fix)
		}
	}
}

func code(c *notebooks.Cell) string { return strings.TrimRight(string(c.Code.Bytes()), "\n") }

// rewrapped puts the cells of a notebook into the other formats.
func rewrapped(doc *notebooks.Document) []wrapping {
	def := doc.Language
	nb, ok := notebookLanguages[def]
	if !ok {
		return nil
	}
	var texts []string
	for _, c := range doc.Cells {
		text := strings.TrimRight(string(c.Text.Bytes()), "\n")
		switch {
		case c.Language == notebooks.Markdown && c.Magic == "":
			text = "%md\n" + text
		case c.Language == notebooks.Text && c.Magic == "" || strings.Contains(text, nb.mark+" MAGIC"):
			return nil // a raw cell
		}
		texts = append(texts, text)
	}
	separator := "\n\n" + nb.mark + " COMMAND ----------\n\n"
	var source []string
	var commands, cells []any
	for i, text := range texts {
		shown := text
		if doc.Cells[i].Magic != "" || doc.Cells[i].Language == notebooks.Markdown || strings.HasPrefix(text, "%") {
			shown = nb.mark + " MAGIC " + strings.ReplaceAll(text, "\n", "\n"+nb.mark+" MAGIC ")
		}
		source = append(source, shown)
		commands = append(commands, map[string]any{"version": "CommandV1", "position": float64(i + 1), "command": text})
		cells = append(cells, map[string]any{"cell_type": "code", "id": fmt.Sprint("c", i), "metadata": map[string]any{}, "outputs": []any{},
			"execution_count": nil, "source": strings.SplitAfter(text, "\n")})
	}
	text := nb.mark + " Databricks notebook source\n" + strings.Join(source, separator) + "\n"
	out := []wrapping{{name: "nb" + nb.suffix, text: text}, {name: "crlf" + nb.suffix, text: strings.ReplaceAll(text, "\n", "\r\n")}}
	member, _ := json.Marshal(map[string]any{"version": "NotebookV1", "language": def, "name": "x", "commands": commands})
	suffix := nb.suffix
	if def == notebooks.Python {
		suffix = ".python"
		ipynb, _ := json.MarshalIndent(map[string]any{"nbformat": 4, "nbformat_minor": 5,
			"metadata": map[string]any{"language_info": map[string]any{"name": "python"}}, "cells": cells}, "", " ")
		out = append(out, wrapping{name: "list.ipynb", text: string(ipynb) + "\n", cell: 0})
	}
	return append(out, wrapping{name: "export.dbc!/dir/member" + suffix, text: string(member), cell: 0})
}
