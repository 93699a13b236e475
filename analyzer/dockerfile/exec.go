package dockerfile

import (
	"encoding/json"

	"github.com/imdsscan/imdsscan/analyzer/command"
	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/pins"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// list reads the exec form, a JSON array of strings. What is no such array is
// text for the shell, also when it nearly is one.
func (a *analysis) list(args *span.Text, at span.Span) ([]imds.Value, bool) {
	b := args.Bytes()[at.Start:at.End]
	var words []string
	if err := json.Unmarshal(b, &words); err != nil || words == nil {
		return nil, false
	}
	out := make([]imds.Value, 0, len(words))
	for i, s := range stringsOf(b) {
		out = append(out, imds.Lit(words[i], imds.Source{Text: args, Span: s.Shift(at.Start)}))
	}
	return out, true
}

// stringsOf are the insides of the strings of a valid array.
func stringsOf(b []byte) (out []span.Span) {
	start := -1
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && start >= 0:
			i++
		case b[i] != '"':
		case start < 0:
			start = i + 1
		default:
			out = append(out, span.Span{Start: start, End: i})
			start = -1
		}
	}
	return out
}

// exec looks at a command in exec form.
func (a *analysis) exec(name string, args *span.Text, at span.Span, argv []imds.Value) {
	words := make([]command.Word, len(argv))
	for i, v := range argv {
		words[i].Value = v
	}
	a.out.Pins = append(a.out.Pins, pins.Installed(a.within(args), words, at)...)
	for _, inv := range command.Parse(argv) {
		if inv.Nested != nil {
			if inv.Nested.Arg >= 0 {
				a.argument(name, args, argv, inv)
			}
			continue
		}
		a.request(name, args, at, inv)
	}
}

// argument adds the code in ["sh", "-c", "CODE"].
func (a *analysis) argument(name string, args *span.Text, argv []imds.Value, inv command.Invocation) {
	text, err := args.Decode(argv[inv.Nested.Arg][0].Source.Span, codec.JSONString{})
	if err != nil {
		a.out.Broken = append(a.out.Broken, facts.Broken{Unit: a.within(args), Span: argv[inv.Nested.Arg][0].Source.Span, Reason: err.Error()})
		return
	}
	a.out.Nested = append(a.out.Nested, a.unit(inv.Nested.Language, text, "code given to "+inv.Tool+" by "+name+" of a Dockerfile"))
}

// request records a command that asks without a shell, in which no token can
// be fetched first.
func (a *analysis) request(name string, args *span.Text, at span.Span, inv command.Invocation) {
	req := &facts.Request{Unit: a.within(args), Span: at, Client: inv.Tool, Method: inv.Method,
		Token: inv.Token, Why: inv.Why, Misuse: inv.Misuse, Depends: inv.Depends}
	reaches := inv.Depends != ""
	for _, u := range inv.URLs {
		req.URLs = append(req.URLs, u.Value)
		reaches = reaches || imds.Classify(u.Value).Kind != imds.Elsewhere
	}
	if !reaches {
		return
	}
	if inv.Undecidable != "" && req.Token == facts.TokenAbsent {
		req.Token, req.Why = facts.TokenUnknown, inv.Undecidable
	}
	if req.Token == facts.TokenAbsent && req.Misuse == "" && req.Depends == "" {
		req.Site = &facts.Site{Refuse: name + " runs the command without a shell, so nothing can fetch a token first"}
	}
	a.out.Requests = append(a.out.Requests, req)
}
