package pins

import (
	"errors"
	"fmt"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// maxTOMLKeys bounds the parts of a dotted key.
const maxTOMLKeys = 64

// parseTOML reads the manifest as TOML.
func parseTOML(r *reader) (root *Item, at int, err error) {
	p := unstable.Parser{}
	b := r.u.Text.Bytes()
	p.Reset(b)
	root = &Item{isTab: true}
	table := root
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.KeyValue:
			if err := r.tomlPair(&p, table, e); err != nil {
				return nil, keyOffset(e), err
			}
		case unstable.Table, unstable.ArrayTable:
			if table, err = tomlTable(root, e); err != nil {
				return nil, keyOffset(e), err
			}
		}
	}
	if err := p.Error(); err != nil {
		if bad := (*unstable.ParserError)(nil); errors.As(err, &bad) && len(bad.Highlight) > 0 {
			at = int(p.Range(bad.Highlight).Offset)
		}
		return nil, at, fmt.Errorf("not valid TOML: %w", err)
	}
	return root, 0, nil
}

func keyOffset(e *unstable.Node) int {
	it := e.Key()
	if it.Next() {
		return int(it.Node().Raw.Offset)
	}
	return 0
}

// tomlTable opens the table of a header.
func tomlTable(root *Item, e *unstable.Node) (*Item, error) {
	t := root
	n := 0
	for it := e.Key(); it.Next(); n++ {
		if n > maxTOMLKeys {
			return nil, errors.New("a key has too many parts")
		}
		next, err := t.enter(string(it.Node().Data), rawSpan(it.Node().Raw), e.Kind == unstable.ArrayTable && it.IsLast())
		if err != nil {
			return nil, err
		}
		t = next
	}
	return t, nil
}

// enter is the table of a key, made where it does not exist; of a list of
// tables the last, or a new one.
func (i *Item) enter(key string, at span.Span, fresh bool) (*Item, error) {
	v := i.member(key)
	switch {
	case v == nil && fresh:
		v = &Item{list: []*Item{{isTab: true}}}
		i.set(member{key, at, v})
		return v.list[0], nil
	case v == nil:
		v = &Item{isTab: true}
		i.set(member{key, at, v})
		return v, nil
	case v.isTab && !fresh:
		return v, nil
	case len(v.list) > 0 && v.list[len(v.list)-1].isTab:
		if fresh {
			v.list = append(v.list, &Item{isTab: true})
		}
		return v.list[len(v.list)-1], nil
	}
	return nil, fmt.Errorf("%s is not a table", key)
}

// tomlPair adds a key and its value to a table.
func (r *reader) tomlPair(p *unstable.Parser, t *Item, e *unstable.Node) error {
	n := 0
	for it := e.Key(); it.Next(); n++ {
		if n > maxTOMLKeys {
			return errors.New("a key has too many parts")
		}
		k := it.Node()
		if it.IsLast() {
			t.set(member{string(k.Data), rawSpan(k.Raw), r.tomlValue(p, e.Value())})
			return nil
		}
		next, err := t.enter(string(k.Data), rawSpan(k.Raw), false)
		if err != nil {
			return err
		}
		t = next
	}
	return nil
}

func rawSpan(x unstable.Range) span.Span {
	return span.Span{Start: int(x.Offset), End: int(x.Offset + x.Length)}
}

func (r *reader) tomlValue(p *unstable.Parser, v *unstable.Node) *Item {
	out := &Item{span: rawSpan(v.Raw)}
	switch v.Kind {
	case unstable.Array:
		out.list = []*Item{}
		for it := v.Children(); it.Next(); {
			if it.Node().Kind != unstable.Comment {
				out.list = append(out.list, r.tomlValue(p, it.Node()))
			}
		}
	case unstable.InlineTable:
		out.isTab = true
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				_ = r.tomlPair(p, out, it.Node()) // a key that clashes hides no version
			}
		}
	case unstable.String:
		text := string(v.Data)
		out.text = imds.Lit(text, imds.Source{})
		for quote := 1; quote <= 3; quote += 2 {
			in := span.Span{Start: out.span.Start + quote, End: out.span.End - quote}
			if in.End >= in.Start && r.u.Text.Sub(in) == text {
				out.span, out.text = in, r.lit(in)
				break
			}
		}
	default:
		out.text = imds.Lit(string(v.Data), imds.Source{})
	}
	return out
}
