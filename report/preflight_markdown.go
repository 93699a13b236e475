package report

import (
	"bufio"
	"fmt"
	"io"

	"github.com/imdsscan/imdsscan/report/result"
)

// PreflightMarkdown prints a preflight as lists of things to tick off, for a
// ticket.
func PreflightMarkdown(w io.Writer, p *result.Preflight, _ Options) error {
	bw := bufio.NewWriter(w)
	t := preflightWriter{newTextWriter(io.Discard, nil, Options{}), p}
	fmt.Fprintf(bw, "## IMDSv2 preflight of %s\n\n%s, as %s. Enforcement is %s.\n\n%s\n", codeSpan(Clean(p.Workspace)),
		p.Started.UTC().Format("2006-01-02 15:04 UTC"), codeSpan(Clean(p.User)), settingWords(p), markdownText(t.sum()))
	level := ""
	for _, g := range groupsOf(p) {
		if g.level != level {
			level = g.level
			fmt.Fprintf(bw, "\n### %s\n", t.levelTitle(level))
		}
		fmt.Fprintf(bw, "\n#### %s\n\n", markdownText(g.heading()))
		if all := g.atOnce(); all != "" {
			fmt.Fprintf(bw, "%s\n\n", codeSpan(all))
		}
		for i := range g.items[:min(len(g.items), markdownFindings)] {
			markdownObstacle(bw, &g.items[i])
		}
		if n := len(g.items) - markdownFindings; n > 0 {
			fmt.Fprintf(bw, "\n%s more.\n", Number(n))
		}
	}
	for i, u := range p.Unread {
		switch {
		case i == 0:
			fmt.Fprint(bw, "\n### Not read\n\n")
		case i == markdownFindings:
			fmt.Fprintf(bw, "- %s more\n", Number(len(p.Unread)-i))
		}
		if i < markdownFindings {
			fmt.Fprintf(bw, "- %s: %s\n", codeSpan(Clean(u.Path)), markdownText(u.Reason))
		}
	}
	return bw.Flush()
}

func markdownObstacle(w io.Writer, x *result.Obstacle) {
	box := "- [ ] "
	if x.Level == result.NoteToRead {
		box = "- "
	}
	owner := ""
	if x.Owner != "" {
		owner = ", of " + codeSpan(Clean(x.Owner))
	}
	fmt.Fprintf(w, "%s**%s**%s: %s\n", box, markdownText(x.Name()), owner, markdownText(x.Why))
	if x.Remedy != "" {
		fmt.Fprintf(w, "  - %s\n", codeSpan(Clean(x.Remedy)))
	}
}
