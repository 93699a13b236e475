package html

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
)

// chart is a bar chart with the table it is drawn from.
type chart struct {
	ID, Title, Column string
	Desc              string
	Bars              []bar
	Height            int
	// Rest is how many lines the table has beyond those of the chart.
	Rest int
}

// bar is a line: errors and warnings, one after the other. Widths are
// percentages, so that text keeps its size on a screen of any width.
type bar struct {
	Label, Full      string
	Link             string
	Errors, Warnings int
	ErrorWidth       string
	WarningX         string
	WarningWidth     string
	LabelY           int // of the box that cuts the label off
	TextY, BarY      int
}

// N is the bar's number of findings.
func (b bar) N() int { return b.Errors + b.Warnings }

const (
	maxBars   = 10
	barHeight = 36
	maxLabel  = 40 // characters of a label
)

// chartsOf counts the findings that are left by folder, owner, rule and
// language.
func chartsOf(run *result.Run, o report.Options) []chart {
	titles := map[string]string{}
	for _, r := range o.Rules {
		titles[r.ID] = r.Title
	}
	folders, owners, rules, languages := tally{}, tally{}, tally{}, tally{}
	for i := range run.Files {
		f := &run.Files[i]
		for j := range f.Findings {
			fd := &f.Findings[j]
			if !left(fd, o) {
				continue
			}
			folders.add(folderTitle(folderOf(f.Path)), fd.Level)
			owners.add(ownerName(f.Path), fd.Level)
			rules.add(fd.Rule, fd.Level)
			languages.add(languageTitle(languageOf(f, &fd.Location)), fd.Level)
		}
	}
	charts := []chart{
		rules.chart("rule", "By rule", "Rule"), folders.chart("folder", "By folder", "Folder"),
		owners.chart("owner", "By owner", "Owner"), languages.chart("language", "By language", "Language"),
	}
	for i, b := range charts[0].Bars {
		charts[0].Bars[i].Link = "#" + b.Full
		if t := titles[b.Full]; t != "" {
			charts[0].Bars[i].Label = begin(b.Full+" "+t, maxLabel+12)
		}
	}
	return charts
}

// folderOf is the folder of a file; a workspace path keeps its scheme.
func folderOf(name string) string {
	if i := strings.LastIndex(name, "/"); i > 0 {
		return strings.TrimSuffix(name[:i], "!")
	}
	return path.Dir(name)
}

// folderTitle is a folder in a chart; "." says nothing to a reader.
func folderTitle(name string) string {
	if name == "." {
		return "outside of a folder"
	}
	return name
}

func ownerName(name string) string {
	if owner := report.OwnerOf(name); owner != "" {
		return owner
	}
	return "no user's folder"
}

func languageTitle(l notebooks.Language) string {
	if l == "" {
		return "Unknown"
	}
	title := l.Title()
	return strings.ToUpper(title[:1]) + title[1:]
}

// tally counts errors and warnings by name.
type tally map[string]*[2]int

func (t tally) add(name string, level result.Level) {
	n := t[name]
	if n == nil {
		n = new([2]int)
		t[name] = n
	}
	if level == result.Error {
		n[0]++
	} else {
		n[1]++
	}
}

func (t tally) chart(id, title, column string) chart {
	c := chart{ID: id, Title: title, Column: column}
	most, sum := 0, 0
	for name, n := range t {
		b := bar{Label: shorten(name, maxLabel), Full: name, Errors: n[0], Warnings: n[1]}
		most, sum = max(most, b.N()), sum+b.N()
		c.Bars = append(c.Bars, b)
	}
	slices.SortFunc(c.Bars, func(a, b bar) int {
		if a.N() != b.N() {
			return b.N() - a.N()
		}
		return strings.Compare(a.Full, b.Full)
	})
	for i := range c.Bars {
		b := &c.Bars[i]
		e := 100 * float64(b.Errors) / float64(most)
		b.ErrorWidth, b.WarningX = percent(e), percent(e)
		b.WarningWidth = percent(100 * float64(b.Warnings) / float64(most))
		b.LabelY, b.TextY, b.BarY = i*barHeight, i*barHeight+14, i*barHeight+20
	}
	shown := min(len(c.Bars), maxBars)
	c.Height = shown * barHeight
	c.Rest = len(c.Bars) - shown
	if len(c.Bars) > 0 {
		c.Desc = fmt.Sprintf("%s in %s. Most: %s with %s.", report.Plural(sum, "finding", "findings"),
			report.Plural(len(c.Bars), strings.ToLower(column), many(strings.ToLower(column))), report.Clean(c.Bars[0].Full), report.Number(c.Bars[0].N()))
	}
	return c
}

func many(word string) string { return word + "s" }

// Drawn are the bars of the chart; the table has them all, up to its limit.
func (c chart) Drawn() []bar { return c.Bars[:min(len(c.Bars), maxBars)] }

const maxTable = 200 // lines of a table

// Listed are the lines of the table.
func (c chart) Listed() []bar { return c.Bars[:min(len(c.Bars), maxTable)] }

// Unlisted is how many lines the table leaves out.
func (c chart) Unlisted() int { return max(0, len(c.Bars)-maxTable) }

func percent(x float64) string { return fmt.Sprintf("%.2f%%", x) }

// begin is the start of a long text.
func begin(s string, n int) string {
	if r := []rune(report.Clean(s)); len(r) > n {
		return strings.TrimRight(string(r[:n-1]), " ,") + "…"
	}
	return report.Clean(s)
}

// shorten keeps the end of a long name: that of a path tells more than its
// start.
func shorten(s string, n int) string {
	r := []rune(report.Clean(s))
	if len(r) <= n {
		return string(r)
	}
	head := n / 3
	return string(r[:head]) + "…" + string(r[len(r)-(n-head-1):])
}
