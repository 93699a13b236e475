package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/report/result"
	"github.com/sergi/go-diff/diffmatchpatch"
)

// diffContext is the number of unchanged lines around a change.
const diffContext = 3

// maxDiffLines bounds the lines that are compared one by one; the line mode of
// go-diff cannot number more. Larger changes are shown as one replacement.
const maxDiffLines = 1_000_000

// Diff writes the run's fixes as one unified diff that git apply takes. The
// changes of files in archives are there to be read: a diff of each cell that
// changes, of a name that git does not find.
func Diff(w io.Writer, run *result.Run) error {
	bw := bufio.NewWriter(w)
	for i := range run.Files {
		f := &run.Files[i]
		switch {
		case f.Fixed == nil:
		case !cellByCell(f) || len(f.Changes) == 0:
			UnifiedDiff(bw, f.OnDisk(), string(f.Source), string(f.Fixed))
		default:
			cellDiffs(bw, f)
		}
	}
	return bw.Flush()
}

// cellByCell reports whether the bytes of a file are none that anybody patches:
// those of a member of an archive, and of a Jupyter notebook in a workspace.
func cellByCell(f *result.File) bool {
	return f.Archive != "" || f.Remote() && f.Format == notebooks.IPynb
}

// cellDiffs writes a diff for each cell that changes.
func cellDiffs(w io.Writer, f *result.File) {
	for i, c := range f.Changes {
		if i == 0 || f.Changes[i-1].Cell != c.Cell {
			name := f.Path
			if c.Cell > 0 {
				name += fmt.Sprintf(" [cell %d]", c.Cell)
			}
			diffHeader(w, name)
		}
		hunk{aStart: c.BeforeLine - 1, bStart: c.AfterLine - 1, changes: LineChanges(ended(c.Before), ended(c.After))}.write(w)
	}
}

// Hunks are the changes of a cell, or of a file without cells (0).
func Hunks(cell int, language notebooks.Language, before, after string) []result.Change {
	if before == after {
		return nil
	}
	if cell > 0 {
		before, after = ended(before), ended(after)
	}
	var out []result.Change
	for _, h := range hunks(LineChanges(before, after)) {
		c := result.Change{Cell: cell, Language: language, BeforeLine: h.aStart + 1, AfterLine: h.bStart + 1}
		var a, b strings.Builder
		for _, l := range h.changes {
			if l.Op != '+' {
				a.WriteString(l.Line)
			}
			if l.Op != '-' {
				b.WriteString(l.Line)
			}
		}
		c.Before, c.After = a.String(), b.String()
		out = append(out, c)
	}
	return out
}

// ended is a cell's text with a line end, which cells seldom have.
func ended(s string) string {
	if s == "" || strings.HasSuffix(s, "\n") {
		return s
	}
	return s + "\n"
}

// UnifiedDiff writes the change of one file, nothing when there is none.
func UnifiedDiff(w io.Writer, path, before, after string) {
	if before == after {
		return
	}
	diffHeader(w, path)
	for _, h := range hunks(LineChanges(before, after)) {
		h.write(w)
	}
}

func diffHeader(w io.Writer, path string) {
	path = strings.TrimLeft(path, "/")
	a, b := gitQuote("a/"+path), gitQuote("b/"+path)
	fmt.Fprintf(w, "diff --git %s %s\n", a, b)
	// An empty file has no lines to name; git wants no header line changed.
	fmt.Fprintf(w, "--- %s\n+++ %s\n", endName(a), endName(b))
}

// endName adds the tab with which git ends a name that holds a space.
func endName(name string) string {
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}

// gitQuote writes a name as git does with core.quotePath off: names with
// quotes, backslashes, control characters or invalid UTF-8 become C strings.
func gitQuote(name string) string {
	plain := strings.ToValidUTF8(name, "\x00") == name &&
		strings.IndexFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '"' || r == '\\' }) < 0
	if plain {
		return name
	}
	short := map[byte]string{'\a': `\a`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\v': `\v`, '\f': `\f`, '\r': `\r`,
		'"': `\"`, '\\': `\\`}
	var sb strings.Builder
	sb.WriteByte('"')
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case short[c] != "":
			sb.WriteString(short[c])
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&sb, `\%03o`, c)
		default:
			sb.WriteByte(c)
		}
	}
	sb.WriteByte('"')
	return sb.String()
}

// LineChange is a line that stays (' '), goes ('-') or comes ('+').
type LineChange struct {
	Op   byte
	Line string
}

// LineChanges compares the texts line by line. Lines keep their ends, so that
// a last line without one differs from the same line with one.
func LineChanges(before, after string) []LineChange {
	a, b := splitLines(before), splitLines(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	out := make([]LineChange, 0, len(a)+len(b)-head-tail)
	out = appendLines(out, ' ', a[:head])
	out = appendMiddle(out, a[head:len(a)-tail], b[head:len(b)-tail])
	return appendLines(out, ' ', a[len(a)-tail:])
}

func appendMiddle(out []LineChange, a, b []string) []LineChange {
	if len(a)+len(b) > maxDiffLines {
		return appendLines(appendLines(out, '-', a), '+', b)
	}
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // a deadline would make the diff depend on the machine's load
	ra, rb, lines := dmp.DiffLinesToRunes(strings.Join(a, ""), strings.Join(b, ""))
	ops := map[diffmatchpatch.Operation]byte{
		diffmatchpatch.DiffEqual: ' ', diffmatchpatch.DiffDelete: '-', diffmatchpatch.DiffInsert: '+'}
	for _, d := range dmp.DiffCharsToLines(dmp.DiffMainRunes(ra, rb, false), lines) {
		out = appendLines(out, ops[d.Type], splitLines(d.Text))
	}
	return out
}

func appendLines(out []LineChange, op byte, lines []string) []LineChange {
	for _, l := range lines {
		out = append(out, LineChange{op, l})
	}
	return out
}

func splitLines(s string) []string {
	lines := strings.SplitAfter(s, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// Changes are the lines that go and those that come, marked with - and +,
// without the lines around them.
func Changes(before, after string) string {
	var sb strings.Builder
	for _, c := range (hunk{changes: LineChanges(before, after)}).ordered() {
		if c.Op != ' ' {
			fmt.Fprintf(&sb, "%c %s\n", c.Op, strings.TrimRight(c.Line, "\r\n"))
		}
	}
	return sb.String()
}

// hunk is a run of changes with the lines around them; the starts count lines
// from 0.
type hunk struct {
	aStart, bStart int
	changes        []LineChange
}

func hunks(cs []LineChange) []hunk {
	var out []hunk
	a, b := 0, 0 // lines before cs[i]
	for i := 0; i < len(cs); {
		if cs[i].Op == ' ' {
			a, b, i = a+1, b+1, i+1
			continue
		}
		from := max(0, i-diffContext)
		h := hunk{aStart: a - (i - from), bStart: b - (i - from)}
		end := hunkEnd(cs, i)
		h.changes = cs[from:end]
		for ; i < end; i++ {
			if cs[i].Op != '+' {
				a++
			}
			if cs[i].Op != '-' {
				b++
			}
		}
		out = append(out, h)
	}
	return out
}

// hunkEnd is where the hunk ends whose first change is at i: changes that
// stand no further apart than their context share a hunk.
func hunkEnd(cs []LineChange, i int) int {
	end := i
	for j := i; j < len(cs) && j <= end+2*diffContext; j++ {
		if cs[j].Op != ' ' {
			end = j + 1
		}
	}
	return min(len(cs), end+diffContext)
}

func (h hunk) write(w io.Writer) {
	var an, bn int
	for _, c := range h.changes {
		if c.Op != '+' {
			an++
		}
		if c.Op != '-' {
			bn++
		}
	}
	fmt.Fprintf(w, "@@ -%s +%s @@\n", hunkRange(h.aStart, an), hunkRange(h.bStart, bn))
	for _, c := range h.ordered() {
		fmt.Fprintf(w, "%c%s", c.Op, c.Line)
		if !strings.HasSuffix(c.Line, "\n") {
			fmt.Fprint(w, "\n\\ No newline at end of file\n")
		}
	}
}

// ordered puts the lines that go before those that come in each run of
// changes, as diff does.
func (h hunk) ordered() []LineChange {
	out := make([]LineChange, 0, len(h.changes))
	for i := 0; i < len(h.changes); {
		if h.changes[i].Op == ' ' {
			out = append(out, h.changes[i])
			i++
			continue
		}
		j := i
		for j < len(h.changes) && h.changes[j].Op != ' ' {
			j++
		}
		for _, op := range []byte{'-', '+'} {
			for _, c := range h.changes[i:j] {
				if c.Op == op {
					out = append(out, c)
				}
			}
		}
		i = j
	}
	return out
}

func hunkRange(start, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", start)
	case 1:
		return fmt.Sprint(start + 1)
	default:
		return fmt.Sprintf("%d,%d", start+1, n)
	}
}
