package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/imdsscan/imdsscan/analyzer/prefilter"
	"github.com/imdsscan/imdsscan/report/collect"
	"github.com/imdsscan/imdsscan/report/result"
)

// scanner analyses files, several at a time, while they are still being found.
// Its result does not depend on how many, nor on which file is done first.
type scanner struct {
	o        *options
	filter   *prefilter.Filter
	progress *progress
}

// scanned is a file and what came out of it.
type scanned struct {
	input
	// file is nil when the file holds nothing that could matter.
	file *result.File
	size int
	err  error
	done bool
}

// scan analyses the files that each gives out.
func (s *scanner) scan(ctx context.Context, each func(scan func(input)) found) (result.Run, []*scanned) {
	var all []*scanned
	next := make(chan *scanned, s.o.jobs)
	var wg sync.WaitGroup
	for range s.o.jobs {
		wg.Go(func() {
			for sc := range next {
				s.file(sc)
				s.progress.step()
			}
		})
	}
	f := each(func(in input) {
		sc := &scanned{input: in}
		all = append(all, sc)
		select {
		case next <- sc:
		case <-ctx.Done():
		}
	})
	close(next)
	wg.Wait()
	s.progress.done()
	return s.gather(all, f), all
}

func (s *scanner) gather(all []*scanned, f found) result.Run {
	run := result.Run{Tool: tool(), Errors: f.failed, Skipped: f.skipped}
	for _, sc := range all {
		switch {
		case !sc.done: // interrupted before its turn
		case sc.err != nil:
			run.Errors = append(run.Errors, fileError(sc.name, sc.err))
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

// file analyses one file. It gives up at the deadline: the parsers are bounded,
// so the abandoned work ends too, and a file must not hold up the rest.
func (s *scanner) file(sc *scanned) {
	sc.done = true
	var src []byte
	if src, sc.size, sc.err = sc.read(s.filter); src == nil {
		return
	}
	outcome := make(chan guarded, 1)
	go func() {
		outcome <- guard(func() (*result.File, error) { return collect.File(sc.name, src, s.o.collect()) })
	}()
	deadline := time.NewTimer(s.o.limit)
	defer deadline.Stop()
	select {
	case out := <-outcome:
		sc.file, sc.err = out.file, out.err
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
