package rules

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"gopkg.in/yaml.v3"
)

//go:embed recipes/*.yaml
var recipeFiles embed.FS

// Recipe is how a request of one client is turned into a token request and a
// request that carries the token. Its texts are Go templates; the words come
// from the site (facts.Site.Vars), with "token" for the name chosen for the
// token and, in guards, "setup" for the rendered setup on one line.
type Recipe struct {
	ID string `yaml:"id"`
	// Source is where the client's behaviour was read or measured.
	Source string `yaml:"source"`
	// Summary completes "fetch a session token with …" for messages.
	Summary string `yaml:"summary"`
	// Token is the name the token gets when nothing else has it.
	Token string `yaml:"token"`
	// Kind names what the token's variable holds ("shell", a requests
	// response); it is the id where it is not given. Tokens of one kind may
	// have the same name.
	Kind string `yaml:"kind"`
	// Share is a template: two requests of one kind for which it gives the
	// same text may use one token, since it would be fetched in the same way
	// (through the same proxy, in the same session). Without it the whole
	// setup has to be the same.
	Share string `yaml:"share"`
	// Words are texts that stand in several templates: the token's value, the
	// expression that fetches it. They use the site's words and "token".
	Words map[string]string `yaml:"words"`
	// Setup fetches the token: statements, one a line.
	Setup string `yaml:"setup"`
	// Helper is a function that sends a request with a token, in place of a
	// setup: it is put once where the site has the anchor "members", and the
	// token's name is its own.
	Helper string `yaml:"helper"`
	// Declares is true when the setup declares the token's name, which a scope
	// then takes only once.
	Declares bool `yaml:"declares"`
	// Shapes are the edits that add the header, by facts.Site.Shape.
	Shapes map[string][]RecipeEdit `yaml:"shapes"`
	// Imports are made where the site gives their anchor: it needs one more
	// name of a module that the code imports from.
	Imports []RecipeEdit `yaml:"imports"`
	// Guards are the edits that keep the request from going out without a
	// token, by facts.Site.Guard. "none" needs no entry.
	Guards map[string][]RecipeEdit `yaml:"guards"`
}

// RecipeEdit puts Text before, after or in place of an anchor of the site;
// exactly one of the three is set.
type RecipeEdit struct {
	Before  string `yaml:"before"`
	After   string `yaml:"after"`
	Replace string `yaml:"replace"`
	Text    string `yaml:"text"`
	// Once: fixes that make the same edit at the same place make it together,
	// such as an import.
	Once bool `yaml:"once"`
	// Each: the edit is made at every anchor of the name with a number behind
	// it, from 1 on.
	Each bool `yaml:"each"`
}

// Anchor is the anchor's name and which side of it the edit takes.
func (e RecipeEdit) Anchor() (name string, side Side) {
	switch {
	case e.Before != "":
		return e.Before, Before
	case e.After != "":
		return e.After, After
	default:
		return e.Replace, Replace
	}
}

// EditAt is an edit on a side of an anchor.
func EditAt(anchor string, side Side, text string) RecipeEdit {
	switch side {
	case Before:
		return RecipeEdit{Before: anchor, Text: text}
	case After:
		return RecipeEdit{After: anchor, Text: text}
	default:
		return RecipeEdit{Replace: anchor, Text: text}
	}
}

// Side is where an edit stands to its anchor.
type Side uint8

// The sides of an anchor.
const (
	Before Side = iota
	After
	Replace
)

// Render fills in a recipe's template. A word that the site does not give is
// an error: it would leave a hole in the user's code.
func Render(text string, vars map[string]string) (string, error) {
	t, err := template.New("").Option("missingkey=error").Parse(text)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, vars); err != nil {
		return "", err
	}
	return b.String(), nil
}

// Fill adds the recipe's own words to those of a site.
func (r *Recipe) Fill(vars map[string]string) (map[string]string, error) {
	all := maps.Clone(vars)
	for name, text := range r.Words {
		word, err := Render(text, vars)
		if err != nil {
			return nil, fmt.Errorf("recipe %s, word %s: %w", r.ID, name, err)
		}
		all[name] = word
	}
	return all, nil
}

// SetupLines renders the setup, a statement an element.
func (r *Recipe) SetupLines(vars map[string]string) ([]string, error) {
	s, err := Render(r.Setup, vars)
	if err != nil {
		return nil, fmt.Errorf("recipe %s: %w", r.ID, err)
	}
	return strings.Split(strings.TrimRight(s, "\n"), "\n"), nil
}

// ShareKey tells requests apart that cannot use one token.
func (r *Recipe) ShareKey(vars map[string]string) (string, error) {
	share := r.Share
	if share == "" {
		share = r.Setup
	}
	v := maps.Clone(vars)
	v["token"] = ""
	v, err := r.Fill(v)
	if err != nil {
		return "", err
	}
	s, err := Render(share, v)
	if err != nil {
		return "", fmt.Errorf("recipe %s: %w", r.ID, err)
	}
	return r.Kind + "\x00" + s, nil
}

func loadRecipes() (map[string]*Recipe, error) {
	out := map[string]*Recipe{}
	err := eachYAML(recipeFiles, "recipes", func(name string, dec *yaml.Decoder) error {
		var list []*Recipe
		if err := dec.Decode(&list); err != nil {
			return err
		}
		for _, r := range list {
			if err := r.check(); err != nil {
				return err
			}
			if out[r.ID] != nil {
				return fmt.Errorf("recipe %s stands twice", r.ID)
			}
			out[r.ID] = r
		}
		return nil
	})
	return out, err
}

func (r *Recipe) check() error {
	if r.ID == "" || r.Token == "" || (r.Setup == "") == (r.Helper == "") || r.Summary == "" || r.Source == "" {
		return fmt.Errorf("recipe %q: id, token, summary, source and one of setup and helper are required", r.ID)
	}
	if r.Kind == "" {
		r.Kind = r.ID
	}
	texts := append([]string{r.Setup, r.Helper, r.Share}, slices.Collect(maps.Values(r.Words))...)
	for _, group := range []map[string][]RecipeEdit{r.Shapes, r.Guards, {"": r.Imports}} {
		for _, edits := range group {
			for _, e := range edits {
				n := 0
				for _, a := range []string{e.Before, e.After, e.Replace} {
					if a != "" {
						n++
					}
				}
				if n != 1 {
					return fmt.Errorf("recipe %s: an edit needs exactly one of before, after, replace", r.ID)
				}
				texts = append(texts, e.Text)
			}
		}
	}
	for _, t := range texts {
		if _, err := template.New("").Parse(t); err != nil {
			return fmt.Errorf("recipe %s: %w", r.ID, err)
		}
	}
	return nil
}
