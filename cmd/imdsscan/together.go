package main

import (
	"bytes"

	"github.com/imdsscan/imdsscan/analyzer/prefilter"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/notebooks/runs"
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
	var roots []string
	for _, t := range s.o.targets {
		if !isRemote(t) {
			roots = append(roots, reported(t))
		}
	}
	return runs.New(roots, files, runners, func(name string) (src []byte, kind string, err error) {
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

// together are the files to be looked at with others, in the order they were
// found.
func (s *scanner) together(all []*scanned) []*scanned {
	chosen := s.around.Together()
	var out []*scanned
	for _, sc := range all {
		// One that matters for what it installs is still to be looked at.
		if chosen[sc.name] || sc.matters && sc.runs {
			out = append(out, sc)
		}
	}
	return out
}
