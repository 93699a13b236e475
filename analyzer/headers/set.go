// Package headers decides from the headers that a request may carry whether it
// sends a session token, and what is wrong with the token or with the request
// for one. It knows no language: how the sets are gathered, what an expression
// may stand for and where it is written is the language package's, and so is
// V, its reference to a header's value, which is only handed through.
package headers

import (
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// Set is one possibility of what headers a request carries.
type Set[V any] struct {
	Fields []Field[V]
	// Open says why there may be other headers, empty when there are none.
	Open string
	// When says under what condition this is the set, empty when always.
	When string
}

// Field is one header.
type Field[V any] struct {
	Name  string
	Value V
}

// With is the set with a header in place of those of its name.
func (s Set[V]) With(f Field[V]) Set[V] {
	s = s.Without(f.Name)
	s.Fields = append(s.Fields, f)
	return s
}

// Without is the set without the headers of a name.
func (s Set[V]) Without(name string) Set[V] {
	old := s.Fields
	s.Fields = nil // the old array may belong to other sets too
	for _, f := range old {
		if !strings.EqualFold(f.Name, name) {
			s.Fields = append(s.Fields, f)
		}
	}
	return s
}

// Merge is the set after another is laid over it.
func (s Set[V]) Merge(o Set[V]) Set[V] {
	for _, f := range o.Fields {
		s = s.With(f)
	}
	if s.Open == "" {
		s.Open = o.Open
	}
	if s.When == "" {
		s.When = o.When
	}
	return s
}

// Token is the header that carries the token.
func (s Set[V]) Token() (Field[V], bool) {
	for _, f := range s.Fields {
		if imds.IsTokenHeader(f.Name) {
			return f, true
		}
	}
	return Field[V]{}, false
}

// Combine joins each of the one with each of the other, up to a limit.
func Combine[S any](left, right []S, limit int, join func(l, r S) S) []S {
	var out []S
	for _, l := range left {
		for _, r := range right {
			if len(out) < limit {
				out = append(out, join(l, r))
			}
		}
	}
	return out
}
