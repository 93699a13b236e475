package span_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// toy is a layer with one of everything: `\x` is the character x, `<…>` is a
// hole that reads as HOLE, `|` stands for nothing.
type toy struct {
	lie string // breaks a promise of the layer, to see it caught
}

func (toy) Name() string { return "toy" }

func (l toy) Decode(outer []byte, rng span.Span) (b []byte, atoms []span.Atom, err error) {
	atom := func(kind span.Kind, inner string, from, to int) {
		atoms = append(atoms, span.Atom{In: span.Span{Start: len(b), End: len(b) + len(inner)}, Out: span.Span{Start: from, End: to}, Kind: kind})
		b = append(b, inner...)
	}
	for i := rng.Start; i < rng.End; {
		switch c := outer[i]; c {
		case '\\':
			if i+1 >= rng.End {
				return nil, nil, span.ErrUndecodable
			}
			atom(span.Escaped, string(outer[i+1:i+2]), i, i+2)
			i += 2
		case '<':
			n := bytes.IndexByte(outer[i:rng.End], '>')
			if n < 0 {
				return nil, nil, span.ErrUndecodable
			}
			atom(span.Opaque, "HOLE", i, i+n+1)
			i += n + 1
		case '|':
			atom(span.Escaped, "", i, i+1)
			i++
		default:
			n := bytes.IndexAny(outer[i:rng.End], `\<|`)
			if n < 0 {
				n = rng.End - i
			}
			atom(span.Verbatim, string(outer[i:i+n]), i, i+n)
			i += n
		}
	}
	switch l.lie {
	case "gap":
		atoms = atoms[1:]
	case "short":
		atoms = atoms[:len(atoms)-1]
	case "differs":
		b[0] ^= 1
	}
	return b, atoms, nil
}

func (l toy) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	switch {
	case strings.Contains(text, "!"):
		return "", span.ErrUnencodable
	case l.lie == "encode":
		return text, nil
	}
	return strings.NewReplacer(`\`, `\\`, "<", `\<`, "|", `\|`).Replace(text), nil
}

func decode(t *testing.T, outer string) *span.Text {
	t.Helper()
	text, err := span.File([]byte(outer)).Decode(span.Span{Start: 0, End: len(outer)}, toy{})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func edit(start, end int, text string) span.Edit {
	return span.Edit{Span: span.Span{Start: start, End: end}, New: text}
}

func TestLift(t *testing.T) {
	for _, c := range []struct {
		name, outer string
		edits       []span.Edit
		want        string // the outer text, or
		err         error
	}{
		{"verbatim bytes are cut", "abc", []span.Edit{edit(1, 2, "X")}, "aXc", nil},
		{"new text is encoded", "abc", []span.Edit{edit(1, 2, "<")}, `a\<c`, nil},
		{"insertion", "abc", []span.Edit{edit(3, 3, "d")}, "abcd", nil},
		{"whole escape", `a\bc`, []span.Edit{edit(1, 2, "X")}, "aXc", nil},
		{"unchanged bytes keep their form", `a\bc`, []span.Edit{edit(0, 3, "abX")}, `a\bX`, nil},
		{"nothing changes", `a\bc`, []span.Edit{edit(0, 3, "abc")}, `a\bc`, nil},
		{"over an escape", `a\bc`, []span.Edit{edit(0, 2, "X")}, "Xc", nil},
		{"before junk and behind it", "ab|cd", []span.Edit{edit(1, 2, "X"), edit(2, 3, "Y")}, "aXYd", nil},
		{"junk inside the edit goes", "ab|cd", []span.Edit{edit(1, 3, "X")}, "aXd", nil},
		{"insertion at junk goes behind it", "ab|cd", []span.Edit{edit(2, 2, "X")}, "ab|Xcd", nil},
		{"first junk stays", "|a", []span.Edit{edit(0, 1, "X")}, "|X", nil},
		{"any order", "abc", []span.Edit{edit(2, 3, "Z"), edit(0, 1, "X")}, "XbZ", nil},
		{"two insertions keep their order", "ab", []span.Edit{edit(1, 1, "X"), edit(1, 1, "Y")}, "aXYb", nil},
		{"around a hole", "a<x>b", []span.Edit{edit(0, 6, "1HOLE2")}, "1<x>2", nil},
		{"around two holes", "a<x>b", []span.Edit{edit(0, 1, "1"), edit(5, 6, "2")}, "1<x>2", nil},
		{"next to a hole", "<x>", []span.Edit{edit(0, 0, "1"), edit(4, 4, "2")}, "1<x>2", nil},
		{"whole characters", "é", []span.Edit{edit(0, 2, "è")}, "è", nil},

		{"hole removed", "a<x>b", []span.Edit{edit(1, 5, "")}, "", span.ErrOpaque},
		{"hole cut", "a<x>b", []span.Edit{edit(2, 2, "X")}, "", span.ErrOpaque},
		{"hole covered", "a<x>b", []span.Edit{edit(0, 6, "X")}, "", span.ErrOpaque},
		{"hole named twice", "a<x>b", []span.Edit{edit(0, 6, "1HOLE HOLE2")}, "", span.ErrOpaque},
		{"not to be encoded", "abc", []span.Edit{edit(1, 2, "!")}, "", span.ErrUnencodable},
		{"overlap", "abc", []span.Edit{edit(0, 2, "X"), edit(1, 3, "Y")}, "", span.ErrOverlap},
	} {
		t.Run(c.name, func(t *testing.T) {
			lifted, err := decode(t, c.outer).Lift(c.edits)
			if !errors.Is(err, c.err) {
				t.Fatalf("got %v, want %v", err, c.err)
			}
			if c.err != nil {
				return
			}
			if got, _ := span.Apply([]byte(c.outer), lifted); string(got) != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestEditsMeetInOneAtom: edits of parts of one escape are merged. The atom
// here has three inner bytes.
func TestEditsMeetInOneAtom(t *testing.T) {
	outer := "a#c"
	text, err := span.File([]byte(outer)).Decode(span.Span{Start: 0, End: 3}, wide{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		edits []span.Edit
		want  string
	}{
		{[]span.Edit{edit(1, 2, "X"), edit(3, 4, "Z")}, "aXyZc"},
		{[]span.Edit{edit(1, 2, "X"), edit(2, 3, "Y"), edit(3, 4, "Z")}, "aXYZc"},
		{[]span.Edit{edit(0, 2, "X"), edit(3, 5, "Z")}, "XyZ"},
		{[]span.Edit{edit(2, 2, "1"), edit(3, 3, "2")}, "ax1y2zc"},
		{[]span.Edit{edit(1, 1, "1"), edit(2, 3, "2"), edit(4, 4, "3")}, "a1x2z3c"},
	} {
		lifted, err := text.Lift(c.edits)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := span.Apply([]byte(outer), lifted); string(got) != c.want {
			t.Errorf("%v: got %q, want %q", c.edits, got, c.want)
		}
	}
	if got := text.Out(span.Span{Start: 2, End: 3}); got != (span.Span{Start: 1, End: 2}) {
		t.Errorf("a part of an escape maps to %v", got)
	}
}

// wide shows `#` as xyz.
type wide struct{}

func (wide) Name() string { return "wide" }
func (wide) Decode(outer []byte, rng span.Span) (b []byte, atoms []span.Atom, err error) {
	for i := rng.Start; i < rng.End; i++ {
		inner, kind := string(outer[i:i+1]), span.Verbatim
		if inner == "#" {
			inner, kind = "xyz", span.Escaped
		}
		atoms = append(atoms, span.Atom{In: span.Span{Start: len(b), End: len(b) + len(inner)}, Out: span.Span{Start: i, End: i + 1}, Kind: kind})
		b = append(b, inner...)
	}
	return b, atoms, nil
}
func (wide) Encode(_ *span.Text, _ span.Span, text string) (string, error) { return text, nil }

func TestLiesAreCaught(t *testing.T) {
	for _, lie := range []string{"gap", "short", "differs"} {
		_, err := span.File([]byte(`a\bc`)).Decode(span.Span{Start: 0, End: 4}, toy{lie: lie})
		if !errors.Is(err, span.ErrLens) {
			t.Errorf("%s: got %v", lie, err)
		}
	}
	text, err := span.File([]byte("abc")).Decode(span.Span{Start: 0, End: 3}, toy{lie: "encode"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := text.Lift([]span.Edit{edit(1, 2, `\`)}); !errors.Is(err, span.ErrLens) {
		t.Errorf("unescaped text: got %v", err)
	}
	if _, err := span.File([]byte("abc")).Decode(span.Span{Start: 2, End: 9}, toy{}); err == nil {
		t.Error("a range outside of the text was decoded")
	}
}

func TestTwoLayers(t *testing.T) {
	file := span.File([]byte(`0[a\\\\<x>\|b]9`))
	outer, err := file.Decode(span.Span{Start: 2, End: 13}, toy{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(outer.Bytes()); got != `a\\HOLE|b` {
		t.Fatalf("outer layer: %q", got)
	}
	inner, err := outer.Decode(outer.All(), toy{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(inner.Bytes()); got != `a\HOLEb` {
		t.Fatalf("inner layer: %q", got)
	}
	if got, want := inner.Raw(span.Span{Start: 1, End: 2}), (span.Span{Start: 3, End: 7}); got != want {
		t.Errorf("raw %v, want %v", got, want)
	}
	if got, ok := inner.UpTo(outer, span.Span{Start: 1, End: 2}); !ok || got != (span.Span{Start: 1, End: 3}) {
		t.Errorf("up to the outer layer: %v %v", got, ok)
	}
	if _, ok := outer.UpTo(inner, span.Span{}); ok {
		t.Error("an inner text was found outside")
	}
	if inner.Root() != file || inner.Depth() != 2 || inner.Parent() != outer {
		t.Error("the tower is wrong")
	}
	lifted, err := inner.Lift([]span.Edit{edit(0, 1, `\`), edit(7, 7, "c")})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := span.Apply(file.Bytes(), lifted); string(got) != `0[\\\\\\\\<x>\|bc]9` {
		t.Errorf("lifted: %s", got)
	}
	// The hole is the outer layer's: the inner one sees plain letters.
	if _, err := inner.Lift([]span.Edit{edit(3, 4, "X")}); !errors.Is(err, span.ErrOpaque) {
		t.Errorf("edit of an outer hole: %v", err)
	}
}

func TestSlice(t *testing.T) {
	text := decode(t, `ab\cd`)
	part := text.Slice(span.Span{Start: 1, End: 3})
	if string(part.Bytes()) != "bc" || part.Raw(span.Span{Start: 1, End: 2}) != (span.Span{Start: 2, End: 4}) {
		t.Fatalf("slice %q maps to %v", part.Bytes(), part.Raw(part.All()))
	}
	lifted, err := part.Lift([]span.Edit{edit(2, 2, "<")})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := span.Apply(text.Root().Bytes(), lifted); string(got) != `ab\c\<d` {
		t.Errorf("lifted: %s", got)
	}
	empty := text.Slice(span.Span{Start: 4, End: 4})
	if got := empty.Raw(empty.All()); got != (span.Span{Start: 5, End: 5}) {
		t.Errorf("empty slice maps to %v", got)
	}
}

func TestPositionsOutside(t *testing.T) {
	text := decode(t, `a\b|`)
	for _, s := range []span.Span{{Start: 0, End: 99}, {Start: 99, End: 100}, {Start: -1, End: 1}, {Start: 5, End: 2}, {Start: -3, End: -1}} {
		if raw := text.Raw(s); raw.Start < 0 || raw.End > 4 || raw.Start > raw.End {
			t.Errorf("%v maps to %v", s, raw)
		}
		if text.KindAt(s.End) > span.Opaque {
			t.Errorf("no kind at %d", s.End)
		}
	}
}

func TestApply(t *testing.T) {
	if got, err := span.Apply([]byte("abc"), []span.Edit{edit(3, 3, "!"), edit(0, 1, "")}); err != nil || string(got) != "bc!" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, bad := range [][]span.Edit{
		{edit(0, 4, "")}, {edit(-1, 0, "")}, {edit(2, 1, "")},
		{edit(0, 2, ""), edit(1, 1, "x")},
	} {
		if got, err := span.Apply([]byte("abc"), bad); err == nil {
			t.Errorf("%v was applied: %q", bad, got)
		}
	}
}
