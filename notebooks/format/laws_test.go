package format

import (
	"bytes"
	"math/rand"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// lawFiles are the inputs of all golden cases, as they are, with CRLF, with a
// BOM, and without their last line end.
func lawFiles(t testing.TB) []txtar.File {
	t.Helper()
	names, _ := filepath.Glob("../../testdata/formats/*.txtar")
	var files []txtar.File
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if bytes.HasPrefix([]byte(f.Name), []byte("want ")) {
				continue
			}
			files = append(files, f,
				txtar.File{Name: f.Name, Data: bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))},
				txtar.File{Name: f.Name, Data: append([]byte("\xef\xbb\xbf"), f.Data...)},
				txtar.File{Name: f.Name, Data: bytes.TrimRight(f.Data, "\n")})
		}
	}
	return files
}

// editsOf makes edits as fixes do: lines before a line, words replaced, text
// inside a line, lines after the last.
func editsOf(r *rand.Rand, code []byte) []span.Edit {
	texts := []string{"token = get()\n", "x", " -H \"X: $T\" ", "a\n\nb\n", "é\\n", "\\", "if x:\n\ty()\n", "<&/>"}
	var edits []span.Edit
	at := 0
	for at < len(code) && len(edits) < 4 {
		at += r.Intn(len(code)-at) + 1
		start := at
		if r.Intn(2) == 0 { // the start of the line
			start = bytes.LastIndexByte(code[:at], '\n') + 1
			if len(edits) > 0 && start < edits[len(edits)-1].End {
				continue
			}
		}
		end := min(start+r.Intn(3)*r.Intn(8), len(code))
		edits = append(edits, span.Edit{Span: span.Span{Start: start, End: end}, New: texts[r.Intn(len(texts))]})
		at = end
	}
	return edits
}

// TestEditsLandInTheFile checks put-get and frame: the edited file holds the
// edited code in the same cell, and every other cell as before.
func TestEditsLandInTheFile(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	tried := 0
	for _, f := range lawFiles(t) {
		d, err := Open(f.Name, f.Data)
		if err != nil {
			continue
		}
		for i, c := range d.Cells {
			if d.ReadOnly != "" || c.ReadOnly != "" || d.Format == notebooks.RMarkdown && c.Number == 0 {
				continue // never edited
			}
			for range 20 {
				if checkEdit(t, d, i, editsOf(r, d.Cells[i].Code.Bytes())) {
					tried++
				}
			}
		}
	}
	if tried < 5000 {
		t.Errorf("only %d edits tried", tried)
	}
}

func checkEdit(t *testing.T, d *notebooks.Document, i int, edits []span.Edit) bool {
	t.Helper()
	code := d.Cells[i].Code
	want, err := span.Apply(code.Bytes(), edits)
	if err != nil {
		t.Fatalf("%s: %v: %v", d.Path, edits, err)
	}
	if len(edits) == 0 || !keepsCell(d, i, want) {
		return false
	}
	raw, err := code.Lift(edits)
	if err != nil {
		t.Errorf("%s cell %d: %+v: %v", d.Path, i, edits, err)
		return true
	}
	for _, e := range raw { // frame
		if all := code.Raw(code.All()); !all.Contains(e.Span) {
			t.Errorf("%s cell %d: edit %v is outside of %v", d.Path, i, e.Span, all)
		}
	}
	b, err := span.Apply(d.File.Bytes(), raw)
	if err != nil {
		t.Errorf("%s cell %d: %v", d.Path, i, err)
		return true
	}
	again, err := Open(d.Path, b)
	if err != nil || len(again.Cells) != len(d.Cells) {
		t.Errorf("%s cell %d: %+v:\n%q\n→ %q\n%v", d.Path, i, edits, d.File.Bytes(), b, err)
		return true
	}
	for k, c := range again.Cells {
		w := d.Cells[k].Code.Bytes()
		if k == i {
			w = want
		}
		if !bytes.Equal(c.Code.Bytes(), w) || c.Number != d.Cells[k].Number || c.Magic != d.Cells[k].Magic {
			t.Errorf("%s cell %d: %+v:\n%q\n→ %q\nwant %q", d.Path, k, edits, d.Cells[k].Code.Bytes(), c.Code.Bytes(), w)
		}
	}
	return true
}

// keepsCell tells whether a cell with this code is divided in the same way:
// edits that make or unmake magics, headers or blank lines around the cell do
// not keep the document's structure, whatever they are lifted through.
func keepsCell(d *notebooks.Document, i int, code []byte) bool {
	c := d.Cells[i]
	old := c.Code.Bytes()
	head := c.Text.Bytes()[:c.Text.Len()-len(old)]
	text := append(bytes.Clone(head), code...)
	if len(code) == 0 || bytes.HasSuffix(code, []byte("\n")) != bytes.HasSuffix(old, []byte("\n")) ||
		bytes.HasPrefix(code, []byte("\n")) != bytes.HasPrefix(old, []byte("\n")) {
		return false
	}
	if d.Format == notebooks.Plain {
		_, source := sourceMark(d.Path, text)
		return !source && plainLanguage(d.Path, text) == d.Language
	}
	if inPieces(d, i) || bytes.Contains(text, []byte("MAGIC")) {
		// Only edits within a line leave the marks around them alone.
		if !bytes.Equal(marksOf(code), marksOf(old)) {
			return false
		}
	}
	return splitMagic(text, d.Language) == splitMagic(c.Text.Bytes(), d.Language)
}

// inPieces tells whether the cell is one of several with its number.
func inPieces(d *notebooks.Document, i int) bool {
	n := d.Cells[i].Number
	return i > 0 && d.Cells[i-1].Number == n || i+1 < len(d.Cells) && d.Cells[i+1].Number == n
}

// marksOf is the beginning of every line, by which lines are told apart.
func marksOf(code []byte) []byte {
	var out []byte
	for _, line := range bytes.Split(code, []byte("\n")) {
		out = append(out, line[:min(len(line), 8)]...)
		out = append(out, '\n')
	}
	return out
}
