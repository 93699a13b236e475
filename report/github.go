package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/imdsscan/imdsscan/report/result"
)

// GitHub prints workflow commands that GitHub Actions turns into annotations.
// Everything from files goes through the escapes: a notebook line that looks
// like a workflow command must not become one.
func GitHub(w io.Writer, run *result.Run, o Options) error {
	bw := bufio.NewWriter(w)
	for i := range run.Files {
		f := &run.Files[i]
		for j := range f.Findings {
			if fd := &f.Findings[j]; !(o.Applied && fd.Fixed) {
				annotate(bw, githubLevel(fd.Level), f, fd.Location, fd.Rule, annotation(fd))
			}
		}
		for _, oc := range f.Occurrences {
			if oc.Class == result.Unexplained {
				annotate(bw, "notice", f, oc.Location, "unexplained endpoint", placed(oc.Location, "the metadata endpoint is written here and its use is not understood"))
			}
		}
		for _, p := range f.Problems {
			annotate(bw, "error", f, p.Location, "not read", placed(p.Location, p.Reason))
		}
	}
	for _, e := range run.Errors {
		name, text := e.Path, e.Reason
		if e.Archive != "" {
			name, text = e.Archive, e.Path+": "+text
		}
		fmt.Fprintf(bw, "::error file=%s,title=%s::%s\n", property(name), property("not read"), data(text))
	}
	return bw.Flush()
}

func githubLevel(l result.Level) string {
	if l == result.Note {
		return "notice"
	}
	return string(l)
}

func annotation(fd *result.Finding) string {
	text := fd.Message
	if len(fd.Notes) > 0 {
		text += "\n" + strings.Join(fd.Notes, "\n")
	}
	if x := fd.Fix; x != nil {
		text += fmt.Sprintf("\n%s fix: %s", x.Applicability, x.Summary)
	}
	return placed(fd.Location, text)
}

// placed adds the place in the notebook, which the annotation's line does not
// tell.
func placed(l result.Location, text string) string {
	if l.Cell == nil {
		return text
	}
	return fmt.Sprintf("%s\ncell %d, line %d", text, l.Cell.Number, l.Cell.Start.Line)
}

// annotate prints one annotation. A file in an archive has no lines that GitHub
// could show: the archive is annotated, and the text says which file.
func annotate(w io.Writer, level string, f *result.File, l result.Location, title, text string) {
	place := fmt.Sprintf("file=%s,line=%d,endLine=%d", property(f.OnDisk()), l.Start.Line, l.End.Line)
	if f.Archive != "" {
		place = "file=" + property(f.OnDisk())
		text += "\nin " + f.Path
	} else if l.Start.Line == l.End.Line {
		place += fmt.Sprintf(",col=%d,endColumn=%d", l.Start.Column, l.End.Column)
	}
	fmt.Fprintf(w, "::%s %s,title=%s::%s\n", level, place, property(title), data(text))
}

var dataEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
var propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")

func data(s string) string     { return dataEscapes.Replace(s) }
func property(s string) string { return propertyEscapes.Replace(s) }
