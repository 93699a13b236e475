package format

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// weave is a kind of document in which chunks of code stand in prose.
type weave struct {
	// begin and end match the lines around a chunk. The first group of either
	// is the fence, the second of begin what stands in the braces.
	begin, end *regexp.Regexp
	// inline matches code in the prose: its engine, and the code itself.
	inline *regexp.Regexp
	prose  notebooks.Language
	// magics: a Python chunk may begin with a cell magic, as Jupyter runs it.
	magics bool
}

var (
	fenceBegin = regexp.MustCompile("^[ \t]*(`{3,})[ \t]*\\{([a-zA-Z0-9_]+(?:[ ,].*)?)\\}[ \t]*$")
	fenceEnd   = regexp.MustCompile("^[ \t]*(`{3,})[ \t]*$")
	fenceCode  = regexp.MustCompile("(?:^|[^`])`(r|\\{(?:r|python)\\})[ #]([^`]+)`")
	noweb      = weave{
		begin:  regexp.MustCompile(`^[ \t]*(<<)(.*)>>=.*$`),
		end:    regexp.MustCompile(`^[ \t]*()@[ \t]*(?:%.*)?$`),
		inline: regexp.MustCompile(`\\(Sexpr)\{([^}]+)\}`),
		prose:  notebooks.Text,
	}
	markdown = weave{begin: fenceBegin, end: fenceEnd, inline: fenceCode, prose: notebooks.Markdown}
	quarto   = weave{begin: fenceBegin, end: fenceEnd, inline: fenceCode, prose: notebooks.Markdown, magics: true}
)

// weaves are told by their suffix.
var weaves = map[string]*weave{".rmd": &markdown, ".rmarkdown": &markdown, ".qmd": &quarto, ".rnw": &noweb}

// engines are the languages of the programs that run chunks; chunks of others
// hold text.
var engines = map[string]notebooks.Language{
	"r": notebooks.R, "python": notebooks.Python, "python3": notebooks.Python,
	"bash": notebooks.Shell, "sh": notebooks.Shell, "sql": notebooks.SQL, "scala": notebooks.Scala,
}

var engineOption = regexp.MustCompile(`\bengine\s*=\s*["'](\w+)["']`)

// inlineCode is why no fix is written into code in the prose.
const inlineCode = "the code is an expression in a line of text: move it into a chunk to fix it"

func weaveOf(name string) *weave { return weaves[strings.ToLower(filepath.Ext(name))] }

// openWeave fills d with the chunks of a document and the prose between them.
// Chunks are numbered, as editors do; prose has no number.
func openWeave(d *notebooks.Document, body *span.Text, w *weave) {
	d.Format, d.Language = notebooks.RMarkdown, notebooks.R
	b := string(body.Bytes())
	head := headerEnd(b)
	addProse(d, body, span.Span{End: head}, notebooks.Text)
	prose, chunks := head, 0
	for at := head; at < len(b); {
		end, next := lineEnd(b, at)
		m := w.begin.FindStringSubmatch(b[at:end])
		if m == nil {
			at = next
			continue
		}
		w.proseParts(d, body, prose, at)
		chunks++
		fence := w.fenceAfter(b, next, m[1])
		// The line end before the fence belongs to the fence.
		text := body.Slice(span.Span{Start: at, End: max(end, fence-len("\n"))})
		if fence == len(b) {
			text = body.Slice(span.Span{Start: at, End: fence})
		}
		c := &notebooks.Cell{Number: chunks, Magic: "{" + m[2] + "}", Text: text}
		w.setCode(c, min(next-at, text.Len()), m[2])
		if chunks == 1 {
			d.Language = c.Language
		}
		d.Cells = append(d.Cells, c)
		_, at = lineEnd(b, fence)
		prose = at
	}
	w.proseParts(d, body, prose, len(b))
}

// setCode sets what follows from the line that begins the chunk: options is
// what stands in its braces, code where the next line begins.
func (w *weave) setCode(c *notebooks.Cell, code int, options string) {
	engine := "r"
	if w != &noweb {
		engine, _, _ = strings.Cut(strings.ReplaceAll(options, ",", " "), " ")
	}
	if m := engineOption.FindStringSubmatch(options); m != nil {
		engine = m[1]
	}
	lang, ok := engines[strings.ToLower(engine)]
	if !ok {
		lang = notebooks.Text
	}
	if w.magics && lang == notebooks.Python {
		m := splitMagic(c.Text.Bytes()[code:], lang)
		lang, code = m.lang, code+m.code
	}
	c.Language, c.Code = lang, c.Text.Slice(span.Span{Start: code, End: c.Text.Len()})
}

// fenceAfter is where the line begins that ends a chunk, the end of the text
// where nothing ends it.
func (w *weave) fenceAfter(b string, at int, fence string) int {
	for at < len(b) {
		end, next := lineEnd(b, at)
		if m := w.end.FindStringSubmatch(b[at:end]); m != nil && (w == &noweb || len(m[1]) >= len(fence)) {
			return at
		}
		at = next
	}
	return len(b)
}

// proseParts adds the prose between two places, and the code in it.
func (w *weave) proseParts(d *notebooks.Document, body *span.Text, from, to int) {
	b := body.Bytes()[from:to]
	at := 0
	for _, m := range w.inline.FindAllSubmatchIndex(b, -1) {
		addProse(d, body, span.Span{Start: from + at, End: from + m[4]}, w.prose)
		lang := notebooks.R
		if string(b[m[2]:m[3]]) == "{python}" {
			lang = notebooks.Python
		}
		text := body.Slice(span.Span{Start: from + m[4], End: from + m[5]})
		d.Cells = append(d.Cells, &notebooks.Cell{Language: lang, Text: text, Code: text, ReadOnly: inlineCode})
		at = m[5]
	}
	addProse(d, body, span.Span{Start: from + at, End: to}, w.prose)
}

func addProse(d *notebooks.Document, body *span.Text, s span.Span, lang notebooks.Language) {
	if !s.Empty() {
		text := body.Slice(s)
		d.Cells = append(d.Cells, &notebooks.Cell{Language: lang, Text: text, Code: text})
	}
}

// headerEnd is where the metadata ends that a document may begin with.
func headerEnd(b string) int {
	if !strings.HasPrefix(b, "---\n") {
		return 0
	}
	for at := len("---\n"); at < len(b); {
		end, next := lineEnd(b, at)
		if line := strings.TrimRight(b[at:end], " \t"); line == "---" || line == "..." {
			return next
		}
		at = next
	}
	return 0
}

// lineEnd is the end of the line that begins at, and where the next one begins.
func lineEnd(b string, at int) (end, next int) {
	if i := strings.IndexByte(b[at:], '\n'); i >= 0 {
		return at + i, at + i + 1
	}
	return len(b), len(b)
}
