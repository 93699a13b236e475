package main

import (
	"bytes"

	"github.com/imdsscan/imdsscan/analyzer/prefilter"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/notebooks/lists"
	"github.com/imdsscan/imdsscan/notebooks/runs"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report/collect"
)

// mayRun reports whether a file may run another one.
func mayRun(src []byte) bool {
	for _, w := range runs.Words {
		if bytes.Contains(src, []byte(w)) {
			return true
		}
	}
	return false
}

// tree is what is known of which files run which; nil when none does.
func (s *scanner) tree(all []*scanned) *runs.Tree {
	var files, runners []string
	inputs := map[string]*input{}
	for _, sc := range all {
		if sc.err != nil || !sc.done {
			continue
		}
		files = append(files, sc.name)
		inputs[sc.name] = &sc.input
		if sc.runs {
			runners = append(runners, sc.name)
		}
	}
	if len(runners) == 0 {
		return nil
	}
	return runs.New(s.roots(), files, runners, func(name string) (src []byte, kind string, err error) {
		src, err = inputs[name].whole()
		return src, inputs[name].kind(), err
	}, prefilter.New().Match)
}

// open decodes a file.
func (in *input) open() (*notebooks.Document, error) {
	src, err := in.whole()
	if err != nil {
		return nil, err
	}
	return format.OpenAs(in.name, in.kind(), src)
}

// sets are the lists of requirements that are installed together; nil when no
// file names one.
func (s *scanner) sets(all []*scanned) *lists.Sets {
	var files []string
	var naming []lists.File
	for _, sc := range all {
		if sc.err != nil || !sc.done || sc.isFolder() {
			continue
		}
		files = append(files, sc.name)
		if len(sc.names) > 0 {
			naming = append(naming, lists.File{Name: sc.name, List: sc.list, Includes: sc.names})
		}
	}
	if len(naming) == 0 {
		return nil
	}
	s.byName = map[string]*scanned{}
	for _, sc := range all {
		s.byName[sc.name] = sc
	}
	return lists.New(s.roots(), files, naming, s.text)
}

// text is the whole of a file of the scan.
func (s *scanner) text(name string) ([]byte, error) { return s.byName[name].whole() }

func (s *scanner) roots() (out []string) {
	for _, t := range s.o.targets {
		if !isRemote(t) {
			out = append(out, reported(t))
		}
	}
	return out
}

// setLists tells the analysis of a file what is installed together with it.
func (s *scanner) setLists(sc *scanned, o *collect.Options) {
	o.List = s.lists.Named(sc.name)
	beside, all := s.lists.Together(sc.name)
	o.Together = opened(beside, s.lists, s.text)
	if !all && o.ReadOnly == "" && (o.List || sc.list) {
		o.ReadOnly = "more files are installed together with it than are looked at"
	}
}

// opened are the files that are installed together with one.
func opened(names []string, sets *lists.Sets, read func(name string) ([]byte, error)) []*notebooks.Document {
	var out []*notebooks.Document
	for _, name := range names {
		b, err := read(name)
		if err != nil {
			continue // which is reported where it is read for itself
		}
		d := &notebooks.Document{Path: name, File: span.File(b)}
		if named := sets.Named(name); named || format.IsList(name, b) {
			if d, err = format.Open(name, b); err != nil {
				continue
			}
			format.AsList(d)
		}
		out = append(out, d)
	}
	return out
}

// together are the files to be looked at with others, in the order they were
// found.
func (s *scanner) together(all []*scanned) []*scanned {
	var running, installed map[string]bool
	if s.around != nil {
		running = s.around.Together()
	}
	if s.lists != nil {
		installed = s.lists.Files()
	}
	var out []*scanned
	for _, sc := range all {
		// One that matters for what it installs is still to be looked at.
		sc.together = running[sc.name] || sc.matters && (sc.runs || len(sc.names) > 0 || installed[sc.name])
		if sc.together || s.lists.Named(sc.name) {
			out = append(out, sc)
		}
	}
	return out
}
