package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// ErrInvalid is of a file that is no plan, or not as it was written. ErrOther is
// of a plan that is for something else than what is at hand.
var (
	ErrInvalid = errors.New("not a plan that can be applied")
	ErrOther   = errors.New("the plan is refused")
)

// Load reads a plan, and takes it only exactly as Save wrote it.
func Load(file string) (*Plan, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", file, ErrInvalid, err)
	}
	return p, nil
}

func decode(b []byte) (*Plan, error) {
	var head struct {
		Kind    string `json:"kind"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, fmt.Errorf("it is not JSON, or not whole: %w", err)
	}
	switch {
	case head.Kind != kind:
		return nil, errors.New("it is some other JSON file")
	case head.Version != Version:
		return nil, fmt.Errorf("its format has version %d, and this imdsscan knows version %d", head.Version, Version)
	}
	p := &Plan{}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return nil, err
	}
	digest, err := p.digest()
	if err != nil {
		return nil, err
	}
	again, err := p.Encode()
	if err != nil {
		return nil, err
	}
	if digest != p.Digest || !bytes.Equal(again, b) {
		return nil, errors.New("it was changed after it was written; make it anew with imdsscan plan")
	}
	return p, p.check()
}

var sha = regexp.MustCompile(`^[0-9a-f]{64}$`)

// check makes sure of all that apply relies on.
func (p *Plan) check() error {
	names := map[string]bool{}
	for i := range p.Objects {
		o := &p.Objects[i]
		if names[o.Name] || i > 0 && less(&p.Objects[i-1], o) >= 0 {
			return fmt.Errorf("%s is there twice, or out of order", o.Name)
		}
		names[o.Name] = true
		if err := o.check(); err != nil {
			return fmt.Errorf("%s: %w", o.Name, err)
		}
	}
	return nil
}

func (o *Object) check() error {
	place, ok := strings.CutPrefix(o.Name, "workspace:")
	inTree := o.Type == "NOTEBOOK" || o.Type == "FILE"
	switch {
	case !inTree && !slices.Contains([]string{TypeGlobal, TypeVolume, TypeDBFS, TypeCluster, TypePolicy}, o.Type):
		return fmt.Errorf("objects of type %q are not written", o.Type)
	case inTree && (!ok || !strings.HasPrefix(place, "/") || path.Clean(place) != place || place == "/"):
		return errors.New("no path of an object")
	case o.ID == "":
		return errors.New("it has no id")
	case o.Type == "NOTEBOOK" && o.Format != "SOURCE" && o.Format != "JUPYTER":
		return fmt.Errorf("notebooks are not stored as %q", o.Format)
	case o.Type == "NOTEBOOK" && o.Language == "":
		return errors.New("a notebook without a language")
	case o.Restart && o.Type != TypeCluster:
		return fmt.Errorf("%s objects do not restart", o.Type)
	case o.Type != "NOTEBOOK" && o.Format != "":
		return fmt.Errorf("%s objects have no format", o.Type)
	case !sha.MatchString(o.Before) || !sha.MatchString(o.After):
		return errors.New("a hash is missing")
	case o.Before == o.After || o.Diff == "":
		return errors.New("nothing would change")
	}
	_, err := o.NewContent()
	return err
}

// Fits reports, in words, why the plan is not for what is at hand.
func (p *Plan) Fits(now For) error {
	refuse := func(what, planned, at string) error {
		return fmt.Errorf("%w: it was made for %s %s, and this is %s; make a new one with imdsscan plan", ErrOther, what, planned, at)
	}
	switch {
	case p.For.Host != now.Host:
		return refuse("the workspace", p.For.Host, now.Host)
	case p.For.User != now.User:
		return refuse("the user", p.For.User, now.User)
	case p.For.Tool != now.Tool:
		return refuse("imdsscan", p.For.Tool, now.Tool)
	case p.For.Rules != now.Rules:
		return refuse("the rules", p.For.Rules, now.Rules)
	}
	return nil
}
