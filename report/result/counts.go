package result

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
)

// Counts are the sums of a run.
type Counts struct {
	// Files, Cells and Bytes are what was read, files without anything to
	// report included.
	Files, Cells int
	Bytes        int64
	// Findings by rule, without the notes.
	Findings map[string]int
	Errors   int
	Warnings int
	Notes    int
	// Safe, Unsafe and Display are the findings' fixes by applicability;
	// NoFix is the findings without one.
	Safe, Unsafe, Display, NoFix int
	// Fixed is the number of findings that the run's fixes remove.
	Fixed int
	// Compliant is the number of requests that carry a session token.
	Compliant int
	// Occurrences by class.
	Occurrences map[Class]int
	Problems    int
}

// Total is the number of findings, without the notes.
func (c Counts) Total() int { return c.Errors + c.Warnings }

// Complete reports whether everything that was asked for could be read.
func (r *Run) Complete() bool { return len(r.Errors) == 0 && r.Counts.Problems == 0 }

// Tally orders the files and errors and counts what they hold. Files, Cells
// and Bytes are the reader's to count.
func (r *Run) Tally() {
	sort.SliceStable(r.Files, func(i, j int) bool { return r.Files[i].Path < r.Files[j].Path })
	sort.SliceStable(r.Errors, func(i, j int) bool { return r.Errors[i].Path < r.Errors[j].Path })
	sort.SliceStable(r.Skipped, func(i, j int) bool { return r.Skipped[i].Path < r.Skipped[j].Path })
	c := Counts{Files: r.Counts.Files, Cells: r.Counts.Cells, Bytes: r.Counts.Bytes,
		Findings: map[string]int{}, Occurrences: map[Class]int{}}
	for i := range r.Files {
		f := &r.Files[i]
		c.Compliant += f.Compliant
		c.Problems += len(f.Problems)
		for _, o := range f.Occurrences {
			c.Occurrences[o.Class]++
		}
		for j := range f.Findings {
			c.add(&f.Findings[j])
		}
	}
	r.Counts = c
}

func (c *Counts) add(f *Finding) {
	if f.Level == Note {
		c.Notes++
		return
	}
	c.Findings[f.Rule]++
	if f.Level == Error {
		c.Errors++
	} else {
		c.Warnings++
	}
	if f.Fixed {
		c.Fixed++
	}
	switch {
	case f.Fix == nil:
		c.NoFix++
	case f.Fix.Applicability == Safe:
		c.Safe++
	case f.Fix.Applicability == Unsafe:
		c.Unsafe++
	default:
		c.Display++
	}
}

// SetFingerprints gives each finding of the file its fingerprint: the path,
// the rule and the marked code without its white space, and which one it is
// among equals. Lines that move do not change it.
func (f *File) SetFingerprints() {
	seen := map[string]int{}
	for i := range f.Findings {
		fd := &f.Findings[i]
		var code strings.Builder
		for _, l := range fd.Excerpt {
			code.WriteString(strings.Join(strings.Fields(l.Text[l.Mark.Start:l.Mark.End]), ""))
		}
		key := f.Path + "\x00" + fd.Rule + "\x00" + code.String()
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
		seen[key]++
		fd.Fingerprint = hex.EncodeToString(sum[:16])
	}
}
