package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/imdsscan/imdsscan/analyzer/prefilter"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/notebooks/lists"
	"github.com/imdsscan/imdsscan/notebooks/runs"
	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/collect"
	"github.com/imdsscan/imdsscan/report/result"
)

// A golden case is a txtar archive under testdata/golden: a sentence on what
// it shows, one or more input files, and the sections "findings" (a line each:
// place, rule, applicability, and the reason where a fix is not safe) and
// "diff". Beside them the laws hold for every case: the diff is what git apply
// makes of the file, and a second run changes nothing. TestCorpus holds the code
// in every format.
func TestGolden(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/golden/*/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no golden cases found", err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.ToSlash(name)[len("../../testdata/golden/"):], ".txtar"), func(t *testing.T) {
			t.Parallel()
			golden(t, name)
		})
	}
}

func golden(t *testing.T, name string) {
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(bytes.TrimSpace(ar.Comment)) == 0 {
		t.Error("the case does not say what it shows")
	}
	var inputs []txtar.File
	want := map[string]string{}
	for _, f := range ar.Files {
		switch f.Name {
		case "findings", "diff":
			want[f.Name] = string(f.Data)
		default:
			inputs = append(inputs, f)
		}
	}
	var findings, diffs strings.Builder
	around, fixed := together(inputs), slices.Clone(inputs)
	installed := installedTogether(inputs)
	for i, in := range inputs {
		f := scanWith(t, in.Name, in.Data, installed(optionsOf(in, inputs, around), in.Name))
		findings.WriteString(summarize(f))
		if o := installed(optionsOf(in, inputs, around), in.Name); strings.Contains(rulesOf(f), "IMDS01") && !o.List && !passes(in.Name, in.Data) {
			t.Errorf("the scan of a folder would not look into %s", in.Name)
		}
		if f.Fixed != nil {
			diff := unified(in.Name, in.Data, f.Fixed)
			diffs.Write(diff)
			appliesWithGit(t, in.Name, in.Data, f.Fixed, diff)
			fixed[i].Data = f.Fixed
		}
	}
	around, installed = together(fixed), installedTogether(fixed)
	for _, in := range fixed {
		if again := scanWith(t, in.Name, in.Data, installed(optionsOf(in, fixed, around), in.Name)); again.Fixed != nil {
			t.Errorf("a second run changes %s again:\n%s", in.Name, unified(in.Name, in.Data, again.Fixed))
		}
	}
	if *update {
		ar.Files = append(inputs, txtar.File{Name: "findings", Data: []byte(findings.String())},
			txtar.File{Name: "diff", Data: []byte(diffs.String())})
		if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := findings.String(); got != want["findings"] {
		t.Errorf("findings:\n%s", unified("findings", []byte(want["findings"]), []byte(got)))
	}
	if got := diffs.String(); got != want["diff"] {
		t.Errorf("diff, wanted:\n%s\ngot:\n%s", want["diff"], got)
	}
}

func unified(name string, before, after []byte) []byte {
	var b bytes.Buffer
	report.UnifiedDiff(&b, name, string(before), string(after))
	return b.Bytes()
}

// together are the files of a case, where they run one another.
func together(files []txtar.File) *runs.Tree {
	var names, runners []string
	data := map[string][]byte{}
	for _, f := range files {
		names = append(names, f.Name)
		data[f.Name] = f.Data
		if mayRun(f.Data) {
			runners = append(runners, f.Name)
		}
	}
	if len(runners) == 0 {
		return nil
	}
	return runs.New([]string{"."}, names, runners, func(name string) ([]byte, string, error) { return data[name], name, nil }, prefilter.New().Match)
}

func scan(t *testing.T, name string, src []byte, around *runs.Tree) *result.File {
	t.Helper()
	return scanWith(t, name, src, collect.Options{Around: around})
}

// passes reports whether a file is looked into when a folder is scanned.
func passes(name string, data []byte) bool {
	s := newScanner(&options{}, nil)
	return format.IsManifest(name) && s.named.Match(data) || s.filter.Match(data)
}

// optionsOf are those of a file that lies beside the others of its case.
func optionsOf(in txtar.File, all []txtar.File, around *runs.Tree) collect.Options {
	files := fstest.MapFS{}
	for _, f := range all {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return collect.Options{Around: around, Beside: notebooks.Beside{Files: files, Name: in.Name}}
}

// installedTogether tells what the lists of requirements of a case mean for
// each of its files.
func installedTogether(files []txtar.File) func(o collect.Options, name string) collect.Options {
	var names []string
	var naming []lists.File
	data := map[string][]byte{}
	for _, f := range files {
		names = append(names, f.Name)
		data[f.Name] = f.Data
		list := format.IsList(f.Name, f.Data)
		if in := lists.Of(f.Name, f.Data, list); len(in) > 0 {
			naming = append(naming, lists.File{Name: f.Name, List: list, Includes: in})
		}
	}
	read := func(name string) ([]byte, error) { return data[name], nil }
	sets := lists.New([]string{"."}, names, naming, read)
	return func(o collect.Options, name string) collect.Options {
		beside, _ := sets.Together(name)
		o.List, o.Together = sets.Named(name), opened(beside, sets, read)
		return o
	}
}

func scanWith(t *testing.T, name string, src []byte, o collect.Options) *result.File {
	t.Helper()
	f, err := collect.File(name, src, o)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, u := range f.Unverified {
		t.Errorf("%s: %s", name, u)
	}
	return f
}

// summarize prints what was found in a file, a line for each finding, each
// occurrence that is no finding, and each problem.
func summarize(f *result.File) string {
	var sb strings.Builder
	for _, fd := range f.Findings {
		fmt.Fprintf(&sb, "%s:%d:%d %s", f.Path, fd.Start.Line, fd.Start.Column, fd.Rule)
		for _, r := range fd.Related {
			if r.Path != "" {
				fmt.Fprintf(&sb, " [%s:%d:%d: %s]", r.Path, r.Start.Line, r.Start.Column, r.Message)
			}
		}
		if fd.Level == result.Note {
			sb.WriteString(" note: " + strings.Join(fd.Notes, "; "))
		}
		if fd.Fix != nil {
			fmt.Fprintf(&sb, " %s", fd.Fix.Applicability)
			if fd.Fix.Reason != "" {
				fmt.Fprintf(&sb, " (%s)", fd.Fix.Reason)
			}
		}
		sb.WriteByte('\n')
	}
	for _, o := range f.Occurrences {
		if o.Class != result.InFinding {
			fmt.Fprintf(&sb, "%s:%d:%d %s: %s\n", f.Path, o.Start.Line, o.Start.Column, o.Class, o.Why)
		}
	}
	for _, p := range f.Problems {
		fmt.Fprintf(&sb, "%s:%d:%d problem: %s\n", f.Path, p.Start.Line, p.Start.Column, p.Reason)
	}
	return sb.String()
}

func appliesWithGit(t *testing.T, name string, before, after, diff []byte) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, before, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "apply", "--whitespace=nowarn", "-")
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(diff)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, diff)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, after) {
		t.Errorf("git apply gives other bytes than the fix of %s", name)
	}
}

func rulesOf(f *result.File) string {
	var out []string
	for _, fd := range f.Findings {
		s := fd.Rule
		if fd.Fix != nil {
			s += " " + string(fd.Fix.Applicability)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// wrapping is code put into a notebook.
type wrapping struct {
	name, text string
	cell       int  // the index of the cell that holds the code
	shown      bool // the format is not edited
}

// notebookLanguages are the languages that a notebook can have by default,
// with the suffix and the comment mark of its SOURCE form; magics are what
// gives a cell to a language in a notebook of another.
var (
	notebookLanguages = map[notebooks.Language]struct{ suffix, mark string }{
		notebooks.Python: {".py", "#"}, notebooks.Scala: {".scala", "//"}, notebooks.R: {".r", "#"}, notebooks.SQL: {".sql", "--"},
	}
	magics = map[notebooks.Language]string{
		notebooks.Python: "%python", notebooks.Scala: "%scala", notebooks.R: "%r", notebooks.SQL: "%sql", notebooks.Shell: "%sh",
	}
)

// wrappings puts code into every notebook that can hold its language: as a
// cell of its default language, and by magic in notebooks of the others.
func wrappings(lang notebooks.Language, code string) []wrapping {
	magic, ok := magics[lang]
	if !ok {
		return nil
	}
	var out []wrapping
	body := strings.TrimSuffix(code, "\n")
	for _, def := range slices.Sorted(maps.Keys(notebookLanguages)) {
		nb := notebookLanguages[def]
		if strings.Contains(code, nb.mark+" COMMAND ---") {
			continue
		}
		source := body
		if def != lang {
			prefix := nb.mark + " MAGIC "
			source = prefix + magic + "\n" + prefix + strings.ReplaceAll(body, "\n", "\n"+prefix)
		}
		separator := "\n\n" + nb.mark + " COMMAND ----------\n\n"
		text := nb.mark + " Databricks notebook source\n" + nb.mark + " one" + separator + source + separator + nb.mark + " two\n"
		out = append(out, wrapping{name: "nb" + nb.suffix, text: text, cell: 1}, wrapping{name: "crlf" + nb.suffix, text: strings.ReplaceAll(text, "\n", "\r\n"), cell: 1})
	}
	cell := body
	if lang != notebooks.Python {
		cell = magic + "\n" + body
	}
	lines := strings.SplitAfter(cell, "\n")
	for _, v := range []struct {
		name   string
		source any
		indent string
	}{{"list.ipynb", lines, " "}, {"string.ipynb", cell, "  "}, {"compact.ipynb", lines, ""}} {
		nb := map[string]any{
			"nbformat": 4, "nbformat_minor": 5,
			"metadata": map[string]any{"language_info": map[string]any{"name": "python"}},
			"cells": []any{
				map[string]any{"cell_type": "markdown", "id": "a", "metadata": map[string]any{}, "source": []string{"# 日本語\n", "text"}},
				map[string]any{"cell_type": "code", "id": "b", "metadata": map[string]any{}, "outputs": []any{}, "execution_count": nil, "source": v.source},
			},
		}
		var b []byte
		if v.indent == "" {
			b, _ = json.Marshal(nb)
		} else {
			b, _ = json.MarshalIndent(nb, "", v.indent)
		}
		out = append(out, wrapping{name: v.name, text: string(b) + "\n", cell: 1})
	}
	out = append(append(out, oldNotebook(cell)), members(lang, magic, body)...)
	return append(append(out, chunks(lang, body)...), exports(lang, magic, body)...)
}
