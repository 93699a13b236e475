package analyzer

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"sort"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/script"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// encoded is a text in base64 that names the endpoint: user data of an
// instance, a script that is decoded where it runs.
type encoded struct {
	cell *notebooks.Cell
	text *span.Text
}

// Encoded is the Via of code in base64, which nobody can read in the excerpt.
const Encoded = "base64"

const (
	// shortestEncoded is what an address in base64 takes at least.
	shortestEncoded = 24
	// shortestLine is the shortest line that may go on on the next one.
	shortestLine = 40
	// longestEncoded bounds what is decoded; user data ends at 16 KB.
	longestEncoded = 4 << 20
)

// encodedIn are the texts in base64 in the cells of a document.
func encodedIn(doc *notebooks.Document) []encoded {
	var out []encoded
	var plain []byte
	for _, c := range doc.InFile() {
		b := c.Text.Bytes()
		for at := 0; at < len(b); {
			rng, layer, next := base64At(b, at)
			at = next
			if rng.Len() < shortestEncoded || rng.Len() > longestEncoded {
				continue
			}
			var ok bool // locks are full of hashes: a look at the text alone is cheap
			if plain, ok = plainBase64(layer, plain, b[rng.Start:rng.End]); ok && len(imds.Find(plain)) == 0 {
				continue
			}
			text, err := c.Text.Decode(rng, layer)
			if err == nil && len(imds.Find(text.Bytes())) > 0 {
				out = append(out, encoded{c, text})
			}
		}
	}
	return out
}

// plainBase64 decodes a run of letters that nothing breaks, into dst; ok is
// false for any other text, about which it says nothing.
func plainBase64(l codec.Base64, dst, run []byte) (text []byte, ok bool) {
	encoding := base64.RawStdEncoding
	if l.URL {
		encoding = base64.RawURLEncoding
	}
	run = bytes.TrimRight(run, "=")
	if n := encoding.DecodedLen(len(run)); cap(dst) < n {
		dst = make([]byte, n)
	}
	n, err := encoding.Decode(dst[:cap(dst)], run)
	return dst[:max(0, n)], err == nil && bytes.IndexByte(run, '\n') < 0 && bytes.IndexByte(run, '\r') < 0
}

// base64At is the run of base64 at or after at, and where to look on.
func base64At(b []byte, at int) (rng span.Span, l codec.Base64, next int) {
	std, url := codec.Base64{}, codec.Base64{URL: true}
	for at < len(b) && !std.Is(b[at]) && !url.Is(b[at]) {
		at++
	}
	line := func(from int, l codec.Base64) int {
		to := from
		for to < len(b) && l.Is(b[to]) {
			to++
		}
		return to
	}
	l = std
	end := line(at, std)
	if other := line(at, url); other > end {
		l, end = url, other
	}
	// Lines of one length go on, up to a shorter one.
	for width, last := end-at, false; width >= shortestLine && !last; {
		n := codec.Base64Break(b[end:])
		to := line(end+n, l)
		if n == 0 || to == end+n || to-end-n > width {
			break
		}
		last = to-end-n < width
		end = to
	}
	next = max(end, at+1)
	for pads := 0; pads < 2 && end < len(b) && b[end] == '='; pads++ {
		end++
	}
	return span.Span{Start: at, End: end}, l, next
}

// unit is the text as code; ok is false where it is not seen to be a script.
func (e encoded) unit(doc *notebooks.Document) (u *facts.Unit, ok bool) {
	around := &facts.Unit{Language: e.cell.Language, Text: e.cell.Text, Cell: e.cell, Doc: doc}
	u = &facts.Unit{Text: e.text, Cell: e.cell, Doc: doc, Parent: around, Via: Encoded, Written: true, DisplayOnly: "the code stands in base64"}
	u.Language = scriptLanguage(string(e.text.Bytes()))
	return u, u.Language != ""
}

var (
	pythonStart = regexp.MustCompile(`(?m)^(?:import|from) \w`)
	shellCall   = regexp.MustCompile("(?m)(?:^|[;&|(`]|\\$\\()[ \t]*(?:\\w+=\\S* +|sudo +)*(?:curl|wget) ")
)

// scriptLanguage is the language of a script, by its first line or, without
// one that tells, by what it calls.
func scriptLanguage(text string) notebooks.Language {
	if l := script.OfText(text); l != "" {
		return l
	}
	start := strings.TrimSpace(text)
	switch {
	case start == "" || strings.IndexByte("{[<#", start[0]) >= 0 && !strings.HasPrefix(start, "# "):
		return ""
	case pythonStart.MatchString(text):
		return notebooks.Python
	case shellCall.MatchString(text):
		return notebooks.Shell
	}
	return ""
}

// encodedUnits adds the scripts among the encoded texts to the facts, except
// what stands in comments.
func encodedUnits(doc *notebooks.Document, all *facts.Facts) {
	var comments []span.Span
	for _, m := range all.Mentions {
		if m.Why == "comment" && m.Unit.Doc == doc {
			comments = append(comments, m.Unit.Text.Raw(m.Span))
		}
	}
	sort.Slice(comments, func(i, j int) bool { return comments[i].Start < comments[j].Start })
	for _, e := range encodedIn(doc) {
		raw := e.text.Raw(e.text.All())
		if i := sort.Search(len(comments), func(i int) bool { return comments[i].Start >= raw.End }); i > 0 && comments[i-1].Overlaps(raw) {
			continue
		}
		if u, ok := e.unit(doc); ok {
			all.Unexplained = append(all.Unexplained, facts.Unexplained{Unit: u, Span: e.text.All(), Why: "in a script in base64, and not seen to reach a request"})
			all.Nested = append(all.Nested, u)
		} else {
			all.Unexplained = append(all.Unexplained, facts.Unexplained{Unit: u, Span: e.text.All(), Why: "in base64, and not seen to be a script that is analysed"})
		}
	}
}

// encodedOccurrences are the places of the endpoint in texts in base64 that a
// search of the letters does not see, such as those cut by a line end. Those
// known are in order.
func encodedOccurrences(doc *notebooks.Document, known []Occurrence) []Occurrence {
	var out []Occurrence
	for _, e := range encodedIn(doc) {
		for _, o := range imds.Find(e.text.Bytes()) {
			occ := Occurrence{Raw: e.text.Raw(o.Span), Cell: e.cell}
			i := sort.Search(len(known), func(i int) bool { return known[i].Raw.Start >= occ.Raw.End })
			if i > 0 && known[i-1].Raw.Overlaps(occ.Raw) {
				continue
			}
			occ.Class, occ.Why = byLanguage(e.cell)
			out = append(out, occ)
		}
	}
	return out
}
