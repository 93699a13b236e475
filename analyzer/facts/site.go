package facts

import "github.com/imdsscan/imdsscan/notebooks/span"

// Site tells a fix where text may go around a request and how to write it
// there. The texts themselves are templates in rules/recipes; a Site picks the
// recipe and its variants, gives the anchors the templates insert at, and the
// words they fill in.
type Site struct {
	// Recipe is the recipe's id in rules/recipes, such as "requests" or "curl".
	Recipe string
	// Shape says how the request carries headers now ("none", "dict",
	// "variable", …) and picks the recipe's header edits.
	Shape string
	// Guard says how the request is kept from running without a token at this
	// place ("none", "conditional", "subshell", "test", …) and picks the
	// recipe's guard edits.
	Guard string
	// Anchors are the places of the templates' edits, by name, in the unit's
	// text: "call", "headers", "args", "options".
	Anchors map[string]span.Span
	// Vars are the words the templates fill in: the client's name, a quote
	// character, a timeout to repeat, the token URL.
	Vars map[string]string
	// Places are the statement lists around the request in which its token
	// may be fetched, innermost first, as far as one token serves the moment:
	// the list ends at a function, a loop, a process of its own. Empty when
	// the guard brings the token along.
	Places []Place
	// Near are statement lists around a request without Places in which a
	// token fetched for another request serves it as well; NearGuard is then
	// its guard.
	Near      []Place
	NearGuard string
	// Scope identifies the variable scope that the token's name lives in (a
	// function, a module, a process); names of two scopes never meet. It is
	// comparable, and nil when the unit is one scope.
	Scope any
	// Names are all names in use where the token's name must not collide.
	Names map[string]bool
	// Refuse is the reason why a fix may be shown but never applied; Unsafe
	// the reason why a person must ask for it. Both empty: safe.
	Refuse, Unsafe string
}

// Place is a point between two statements of a statement list.
type Place struct {
	// List identifies the statement list in its unit; a token fetched in a
	// list serves the statements after it in the same list.
	List int
	// At is where a statement may be inserted before the one that holds the
	// request.
	At int
	// Separator ends the inserted statement: a line end and the indent of the
	// statement that follows, or "; ".
	Separator string
}
