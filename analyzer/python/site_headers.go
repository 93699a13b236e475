package python

import "github.com/imdsscan/imdsscan/notebooks/span"

// headerShape picks the edits that add the token header to the arguments in
// list: an entry of the dict that is there, a merge with the variable that is
// given, or a new argument. It reports false when none of them is right.
func (b *siteBuilder) headerShape(list node) bool {
	headers := b.f.headers
	s := b.site
	if !headers.OK() || headers.Parent() != list && !(headers.Parent().Is("keyword_argument") && headers.Parent().Parent() == list) {
		last := lastElement(list)
		if !last.OK() {
			return false
		}
		if list.Child("dictionary_splat").OK() && !b.spreadHasNoHeaders(list) {
			return b.spreadShape(list)
		}
		s.Shape = "none"
		s.Anchors["arguments"], s.Vars["comma"] = behind(last)
		if last.Is("dictionary_splat") && b.old {
			s.Anchors["arguments"] = span.Span{Start: last.Start(), End: last.Start()}
			s.Shape = "splat"
		}
		return true
	}
	if headers.Is("parenthesized_expression") && len(headers.Named()) == 1 {
		headers = headers.Named()[0]
	}
	switch headers.Kind() {
	case "dictionary":
		s.Shape = "dict"
		if last := lastElement(headers); last.OK() {
			s.Anchors["entries"], s.Vars["comma"] = behind(last)
			return true
		}
		s.Vars["comma"] = ""
		s.Anchors["entries"] = span.Span{Start: headers.Start() + 1, End: headers.Start() + 1}
		return true
	case "none":
		s.Shape = "replace"
		s.Anchors["headers"] = headers.Span()
		return true
	}
	maybeNone := false
	defs, complete := b.m.defs(headers)
	if !complete {
		return false
	}
	for _, d := range defs {
		switch {
		case d.Is("none"):
			maybeNone = true
		case d.Is("dictionary", "dictionary_comprehension"):
		case d.Is("call") && d.Field("function").Text() == "dict":
		default:
			return false
		}
	}
	s.Anchors["headers"] = headers.Span()
	s.Vars["open"], s.Vars["end"] = "", ""
	if !headers.Is("identifier", "attribute", "call", "subscript", "parenthesized_expression") {
		s.Vars["open"], s.Vars["end"] = "(", ")"
	}
	if maybeNone {
		s.Vars["open"], s.Vars["end"] = "("+s.Vars["open"], s.Vars["end"]+" or {})"
	}
	s.Shape = "variable"
	if b.old {
		s.Shape = "variable2"
	}
	return true
}

// spreadShape merges the token header into a dict that is spread into the
// arguments and may hold headers.
func (b *siteBuilder) spreadShape(list node) bool {
	var spread node
	for c := list.First(); c.OK(); c = c.Next() {
		if c.Is("dictionary_splat") {
			if spread.OK() {
				return false
			}
			spread = c.First().Next()
		}
	}
	if !spread.Is("identifier", "attribute") {
		return false
	}
	b.site.Shape = "spread"
	if b.old {
		b.site.Shape = "spread2"
	}
	b.site.Anchors["spread"] = spread.Span()
	b.site.Vars["spread"] = spread.Text()
	return true
}

// spreadHasNoHeaders reports whether the dicts spread into the arguments are
// known and none gives headers.
func (b *siteBuilder) spreadHasNoHeaders(list node) bool {
	for c := list.First(); c.OK(); c = c.Next() {
		if !c.Is("dictionary_splat") {
			continue
		}
		spread := c.First().Next()
		defs, complete := b.m.defs(spread)
		if !complete || spread.Is("attribute") || len(b.m.changesOf(spread)) > 0 {
			return false
		}
		for _, d := range defs {
			if !d.Is("dictionary") {
				return false
			}
			for _, pair := range d.Named() {
				if !pair.Is("pair", "comment") || pair.Is("pair") && stringText(pair.Field("key")) == "headers" {
					return false
				}
			}
		}
	}
	return true
}
