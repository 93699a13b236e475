package codec

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// JavaFormat is a template of java.util.Formatter: String.format, Scala's
// "…".format(…).
type JavaFormat struct{}

// Name is the layer's name in messages.
func (JavaFormat) Name() string { return "format string" }

// Decode makes fields, %% and %n atoms.
func (JavaFormat) Decode(outer []byte, rng span.Span) ([]byte, []span.Atom, error) {
	d := newBuilder(outer, rng)
	if _, err := readJavaFormat(d, rng); err != nil {
		return nil, nil, err
	}
	return d.done()
}

// Encode doubles percent signs.
func (JavaFormat) Encode(_ *span.Text, _ span.Span, text string) (string, error) {
	return strings.ReplaceAll(text, "%", "%%"), nil
}

// JavaFormatHoles are the fields of a format string; HoleName(i) stands for
// the i-th. Index counts the arguments from 0.
func JavaFormatHoles(template []byte) []TemplateHole {
	all := span.Span{Start: 0, End: len(template)}
	holes, err := readJavaFormat(newBuilder(template, all), all)
	if err != nil {
		return nil
	}
	return holes
}

func readJavaFormat(d *builder, rng span.Span) (holes []TemplateHole, err error) {
	src, index, last := d.outer[:rng.End], 0, -1
	for {
		i := bytes.IndexByte(src[d.at:], '%')
		if i < 0 {
			d.verbatim(rng.End)
			return holes, nil
		}
		at := d.at + i
		d.verbatim(at)
		i = at + 1
		for i < len(src) && strings.IndexByte("-#+ 0,(<.123456789$", src[i]) >= 0 {
			i++
		}
		options := string(src[at+1 : i])
		conversions := "bBhHsScCdoxXeEfgGaAn%"
		if i < len(src) && (src[i] == 't' || src[i] == 'T') {
			conversions = "HIklMSLNpzZsQBbhAaCYyjmdeRTrDFc"
			i++
		}
		if i >= len(src) || strings.IndexByte(conversions, src[i]) < 0 {
			return nil, undecodable(at, "unreadable field in a format string")
		}
		end := i + 1
		if options == "" && (src[i] == '%' || src[i] == 'n') {
			d.escaped(map[byte]string{'%': "%", 'n': "\n"}[src[i]], end)
			continue
		}
		h := TemplateHole{Span: span.Span{Start: at, End: end}, Plain: src[i] == 's' && i == at+1+len(options)}
		n, rest, given := strings.Cut(options, "$")
		switch {
		case given:
			if h.Index, err = strconv.Atoi(n); err != nil || h.Index < 1 {
				return nil, undecodable(at, "unreadable field in a format string")
			}
			h.Index--
			h.Plain = h.Plain && rest == ""
		case strings.Contains(options, "<"):
			h.Index = last
			h.Plain = h.Plain && options == "<"
		default:
			h.Index = index
			index++
			h.Plain = h.Plain && options == ""
		}
		last = h.Index
		d.opaque(HoleName(len(holes)), end)
		holes = append(holes, h)
	}
}
