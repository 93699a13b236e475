package html

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
)

// What a page holds, so that it opens at once however much was found. The
// sums count everything.
const (
	maxCards   = 500  // findings with their code
	maxRows    = 2500 // further findings, a line each
	maxFiles   = 1000 // files with a heading of their own
	maxChanges = 300  // hunks side by side
	openCards  = 12   // findings in files that are open at first
)

// findings are the files with findings, by folder.
type findings struct {
	Folders []folder
	Total   int // findings, notes included
	Cards   int
	Rows    int
	Files   int
	// MoreFiles is how many files are left out; MoreChanges how many hunks.
	MoreFiles, MoreChanges int
	Filters                []filter
}

// Counted is how many findings are in the sums only.
func (f findings) Counted() int { return f.Total - f.Cards - f.Rows }

type folder struct {
	Name  string
	Files []file
}

// file is a file with its findings.
type file struct {
	ID, Name, Path string
	Owner          string
	About          string
	Errors         int
	Warnings       int
	Fixed          int
	Open           bool
	Cards          []card
	// Counted is how many of its findings are not shown.
	Counted int
	Changes []change
	// MoreChanges is how many hunks are left out.
	MoreChanges int
	Unverified  []string
	Applied     bool
}

// card is a finding: with its code, or as one line.
type card struct {
	Full         bool
	ID           string
	Rule, Level  string
	LevelWord    string
	Message      string
	Place, Raw   string
	Language     string
	Lang         string
	Code         []codeLine
	Notes        []string
	Related      []string
	Fix          string // safe, unsafe, display or none
	FixWord      string
	Summary, Why string
	Example      []diffLine
	Fixed        bool
}

// filter is a choice of the filter, by an attribute of the cards.
type filter struct {
	Name, Label string
	Choices     []choice
}

type choice struct {
	Value, Label string
	N            int
}

func findingsOf(run *result.Run, o report.Options) findings {
	var out findings
	full, line := share(run, o)
	changesLeft := maxChanges
	open := 0
	counts := [4]map[string]int{{}, {}, {}, {}}
	for i := range run.Files {
		f := &run.Files[i]
		if len(f.Findings)+len(f.Unverified)+len(f.Changes) == 0 {
			continue
		}
		out.Total += len(f.Findings)
		x := file{ID: fmt.Sprintf("f%d", i+1), Name: path.Base(f.Path), Path: f.Path, Owner: report.OwnerOf(f.Path), About: about(f), Unverified: f.Unverified, Applied: o.Applied}
		for j := range f.Findings {
			fd := &f.Findings[j]
			switch {
			case o.Applied && fd.Fixed:
				x.Fixed++
			case fd.Level == result.Error:
				x.Errors++
			case fd.Level == result.Warning:
				x.Warnings++
			}
			at := spot{i, j}
			if !full[at] && !line[at] || out.Files >= maxFiles {
				x.Counted++
				continue
			}
			c := cardOf(f, fd, full[at], o)
			c.ID = fmt.Sprintf("%s-%d", x.ID, j+1)
			if c.Full {
				out.Cards++
			} else {
				out.Rows++
			}
			for k, value := range []string{c.Rule, c.LevelWord, c.Fix, c.Lang} {
				counts[k][value]++
			}
			x.Cards = append(x.Cards, c)
		}
		if out.Files >= maxFiles {
			out.MoreFiles++
			out.MoreChanges += len(f.Changes)
			continue
		}
		for _, c := range f.Changes {
			if changesLeft == 0 {
				x.MoreChanges++
				out.MoreChanges++
				continue
			}
			changesLeft--
			x.Changes = append(x.Changes, sideBySide(c))
		}
		if open+len(x.Cards) <= openCards {
			x.Open, open = true, open+len(x.Cards)
		}
		out.Files++
		if name := folderOf(f.Path); len(out.Folders) == 0 || out.Folders[len(out.Folders)-1].Name != name {
			out.Folders = append(out.Folders, folder{Name: name})
		}
		last := &out.Folders[len(out.Folders)-1]
		last.Files = append(last.Files, x)
	}
	out.Filters = filtersOf(counts)
	return out
}

// spot is a finding by the place of its file and its own.
type spot struct{ file, finding int }

// share gives room on the page to the findings that need a person most: those
// that are left before those that are fixed, those without a safe fix before
// the others, errors before warnings and notes.
func share(run *result.Run, o report.Options) (full, line map[spot]bool) {
	type ranked struct {
		spot
		rank int
	}
	var all []ranked
	for i := range run.Files {
		for j := range run.Files[i].Findings {
			fd := &run.Files[i].Findings[j]
			rank := 0
			if !left(fd, o) {
				rank += 4
			}
			if fd.Fix != nil && fd.Fix.Applicability == result.Safe {
				rank += 2
			}
			if fd.Level != result.Error {
				rank++
			}
			all = append(all, ranked{spot{i, j}, rank})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].rank < all[j].rank })
	full, line = map[spot]bool{}, map[spot]bool{}
	for i, r := range all {
		switch {
		case i < maxCards:
			full[r.spot] = true
		case i < maxCards+maxRows:
			line[r.spot] = true
		}
	}
	return full, line
}

// about is what the file is, in words.
func about(f *result.File) string {
	kind := map[notebooks.Format]string{notebooks.Source: "Databricks notebook", notebooks.IPynb: "Jupyter notebook", notebooks.DBC: "notebook in an archive",
		notebooks.HTML: "HTML export", notebooks.Zeppelin: "Zeppelin note", notebooks.RMarkdown: "R Markdown"}[f.Format]
	if kind == "" {
		kind = "file"
	}
	if f.Language != "" && f.Language != notebooks.Text {
		kind = f.Language.Title() + " " + kind
	}
	if f.Cells > 0 {
		kind += ", " + report.Plural(f.Cells, "cell", "cells")
	}
	return strings.ToUpper(kind[:1]) + kind[1:]
}

var fixWords = map[string]string{"safe": "Safe fix", "unsafe": "Unsafe fix", "display": "By hand", "none": "No fix"}

func cardOf(f *result.File, fd *result.Finding, full bool, o report.Options) card {
	language := languageOf(f, &fd.Location)
	c := card{Full: full, Rule: fd.Rule, Level: string(fd.Level), LevelWord: string(fd.Level), Message: fd.Message, Place: place(&fd.Location),
		Raw: fmt.Sprintf("%d:%d", fd.Start.Line, fd.Start.Column), Language: languageTitle(language), Lang: string(language), Fix: "none"}
	if c.Lang == "" {
		c.Lang = "unknown"
	}
	if o.Applied && fd.Fixed {
		c.Fixed, c.LevelWord = true, "fixed"
	}
	if x := fd.Fix; x != nil {
		c.Fix, c.Summary, c.Why = string(x.Applicability), x.Summary, x.Reason
		if x.Applicability == result.Display && x.Summary == "" {
			c.Fix = "none"
		}
		if full {
			c.Example = examples(language, x.Example)
		}
	}
	if c.Fix == "none" && c.Summary == "" && c.Why == "" {
		c.Summary = "is known: a person has to change this"
	}
	c.FixWord = fixWords[c.Fix]
	if c.Fixed {
		c.FixWord = "Fixed"
	}
	if !full {
		return c
	}
	c.Code = excerpt(language, fd.Excerpt, fd.Context)
	c.Notes = fd.Notes
	for _, r := range fd.Related {
		in := r.In(f)
		where := place(&r.Location)
		if in != f {
			where = in.Path + ", " + where
		}
		c.Related = append(c.Related, where+": "+r.Message)
	}
	return c
}

// place is where in the notebook, or in the file.
func place(l *result.Location) string {
	if c := l.Cell; c != nil {
		return fmt.Sprintf("cell %d, line %d", c.Number, c.Start.Line)
	}
	return fmt.Sprintf("line %d", l.Start.Line)
}

func filtersOf(counts [4]map[string]int) []filter {
	out := []filter{{Name: "rule", Label: "Rule"}, {Name: "level", Label: "Level"}, {Name: "fix", Label: "Fix"}, {Name: "lang", Label: "Language"}}
	for k := range out {
		for value, n := range counts[k] {
			label := value
			switch out[k].Name {
			case "fix":
				label = fixWords[value]
			case "lang":
				label = languageTitle(notebooks.Language(value))
			}
			out[k].Choices = append(out[k].Choices, choice{value, label, n})
		}
		sort.Slice(out[k].Choices, func(i, j int) bool { return out[k].Choices[i].Value < out[k].Choices[j].Value })
	}
	return out
}

// ruleView is a rule that has findings, with the files that they are in.
type ruleView struct {
	ID, Title, Level string
	Help             []string
	N                int
	Files            []fileLink
	More             int
}

// InFiles is how many files have findings of the rule.
func (r ruleView) InFiles() int { return len(r.Files) + r.More }

type fileLink struct {
	ID, Path string
	N        int
}

const maxLinks = 50

func rulesOf(run *result.Run, o report.Options, shown *findings) []ruleView {
	ids := map[string]string{}
	for _, d := range shown.Folders {
		for _, f := range d.Files {
			ids[f.Path] = f.ID
		}
	}
	byRule := map[string]*ruleView{}
	for i := range run.Files {
		f := &run.Files[i]
		for j := range f.Findings {
			fd := &f.Findings[j]
			v := byRule[fd.Rule]
			if v == nil {
				v = &ruleView{ID: fd.Rule, Title: fd.Rule, Level: string(fd.Level)}
				byRule[fd.Rule] = v
			}
			if !left(fd, o) {
				continue
			}
			v.N++
			if n := len(v.Files); n > 0 && v.Files[n-1].Path == f.Path {
				v.Files[n-1].N++
				continue
			}
			v.Files = append(v.Files, fileLink{ids[f.Path], f.Path, 1})
		}
	}
	var out []ruleView
	add := func(id string) {
		v := byRule[id]
		if v == nil {
			return
		}
		delete(byRule, id)
		sort.SliceStable(v.Files, func(i, j int) bool { return v.Files[i].N > v.Files[j].N })
		if n := len(v.Files) - maxLinks; n > 0 {
			v.Files, v.More = v.Files[:maxLinks], n
		}
		out = append(out, *v)
	}
	for _, r := range o.Rules {
		if v := byRule[r.ID]; v != nil {
			v.Title, v.Level = r.Title, string(r.Level)
			v.Help = strings.Split(r.Help, "\n\n")
		}
		add(r.ID)
	}
	rest := []string{}
	for id := range byRule {
		rest = append(rest, id)
	}
	sort.Strings(rest)
	for _, id := range rest {
		add(id)
	}
	return out
}
