package html

import (
	"github.com/imdsscan/imdsscan/report"
	"github.com/imdsscan/imdsscan/report/result"
)

// gaps are what the results say nothing about.
type gaps struct {
	Tables []gapTable
}

// gapTable is a list of places of one sort.
type gapTable struct {
	ID, Title, About string
	Rows             []gap
	N                int
	Class            string
}

// More is how many places are not listed.
func (t gapTable) More() int { return t.N - len(t.Rows) }

type gap struct {
	Path, Place, Why string
	Code             []codeLine
}

func (t *gapTable) add(g func() gap) {
	t.N++
	if len(t.Rows) < maxTable {
		t.Rows = append(t.Rows, g())
	}
}

func gapsOf(run *result.Run) gaps {
	unread := gapTable{ID: "unread", Title: "Not read", About: "Files, and parts of files, that could not be read, decoded or analysed.", Class: "unsure"}
	unexplained := gapTable{ID: "unexplained", Title: "Unexplained", About: "The endpoint is written here, and what the text does with it is not understood.", Class: "unsure"}
	dropped := gapTable{ID: "dropped", Title: "Fixes left out", About: "Fixes that looked right and did not stand the check of the changed file.", Class: "unsure"}
	skipped := gapTable{ID: "skipped", Title: "Left alone on purpose", About: "Links that lead elsewhere, devices, notebooks that are run and were not scanned."}
	for _, e := range run.Errors {
		unread.add(func() gap { return gap{Path: e.Path, Why: e.Reason} })
	}
	for i := range run.Files {
		f := &run.Files[i]
		for _, p := range f.Problems {
			unread.add(func() gap { return gap{Path: f.Path, Place: place(&p.Location), Why: p.Reason} })
		}
		for _, why := range f.Unverified {
			dropped.add(func() gap { return gap{Path: f.Path, Why: why} })
		}
		for _, oc := range f.Occurrences {
			if oc.Class == result.Unexplained {
				unexplained.add(func() gap {
					return gap{f.Path, place(&oc.Location), oc.Why, excerpt(languageOf(f, &oc.Location), oc.Excerpt, result.Context{})}
				})
			}
		}
	}
	for _, e := range run.Skipped {
		skipped.add(func() gap { return gap{Path: e.Path, Why: e.Reason} })
	}
	var out gaps
	for _, t := range []gapTable{unread, unexplained, dropped, skipped} {
		if t.N > 0 {
			out.Tables = append(out.Tables, t)
		}
	}
	return out
}

// Unread are the objects of the workspace that preflight could not read, up to
// the limit of a table.
func (v view) Unread() gapTable {
	t := gapTable{}
	if p := v.Evidence.Preflight; p != nil {
		for _, u := range p.Unread {
			t.add(func() gap { return gap{Path: u.Path, Why: u.Reason} })
		}
	}
	return t
}

// Compute are the clusters and pools that preflight saw, up to the limit.
func (v view) Compute() []result.Compute {
	list := v.Evidence.Preflight.Compute
	return list[:min(len(list), maxTable)]
}

// MoreCompute is how many are left out.
func (v view) MoreCompute() int { return max(0, len(v.Evidence.Preflight.Compute)-maxTable) }

// Given tells whether results of check were given.
func (v view) Given() bool { return v.Evidence.Has(report.KindCheck) }
