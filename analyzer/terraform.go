package analyzer

import (
	"regexp"
	"strings"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/hcl"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/analyzer/pins"
	"github.com/imdsscan/imdsscan/notebooks/codec"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

// hereStart is the end of a line of Terraform that begins a here-document.
var hereStart = regexp.MustCompile(`<<-?([A-Za-z_]\w*)\s*$`)

// analyzeTerraform finds the scripts in here-documents of Terraform: user data
// of instances. What is filled in is not known, so fixes are shown only.
func analyzeTerraform(u *facts.Unit) *facts.Facts {
	out := &facts.Facts{}
	if pins.Named(u.Text.Bytes()) {
		out.Add(hcl.Pins(u))
	}
	text := u.Text.Sub(u.Text.All())
	comment := false
	for at := 0; at < len(text); {
		end := lineEnd(text, at)
		line := span.Span{Start: at, End: end}
		code := strings.TrimSpace(text[at:end])
		comment = comment || strings.HasPrefix(code, "/*")
		if comment || strings.HasPrefix(code, "#") || strings.HasPrefix(code, "//") {
			if len(imds.Find(u.Text.Bytes()[at:end])) > 0 {
				out.Mentions = append(out.Mentions, facts.Mention{Unit: u, Span: line, Why: "comment"})
			}
			comment = comment && !strings.Contains(code, "*/")
			at = end + 1
			continue
		}
		at = end + 1
		m := hereStart.FindStringSubmatch(code)
		if m == nil {
			continue
		}
		body := span.Span{Start: min(at, len(text)), End: len(text)}
		for at < len(text) {
			end := lineEnd(text, at)
			if strings.TrimSpace(text[at:end]) == m[1] {
				body.End, at = at, end+1
				break
			}
			at = end + 1
		}
		terraformScript(u, body, out)
	}
	return out
}

// lineEnd is where the line at an offset ends.
func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

func terraformScript(u *facts.Unit, body span.Span, out *facts.Facts) {
	asks := len(imds.Find(u.Text.Bytes()[body.Start:body.End])) > 0
	if !asks && !pins.Named(u.Text.Bytes()[body.Start:body.End]) {
		return
	}
	text, err := u.Text.Decode(body, codec.Terraform{})
	if err != nil {
		out.Broken = append(out.Broken, facts.Broken{Unit: u, Span: body, Reason: err.Error()})
		return
	}
	script := &facts.Unit{Language: scriptLanguage(text.Sub(text.All())), Text: text, Cell: u.Cell, Doc: u.Doc, Parent: u,
		Via: "a here-document of Terraform", Written: true, DisplayOnly: "Terraform fills in the text first"}
	if script.Language == "" && !asks {
		return
	}
	if script.Language == "" {
		out.Unexplained = append(out.Unexplained, facts.Unexplained{Unit: u, Span: body, Why: "a here-document that is not seen to be a script"})
		return
	}
	for _, h := range codec.TerraformHoles(u.Text.Bytes(), body) {
		script.Holes = append(script.Holes, imds.Unknown(u.Text.Sub(h)))
	}
	out.Nested = append(out.Nested, script)
}
