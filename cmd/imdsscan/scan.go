package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/imdsscan/imdsscan/report/collect"
	"github.com/imdsscan/imdsscan/report/result"
)

// scanner analyses files, several at a time. Its result does not depend on how
// many, nor on which file is done first.
type scanner struct {
	o        *options
	progress *progress
}

// scanned is the outcome for one file.
type scanned struct {
	file *result.File
	size int
	err  error
}

func (s *scanner) scan(ctx context.Context, files []input) result.Run {
	outcomes := make([]*scanned, len(files))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(s.o.jobs, len(files)) {
		wg.Go(func() {
			for i := range next {
				outcomes[i] = s.file(&files[i])
				s.progress.step()
			}
		})
	}
feed:
	for i := range files {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	s.progress.done()

	run := result.Run{Tool: tool()}
	for i, out := range outcomes {
		switch {
		case out == nil: // interrupted before its turn
		case out.err != nil:
			run.Errors = append(run.Errors, fileError(files[i].name, out.err))
		default:
			run.Counts.Files++
			run.Counts.Cells += out.file.Cells
			run.Counts.Bytes += int64(out.size)
			if hasContent(out.file) {
				run.Files = append(run.Files, *out.file)
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
func (s *scanner) file(in *input) *scanned {
	src, err := in.read()
	if err != nil {
		return &scanned{err: err}
	}
	done := make(chan *scanned, 1)
	go func() {
		done <- guard(func() (*result.File, error) { return collect.File(in.name, src, s.o.collect()) })
	}()
	deadline := time.NewTimer(s.o.limit)
	defer deadline.Stop()
	select {
	case out := <-done:
		out.size = len(src)
		return out
	case <-deadline.C:
		return &scanned{err: fmt.Errorf("gave up after %v (--file-timeout)", s.o.limit)}
	}
}

// guard turns a panic into an error of the file: a bug in one parser must not
// hide what is in the other files.
func guard(analyse func() (*result.File, error)) (out *scanned) {
	defer func() {
		if r := recover(); r != nil {
			out = &scanned{err: fmt.Errorf("a bug in imdsscan stopped the analysis: %v at %s", r, panicSite(debug.Stack()))}
		}
	}()
	f, err := analyse()
	return &scanned{file: f, err: err}
}
