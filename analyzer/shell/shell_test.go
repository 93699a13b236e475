package shell

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/rules"
)

func unit(src string) *facts.Unit {
	return &facts.Unit{Language: notebooks.Shell, Text: span.File([]byte(src))}
}

// fixed applies the recipes of all sites, each with a token of its own.
func fixed(src string, fs *facts.Facts) string {
	var edits []span.Edit
	seen := map[int]bool{}
	for _, r := range fs.Requests {
		s := r.Site
		if s == nil || s.Refuse != "" {
			continue
		}
		recipe := rules.GetRecipe(s.Recipe)
		vars := map[string]string{"token": "T"}
		for k, v := range s.Vars {
			vars[k] = v
		}
		lines, _ := recipe.SetupLines(vars)
		vars["setup"] = strings.Join(lines, "; ")
		if len(s.Places) > 0 {
			shared := false
			for _, p := range s.Places {
				shared = shared || seen[p.List]
			}
			if p := s.Places[0]; !shared {
				seen[p.List] = true
				edits = append(edits, span.Edit{Span: span.Span{Start: p.At, End: p.At}, New: vars["setup"] + p.Separator})
			}
		}
		for _, e := range append(append([]rules.RecipeEdit(nil), recipe.Guards[s.Guard]...), recipe.Shapes[s.Shape]...) {
			name, side := e.Anchor()
			at := s.Anchors[name]
			if side == rules.Before {
				at.End = at.Start
			} else if side == rules.After {
				at.Start = at.End
			}
			text, err := rules.Render(e.Text, vars)
			if err != nil {
				return err.Error()
			}
			edits = append(edits, span.Edit{Span: at, New: text})
		}
	}
	out, err := span.Apply([]byte(src), edits)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

func TestTry(t *testing.T) {
	b, err := os.ReadFile(os.Getenv("TRY"))
	if err != nil {
		t.Skip()
	}
	for _, src := range strings.Split(string(b), "\n=====\n") {
		fs := Analyze(unit(src))
		fmt.Println("-----------------------------")
		for _, r := range fs.Requests {
			fmt.Printf("# %s %s %v token=%d %s %s %s\n", r.Client, r.Method, r.URLs, r.Token, r.Why, r.Misuse, r.Fallback)
			if r.Site != nil && r.Site.Refuse+r.Site.Unsafe != "" {
				fmt.Println("#   refuse", r.Site.Refuse, "unsafe", r.Site.Unsafe)
			}
		}
		for _, m := range fs.Mentions {
			fmt.Printf("# mention %s: %q\n", m.Why, m.Unit.Text.Sub(m.Span))
		}
		for _, m := range fs.Broken {
			fmt.Printf("# broken %s: %v\n", m.Reason, m.Span)
		}
		for _, n := range fs.Nested {
			fmt.Printf("# nested %s %s %q %v\n", n.Language, n.Via, n.Text.Bytes(), n.Holes)
		}
		fmt.Println(fixed(src, fs))
	}
}

var _ = imds.Classify
var _ = sort.Strings
