package codec_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

var (
	errLens        = span.ErrLens
	errOpaque      = span.ErrOpaque
	errUnencodable = span.ErrUnencodable
)

// refusal: these are the errors that a lift may end with; anything else is a fault.
func refusal(err error) bool {
	return errors.Is(err, span.ErrOpaque) || errors.Is(err, span.ErrUnencodable) || errors.Is(err, span.ErrLens)
}

// checkLaws holds a decoded text, and edits of it, against the laws of the
// lens tower. It returns the refusal, if the edits were refused.
func checkLaws(t *testing.T, text *span.Text, edits []span.Edit) error {
	t.Helper()
	checkTile(t, text)
	before := append([]byte(nil), text.Root().Bytes()...)

	want, err := span.Apply(text.Bytes(), edits)
	if err != nil {
		t.Fatalf("the edits do not apply to the text itself: %v", err)
	}
	lifted, err := text.Lift(edits)
	if !bytes.Equal(before, text.Root().Bytes()) {
		t.Fatal("lifting changed the file in place")
	}
	if err != nil {
		if !refusal(err) {
			t.Fatalf("lift failed with something else than a refusal: %v", err)
		}
		return err
	}
	after, err := span.Apply(before, lifted)
	if err != nil {
		t.Fatalf("lifted edits do not apply: %v", err)
	}

	// Put-get: decoding the edited file gives the edited text.
	again, err := redecode(text, after)
	if err != nil {
		t.Fatalf("edited file is not decodable: %v\n%q", err, after)
	}
	if !bytes.Equal(again.Bytes(), want) {
		t.Fatalf("put-get:\n got %q\nwant %q\nfile %q", again.Bytes(), want, after)
	}
	checkTile(t, again)

	// Frame: bytes outside of the lifted spans stay.
	checkFrame(t, before, after, lifted)

	// Identity: a byte that is verbatim on every layer is itself in the file.
	for _, e := range edits {
		for i := e.Start; i < e.End; i++ {
			s := span.Span{Start: i, End: i + 1}
			if raw := text.Raw(s); verbatimAllTheWay(text, s) && string(before[raw.Start:raw.End]) != text.Sub(s) {
				t.Fatalf("identity: the byte at %d differs in the file", i)
			}
		}
	}
	return nil
}

// checkTile: the atoms of each layer tile the text and its range, and
// positions grow with positions.
func checkTile(t *testing.T, text *span.Text) {
	t.Helper()
	for ; text.Parent() != nil; text = text.Parent() {
		in, out := 0, text.Range().Start
		for _, a := range text.Atoms() {
			if a.In.Start != in || a.Out.Start != out {
				t.Fatalf("tile: atom %v→%v does not continue at %d→%d", a.In, a.Out, in, out)
			}
			in, out = a.In.End, a.Out.End
			if a.Kind == span.Verbatim && !bytes.Equal(text.Bytes()[a.In.Start:a.In.End], text.Parent().Bytes()[a.Out.Start:a.Out.End]) {
				t.Fatalf("identity: verbatim atom %v differs outside", a.In)
			}
		}
		if in != text.Len() || out != text.Range().End {
			t.Fatalf("tile: atoms end at %d→%d of %d→%d", in, out, text.Len(), text.Range().End)
		}
		last := text.Range().Start
		for i := 0; i <= text.Len(); i++ {
			o := text.Out(span.Span{Start: i, End: i})
			if o.Start < last || o.Start > text.Range().End {
				t.Fatalf("position %d maps to %d, outside or before %d", i, o.Start, last)
			}
			last = o.Start
		}
	}
}

func checkFrame(t *testing.T, before, after []byte, edits []span.Edit) {
	t.Helper()
	i, j := 0, 0
	for _, e := range edits {
		n := e.Start - i
		if n < 0 || j+n > len(after) || !bytes.Equal(before[i:e.Start], after[j:j+n]) {
			t.Fatalf("frame: bytes before %v changed", e.Span)
		}
		i, j = e.End, j+n+len(e.New)
	}
	if !bytes.Equal(before[i:], after[j:]) {
		t.Fatal("frame: bytes after the last edit changed")
	}
}

// redecode builds the tower of text again over an edited file.
func redecode(text *span.Text, file []byte) (*span.Text, error) {
	if text.Parent() == nil {
		return span.File(file), nil
	}
	parent, err := redecode(text.Parent(), file)
	if err != nil {
		return nil, err
	}
	rng := text.Range()
	rng.End += parent.Len() - text.Parent().Len()
	if rng.End < rng.Start {
		return nil, errors.New("range vanished")
	}
	return parent.Decode(rng, text.Layer())
}

func verbatimAllTheWay(text *span.Text, s span.Span) bool {
	for ; text.Parent() != nil; text = text.Parent() {
		for i := s.Start; i < s.End; i++ {
			if text.KindAt(i) != span.Verbatim {
				return false
			}
		}
		s = text.Out(s)
	}
	return true
}

// checkGetPut: writing a text over itself changes no byte.
func checkGetPut(t *testing.T, text *span.Text) {
	t.Helper()
	for _, s := range []span.Span{text.All(), {Start: text.Len() / 3, End: text.Len() * 2 / 3}} {
		edits, err := text.Lift([]span.Edit{{Span: s, New: text.Sub(s)}})
		if err != nil {
			t.Fatalf("get-put: %v", err)
		}
		if after, _ := span.Apply(text.Root().Bytes(), edits); !bytes.Equal(after, text.Root().Bytes()) {
			t.Fatalf("get-put: file became %q", after)
		}
	}
}

// checkCuts edits a text at every position: single insertions, the
// replacement of one byte, and two edits that may meet in one atom. It returns
// the first refusal.
func checkCuts(t *testing.T, text *span.Text, insert string) (refused error) {
	t.Helper()
	n := text.Len()
	try := func(edits ...span.Edit) {
		t.Helper()
		if err := checkLaws(t, text, edits); err != nil && refused == nil {
			refused = fmt.Errorf("%v of %q: %w", edits, text.Bytes(), err)
		}
	}
	edit := func(start, end int, s string) span.Edit {
		return span.Edit{Span: span.Span{Start: start, End: end}, New: s}
	}
	for i := 0; i <= n; i++ {
		try(edit(i, i, insert))
		if i < n {
			try(edit(i, i+1, insert))
			try(edit(i, i+1, ""))
			try(edit(i, i, insert), edit(i, i+1, "z"))
		}
		if i+2 < n {
			try(edit(i, i+1, insert), edit(i+2, i+3, "q"))
		}
	}
	return refused
}

// layerCase is one line of a codec's table: a text in a layer, an edit of the
// decoded text and the outer text wanted.
type layerCase struct {
	name    string
	layer   span.Layer
	outer   string // decoded whole, or between ⟦ and ⟧
	want    string // decoded
	old     string // replaced by new; "" with at: an insertion
	new     string
	edited  string // outer text after the edit, without ⟦⟧
	refused error
	bad     bool // not decodable
	picky   bool // some edits of single bytes may be refused
}

func (c layerCase) run(t *testing.T) {
	t.Helper()
	outer := c.outer
	rng := span.Span{Start: 0, End: len(outer)}
	if i := bytes.Index([]byte(outer), []byte("⟦")); i >= 0 {
		k := bytes.Index([]byte(outer), []byte("⟧")) - len("⟦")
		rng = span.Span{Start: i, End: k}
		outer = outer[:i] + outer[i+len("⟦"):k+len("⟦")] + outer[k+len("⟦")+len("⟧"):]
	}
	text, err := span.File([]byte(outer)).Decode(rng, c.layer)
	if c.bad {
		if !errors.Is(err, span.ErrUndecodable) {
			t.Fatalf("decoding gave %v, want a refusal", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := string(text.Bytes()); got != c.want {
		t.Fatalf("decoded\n got %q\nwant %q", got, c.want)
	}
	checkGetPut(t, text)
	if err := checkCuts(t, text, "x\ny"); err != nil && !c.picky {
		t.Fatal(err)
	}
	if c.edited == "" && c.refused == nil {
		return
	}
	i := bytes.Index(text.Bytes(), []byte(c.old))
	if i < 0 {
		t.Fatalf("%q is not in the decoded text", c.old)
	}
	edits := []span.Edit{{Span: span.Span{Start: i, End: i + len(c.old)}, New: c.new}}
	if err := checkLaws(t, text, edits); !errors.Is(err, c.refused) {
		t.Fatalf("edit gave %v, want %v", err, c.refused)
	}
	if c.refused != nil {
		return
	}
	lifted, _ := text.Lift(edits)
	after, _ := span.Apply([]byte(outer), lifted)
	if string(after) != c.edited {
		t.Fatalf("edited\n got %q\nwant %q", after, c.edited)
	}
}

func runCases(t *testing.T, cases []layerCase) {
	for _, c := range cases {
		t.Run(c.name, c.run)
	}
}
