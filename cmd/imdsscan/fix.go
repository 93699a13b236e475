package main

import (
	"context"
	"io"

	"github.com/imdsscan/imdsscan/report/collect"
	"github.com/imdsscan/imdsscan/report/result"
)

// applyFixes writes the fixed files and reports what is left in them. Standard
// input, nil when it is no target, goes to standard output, fixed or as it
// came.
func applyFixes(ctx context.Context, s *scanner, run *result.Run, files []*scanned, stdin *input, stdout io.Writer) {
	byName := map[string]*scanned{}
	for _, sc := range files {
		byName[sc.name] = sc
	}
	var written []*result.File
	var archives []*archiveFix
	for i := range run.Files {
		f := &run.Files[i]
		switch in := byName[f.Path]; {
		case f.Fixed == nil:
		case in.in != nil:
			archives = addFix(archives, &in.input, f)
		case in.path == "":
			stdin.data = f.Fixed
			written = append(written, f)
		default:
			err := ctx.Err()
			if err == nil {
				err = replaceFile(in.root, in.path, f.Source, f.Fixed)
			}
			if err != nil {
				run.Errors = append(run.Errors, fileError(f.Path, err))
				unfix(f)
				continue
			}
			written = append(written, f)
		}
	}
	for _, a := range archives {
		err := ctx.Err()
		if err == nil {
			err = a.write(run, stdin)
		}
		if err == nil {
			written = append(written, a.files...)
			continue
		}
		run.Errors = append(run.Errors, fileError(a.c.name, err))
		for _, f := range a.files {
			unfix(f)
		}
	}
	if len(written) > 0 && s.around != nil {
		s.around = s.tree(files) // as they are now
	}
	for _, f := range written {
		s.rest(&byName[f.Path].input, f)
	}
	if stdin != nil {
		if _, err := stdout.Write(stdin.data); err != nil {
			run.Errors = append(run.Errors, fileError(stdin.name, err))
		}
	}
}

// unfix takes back the promise of fixes that were not written.
func unfix(f *result.File) {
	f.Fixed, f.Changes = nil, nil
	for i := range f.Findings {
		f.Findings[i].Fixed = false
	}
}

// rest replaces what was found in the old bytes by what is found in the new
// ones, so that the report gives places in the file as it is now. Findings
// that are fixed stay, with the place they had.
func (s *scanner) rest(in *input, f *result.File) {
	o := s.collect(in)
	again := guard(func() (*result.File, error) { return collect.File(f.Path, f.Fixed, o) })
	if again.err != nil {
		f.Unverified = append(f.Unverified, "the fixed file cannot be read again: "+again.err.Error())
		return
	}
	after := again.file
	found := []result.Finding{}
	for _, fd := range f.Findings {
		if fd.Fixed {
			found = append(found, fd)
		}
	}
	for _, fd := range after.Findings {
		fd.Fixed = false
		found = append(found, fd)
	}
	after.Findings, after.Unverified = found, f.Unverified
	after.Fixed, after.Source, after.Changes = f.Fixed, f.Fixed, f.Changes
	*f = *after
}
