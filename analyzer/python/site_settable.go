package python

import "strings"

// urlPiece is a part of a URL expression: text, or an expression with the
// source it is written by.
type urlPiece struct {
	text string
	expr node
	raw  string // in an f-string, with its braces
}

// urlStart is how a URL expression begins, up to the end of the host.
type urlStart struct {
	pieces []urlPiece
	form   string // "f", "+" or "format", empty for an expression as it is
	node   node   // of the f-string
	// whole is true when the pieces end with the host, not somewhere in the
	// text of an expression.
	whole bool
}

// tokenURLElsewhere is the token's URL for a call whose host may be set from
// outside of the file, so that the literal one may be another; the token is
// asked where the call goes.
func (b *siteBuilder) tokenURLElsewhere() (string, bool) {
	start, ok := b.urlStart(b.f.url)
	if !ok {
		return "", false
	}
	why := ""
	for _, p := range start.pieces {
		if p.expr.OK() && why == "" {
			why = b.setOutside(p.expr, map[node]bool{})
		}
	}
	if why == "" {
		return "", false
	}
	text, ok := b.cutURL(start)
	if join, found := b.joiner(); !ok && found {
		// An expression that holds the host and more of the URL.
		url := b.f.url
		if len(start.pieces) == 1 {
			url = start.pieces[0].expr
		}
		text, ok = join+"("+oneLine(url)+", "+b.quote+"/latest/api/token"+b.quote+")", simple(url)
	}
	if ok {
		b.elsewhere = text
		return text, true
	}
	b.site.Unsafe = "the address may be set by " + why + ", and the token would be asked for at the one written here"
	return "", false
}

// joiner is the name of urljoin that is at hand without an import.
func (b *siteBuilder) joiner() (string, bool) {
	for _, q := range []string{"urllib.parse.urljoin", "urlparse.urljoin", "six.moves.urllib.parse.urljoin"} {
		if name := b.m.importedName(b.f.call, q); name != "" {
			return name, true
		}
	}
	if f := b.f.call.Field("function"); !b.f.receiver.OK() && f.Is("attribute") && strings.HasPrefix(b.f.client.Name, "requests.") {
		return f.Field("object").Text() + ".compat.urljoin", true
	}
	if name := b.m.importedName(b.f.call, "requests.get"); strings.HasSuffix(name, ".get") {
		return strings.TrimSuffix(name, "get") + "compat.urljoin", true
	}
	if name := b.m.importedName(b.f.call, "urllib.request.urlopen"); strings.HasSuffix(name, "urllib.request.urlopen") {
		return strings.TrimSuffix(name, "request.urlopen") + "parse.urljoin", true
	}
	return "", false
}

// urlStart takes a URL expression apart until its host ends.
func (b *siteBuilder) urlStart(url node) (s urlStart, ok bool) {
	pieces, form, at := b.pieces(url)
	s.form, s.node = form, at
	sofar := ""
	for _, p := range pieces {
		text := p.text
		if text == "" && !p.expr.OK() {
			continue
		}
		if p.expr.OK() {
			text = ""
			for _, v := range b.m.eval(p.expr) {
				if known, is := v.Known(); is {
					text = known
					break
				}
				if prefix, _ := v.Prefix(); prefix != "" && text == "" {
					text = prefix
				}
			}
		}
		before := len(sofar)
		sofar += text
		_, authority, found := strings.Cut(sofar, "://")
		end := strings.IndexByte(authority, '/')
		if !found || end < 0 {
			s.pieces = append(s.pieces, p)
			continue
		}
		if p.expr.OK() {
			s.pieces = append(s.pieces, p)
			return s, true
		}
		if end += len(sofar) - len(authority) - before; end > 0 {
			s.pieces = append(s.pieces, urlPiece{text: p.text[:end]})
		}
		s.whole = true
		return s, true
	}
	s.whole = len(s.pieces) > 1
	return s, strings.Contains(sofar, "://")
}

// pieces takes an expression that makes a text apart.
func (b *siteBuilder) pieces(n node) (out []urlPiece, form string, at node) {
	switch n.Kind() {
	case "parenthesized_expression":
		if c := n.Named(); len(c) == 1 {
			return b.pieces(c[0])
		}
	case "string":
		if text := stringText(n); !strings.ContainsAny(text, `\{}`) {
			return []urlPiece{{text: text}}, "", n
		}
		for c := n.First(); c.OK(); c = c.Next() {
			switch {
			case c.Is("interpolation"):
				out = append(out, urlPiece{expr: c.Field("expression"), raw: c.Text()})
			case c.Is("string_content"):
				out = append(out, urlPiece{text: c.Text()})
			case !c.Is("string_start", "string_end"):
				return []urlPiece{{expr: n}}, "", n
			}
		}
		return out, "f", n
	case "binary_operator":
		left, right := n.Field("left"), n.Field("right")
		switch n.Field("operator").Text() {
		case "+":
			l, lform, _ := b.pieces(left)
			r, rform, _ := b.pieces(right)
			if lform != "" && lform != "+" {
				return l, lform, left // its text begins the URL
			}
			if rform != "" && rform != "+" {
				r = []urlPiece{{expr: right}}
			}
			return append(l, r...), "+", n
		case "%":
			if args := sequence(right); left.Is("string") {
				if args == nil {
					args = []node{right}
				}
				return percentPieces(stringText(left), args), "format", n
			}
		}
	case "call":
		f := n.Field("function")
		if f.Is("attribute") && f.Field("attribute").Text() == "format" && f.Field("object").Is("string") {
			return formatPieces(stringText(f.Field("object")), b.m.args(n)), "format", n
		}
	}
	return []urlPiece{{expr: n}}, "", n
}

// percentPieces fills %s and %d of a format; others end the text.
func percentPieces(format string, args []node) (out []urlPiece) {
	for len(args) > 0 {
		before, after, found := strings.Cut(format, "%")
		if out = append(out, urlPiece{text: before}); !found || after == "" || after[0] != 's' && after[0] != 'd' {
			return out
		}
		out = append(out, urlPiece{expr: args[0]})
		format, args = after[1:], args[1:]
	}
	return append(out, urlPiece{text: format})
}

// formatPieces fills {}, {0} and {name} of a format; others end the text.
func formatPieces(format string, args arguments) (out []urlPiece) {
	next := 0
	for {
		before, name, after, found, escape := cutBrace(format)
		if !found {
			return append(out, urlPiece{text: format})
		}
		if out = append(out, urlPiece{text: before}); escape {
			return out
		}
		value := args.key[name]
		switch {
		case name == "" && next < len(args.pos):
			value = args.pos[next]
			next++
		case len(name) == 1 && name[0] >= '0' && name[0] <= '9' && int(name[0]-'0') < len(args.pos):
			value = args.pos[name[0]-'0']
		}
		if !value.OK() {
			return out
		}
		out = append(out, urlPiece{expr: value})
		format = after
	}
}

// cutURL writes the start of a URL again, with the token's path.
func (b *siteBuilder) cutURL(s urlStart) (string, bool) {
	if !s.whole || s.form == "" {
		return "", false
	}
	const path = "/latest/api/token"
	var text, raw strings.Builder
	var args, sum []string
	for _, p := range s.pieces {
		if !p.expr.OK() {
			text.WriteString(p.text)
			raw.WriteString(p.text)
			sum = append(sum, b.quote+p.text+b.quote)
			continue
		}
		if !simple(p.expr) {
			return "", false
		}
		text.WriteString("{}")
		raw.WriteString(p.raw)
		args = append(args, oneLine(p.expr))
		sum = append(sum, oneLine(p.expr))
	}
	switch s.form {
	case "f":
		open, end := s.node.Child("string_start"), s.node.Child("string_end")
		if len(end.Text()) != 1 {
			return "", false
		}
		return open.Text() + raw.String() + path + end.Text(), true
	case "+":
		return strings.Join(sum, " + ") + " + " + b.quote + path + b.quote, true
	}
	return b.quote + text.String() + path + b.quote + ".format(" + strings.Join(args, ", ") + ")", true
}

// maxOrigins bounds how many expressions are looked at for what sets a host.
const maxOrigins = 64

// setOutside says what outside of the file may set the text of an expression:
// a variable of the environment, an argument of a function that other files
// may call. It is empty when nothing does.
func (b *siteBuilder) setOutside(n node, seen map[node]bool) string {
	if seen[n] || len(seen) > maxOrigins {
		return ""
	}
	seen[n] = true
	t := n.Tree()
	for i := n.Index(); i < n.After(); i++ {
		c := t.At(i)
		if c.Is("call") {
			if name := b.m.callee(c); name == "os.environ.get" || name == "os.getenv" {
				return "the environment"
			}
			if b.m.isWidget(c) {
				return "an argument of the notebook"
			}
		}
		if !c.Is("identifier", "attribute") || c.Parent().Is("attribute") && c.FieldName() != "object" {
			continue
		}
		defs, _ := b.m.defs(c)
		for _, d := range defs {
			if !d.OK() {
				continue
			}
			p := d.Parent()
			if p.Is("default_parameter", "typed_default_parameter") {
				if fn := p.Up("function_definition"); b.openFunction(fn) {
					return "callers of " + fn.Field("name").Text()
				}
				continue
			}
			if p.Is("boolean_operator") && p.Field("right") == d {
				d = p
			}
			if why := b.setOutside(d, seen); why != "" {
				return why
			}
		}
	}
	return ""
}

// openFunction reports whether other files may call a function.
func (b *siteBuilder) openFunction(fn node) bool {
	if !fn.OK() || isProgram(fn.Tree().Root()) {
		return false
	}
	if name := fn.Field("name").Text(); strings.HasPrefix(name, "_") && name != "__init__" {
		return false
	}
	return !fn.Parent().Up("function_definition").OK()
}
