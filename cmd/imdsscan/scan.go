package main

import (
	"context"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/imdsscan/imdsscan/analyzer/pins"
	"github.com/imdsscan/imdsscan/analyzer/prefilter"
	"github.com/imdsscan/imdsscan/notebooks/format"
	"github.com/imdsscan/imdsscan/notebooks/lists"
	"github.com/imdsscan/imdsscan/notebooks/runs"
	"github.com/imdsscan/imdsscan/report/collect"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/imdsscan/imdsscan/rules"
)

// scanner analyses files, several at a time, while they are still being found.
// Its result does not depend on how many, nor on which file is done first.
type scanner struct {
	o *options
	// filter finds the files that matter by themselves, wide also those that
	// run others.
	filter, wide *prefilter.Filter
	// named finds the manifests that matter: any mention of a package may have
	// its version somewhere else.
	named    *prefilter.Filter
	progress *progress
	// around are the files of the scan once they are all known; nil when none
	// runs another.
	around *runs.Tree
	// folders are the targets that are folders.
	folders map[string]fs.FS
	// more finds what files run and is not among them, nil where nothing but the
	// files may be looked at.
	more func(ctx context.Context, s *scanner, all []*scanned) []*scanned
	// lists are the lists of requirements of the scan, once they are all known;
	// nil when no file names another.
	lists  *lists.Sets
	byName map[string]*scanned
}

func newScanner(o *options, p *progress) *scanner {
	packages := rules.AllFloors().Words()
	return &scanner{o: o, folders: openFolders(o.targets), filter: prefilter.WithPackages(packages, pins.ClusterWords...), wide: prefilter.WithPackages(packages, slices.Concat(pins.ClusterWords, runs.Words, lists.Words)...), named: prefilter.New(slices.Concat(packages, pins.ClusterWords, lists.Words)...), progress: p}
}

// scanned is a file and what came out of it.
type scanned struct {
	input
	// file is nil when the file holds nothing that could matter.
	file *result.File
	size int
	err  error
	done bool
	// matters: the file holds something that makes it worth an analysis. runs:
	// it may run other files, so that its turn comes when all are known.
	matters, runs bool
	// together: it is to be looked at with others, even if it does not matter
	// by itself.
	together bool
	// names are the lists of requirements that it installs: its turn comes
	// when all are known. list: it is one itself.
	names []lists.Include
	list  bool
}

// scan analyses the files that each gives out.
func (s *scanner) scan(ctx context.Context, each func(scan func(input)) found) (result.Run, []*scanned) {
	var all []*scanned
	var f found
	s.progress.start()
	s.concurrently(ctx, func(sc *scanned) { s.file(sc); s.progress.analysed.Add(1) }, func(give func(*scanned)) {
		f = each(func(in input) {
			sc := &scanned{input: in}
			all = append(all, sc)
			give(sc)
		})
	})
	known := all
	if s.more != nil {
		known = append(known[:len(known):len(known)], s.more(ctx, s, all)...)
	}
	s.around, s.lists = s.tree(known), s.sets(known)
	if s.around != nil || s.lists != nil {
		s.concurrently(ctx, s.again, func(give func(*scanned)) {
			for _, sc := range s.together(all) {
				give(sc)
			}
		})
	}
	s.progress.done()
	run := s.gather(all, f)
	if s.around != nil {
		for _, m := range s.around.Missing() {
			run.Skipped = append(run.Skipped, result.FileError{Path: m.Path, Reason: "%run " + m.Name + ": no such notebook in what is scanned, or more than one; what it sets is not known"})
		}
	}
	if s.lists != nil {
		for _, m := range s.lists.Missing() {
			run.Skipped = append(run.Skipped, result.FileError{Path: m.Path, Reason: m.Name + ": no such list of requirements in what is scanned; what it pins is not known"})
		}
		for _, m := range s.lists.Circles() {
			run.Skipped = append(run.Skipped, result.FileError{Path: m.Path, Reason: m.Name + " includes this list in turn: pip does not install either"})
		}
	}
	return run, all
}

// concurrently does work for what each gives, as many at a time as -j says.
func (s *scanner) concurrently(ctx context.Context, work func(*scanned), each func(give func(*scanned))) {
	next := make(chan *scanned, s.o.jobs)
	var wg sync.WaitGroup
	for range s.o.jobs {
		wg.Go(func() {
			for sc := range next {
				work(sc)
			}
		})
	}
	each(func(sc *scanned) {
		select {
		case next <- sc:
		case <-ctx.Done():
		}
	})
	close(next)
	wg.Wait()
}

func (s *scanner) gather(all []*scanned, f found) result.Run {
	run := result.Run{Tool: tool(), Errors: f.failed, Skipped: f.skipped}
	run.Counts.Files, run.Counts.Bytes = f.files, f.bytes
	for _, sc := range all {
		switch {
		case !sc.done: // interrupted before its turn
		case sc.err != nil:
			run.Errors = append(run.Errors, sc.failed(sc.err))
		default:
			run.Counts.Files++
			run.Counts.Bytes += int64(sc.size)
			if sc.file != nil {
				run.Counts.Cells += sc.file.Cells
				if hasContent(sc.file) {
					run.Files = append(run.Files, *sc.file)
				}
			}
		}
	}
	return run
}

func hasContent(f *result.File) bool {
	return len(f.Findings)+len(f.Occurrences)+len(f.Problems)+len(f.Unverified)+f.Compliant > 0
}

// file reads one file and analyses it, if it matters and stands alone.
func (s *scanner) file(sc *scanned) {
	sc.done = true
	var src []byte
	wide := s.wide
	manifest := format.IsManifest(sc.kind())
	if manifest {
		wide = s.named
	}
	if src, sc.size, sc.err = sc.read(wide); src == nil {
		if sc.err == nil && format.IsList(sc.kind(), nil) {
			if src, err := sc.whole(); err == nil { // it may name another list
				sc.list, sc.names = true, lists.Of(sc.name, src, true)
			}
		}
		return
	}
	if sc.isFolder() {
		if src = sc.withoutCopies(src, s.filter); s.filter.Match(src) {
			s.analyse(sc, src)
		}
		return
	}
	alone := sc.path == "" && sc.in == nil // standard input
	sc.matters = alone || manifest || s.filter.Match(src)
	sc.runs = !alone && mayRun(src)
	sc.list = format.IsList(sc.kind(), src)
	if sc.names = lists.Of(sc.name, src, sc.list); alone {
		sc.names = nil
	}
	if sc.matters && !sc.runs && len(sc.names) == 0 {
		s.analyse(sc, src)
	}
}

// again analyses a file together with those that it runs or that run it.
func (s *scanner) again(sc *scanned) {
	src, err := sc.whole()
	switch {
	case err != nil:
		sc.file, sc.err = nil, err
	case sc.together || s.named.Match(src): // the last in a list that others name
		s.analyse(sc, src)
	}
}

// analyse analyses the bytes of a file. It gives up at the deadline: the
// parsers are bounded, so the abandoned work ends too, and a file must not hold
// up the rest.
func (s *scanner) analyse(sc *scanned, src []byte) {
	o := s.collect(&sc.input)
	s.setLists(sc, &o)
	outcome := make(chan guarded, 1)
	go func() {
		outcome <- guard(func() (*result.File, error) { return collect.File(sc.name, src, o) })
	}()
	deadline := time.NewTimer(s.o.limit)
	defer deadline.Stop()
	select {
	case out := <-outcome:
		sc.file, sc.err = out.file, out.err
		if sc.file != nil {
			s.progress.findings.Add(int64(len(sc.file.Findings)))
		}
	case <-deadline.C:
		sc.err = fmt.Errorf("gave up after %v (--file-timeout)", s.o.limit)
	}
}

type guarded struct {
	file *result.File
	err  error
}

// guard turns a panic into an error of the file: a bug in one parser must not
// hide what is in the other files.
func guard(analyse func() (*result.File, error)) (out guarded) {
	defer func() {
		if r := recover(); r != nil {
			out = guarded{err: fmt.Errorf("a bug in imdsscan stopped the analysis: %v at %s", r, panicSite(debug.Stack()))}
		}
	}()
	f, err := analyse()
	return guarded{f, err}
}
