package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
	"github.com/imdsscan/imdsscan/report/result"
)

// sample is a run with one of everything: a notebook finding with a fix, one
// without in a file with an odd name, occurrences of all classes, a problem
// and an error.
func sample() *result.Run {
	src := "# 日本\n{\"source\": [\"x = get(u)\\n\"]}\n"
	at := strings.Index(src, "get(u)")
	doc := &notebooks.Document{Path: "nb/etl 1.ipynb", Format: notebooks.IPynb, File: span.File([]byte(src))}
	locate := result.NewLocator(doc)
	loc := locate.AtRaw(nil, span.Span{Start: at, End: at + 6})
	loc.Cell = &result.CellPos{Number: 7, ID: "c7", Language: notebooks.Python,
		Start: result.Position{Line: 1, Column: 5}, End: result.Position{Line: 1, Column: 11}}
	loc.Excerpt = []result.Line{{Number: 1, Text: "x = get(u)", Mark: span.Span{Start: 4, End: 10}}}
	other := locate.AtRaw(nil, span.Span{Start: 0, End: 1})
	edits := []span.Edit{{Span: span.Span{Start: at + 5, End: at + 5}, New: ", headers=h"}}
	fixed, err := span.Apply([]byte(src), edits)
	if err != nil {
		panic(err)
	}
	nb := result.File{Path: doc.Path, Format: doc.Format, Language: notebooks.Python, Cells: 9, Compliant: 2,
		Source: []byte(src), Fixed: fixed,
		Findings: []result.Finding{{Location: loc, Rule: "IMDS001", Level: result.Error,
			Message: "request to the metadata service without a session token",
			Notes:   []string{"goes to http://169.254.169.254/latest/meta-data/x"},
			Related: []result.Related{{Location: other, Message: "the address [here](http://x)"}},
			Context: result.Context{Before: []string{"u = 1"}, After: []string{""}},
			Fix:     &result.Fix{Applicability: result.Safe, Summary: "fetch a token", Edits: edits},
			Fixed:   true}},
		Changes: []result.Change{{Cell: 7, Language: notebooks.Python, BeforeLine: 1, AfterLine: 1,
			Before: "x = get(u)\n", After: "x = get(u, headers=h)\n"}},
		Unverified: []string{"another fix broke the syntax"},
		Problems:   []result.Problem{{Location: other, Reason: "cell 2 is not text"}},
	}
	for _, c := range result.Classes {
		nb.Occurrences = append(nb.Occurrences, result.Occurrence{Location: loc, Class: c, Why: "a reason"})
	}
	nb.SetFingerprints()
	odd := []byte("curl $X\n")
	oddDoc := &notebooks.Document{File: span.File(odd)}
	sh := result.File{Path: "a:b,%.sh", Format: notebooks.Plain, Language: notebooks.Shell, Source: odd,
		Findings: []result.Finding{{Location: result.NewLocator(oddDoc).AtRaw(nil, span.Span{Start: 0, End: 7}),
			Rule: "IMDS005", Level: result.Warning, Message: "request that may lack a token",
			Notes: []string{"::set-env name=A::\r\n%0A"},
			Fix:   &result.Fix{Applicability: result.Display, Reason: "the URL is not known", Summary: "add a token", Example: "- curl $X\n+ curl -H T $X\n"}}}}
	sh.SetFingerprints()
	run := &result.Run{Tool: result.Tool{Name: "imdsscan", Version: "1.2.3", URI: "https://github.com/imdsscan/imdsscan"},
		Files: []result.File{nb, sh}, Errors: []result.FileError{{Path: "gone.py", Reason: "no such file"}},
		Skipped: []result.FileError{{Path: "link", Reason: "a symbolic link that leads out of the target"}}}
	run.Counts.Files, run.Counts.Cells, run.Counts.Bytes = 1412, 9, 100
	run.Tally()
	return run
}

func render(t *testing.T, f func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	got := render(t, func(b *bytes.Buffer) error { return Text(b, sample(), Options{}) })
	want := `a:b,%.sh:1:1 warning IMDS005 request that may lack a token
  1 | curl $X
    | ^^^^^^^
  = ::set-env name=A::\x0d\x0a%0A
  = fix to make by hand: add a token (the URL is not known)
    - curl $X
    + curl -H T $X
nb/etl 1.ipynb:2:18 [cell 7:1:5] error IMDS001 request to the metadata service without a session token
  1 | x = get(u)
    |     ^^^^^^
  = goes to http://169.254.169.254/latest/meta-data/x
  = nb/etl 1.ipynb:1:1: the address [here](http://x)
  = safe fix: fetch a token   [--diff shows it, --fix applies it]
nb/etl 1.ipynb:1:1 not read: cell 2 is not text
nb/etl 1.ipynb: fix left out: another fix broke the syntax
nb/etl 1.ipynb:2:18 [cell 7:1:5] unexplained: a reason
  1 | x = get(u)
gone.py: failed: no such file
1,412 files, 9 cells analysed. 1 request without a token, 1 request that may lack a token: 1 safe fix, 1 to review. ` +
		`2 requests are IMDSv2 already, 1 mention, 1 endpoint of another cloud, 1 suppressed, 1 unexplained. 2 places could not be read. 1 place skipped.
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTextAfterFix(t *testing.T) {
	got := render(t, func(b *bytes.Buffer) error { return Text(b, sample(), Options{Applied: true, Quiet: true}) })
	if !strings.Contains(got, "nb/etl 1.ipynb:2:18 [cell 7:1:5] fixed IMDS001") || strings.Contains(got, "--fix applies it") {
		t.Error(got)
	}
}

func TestFindingWithoutFix(t *testing.T) {
	run := sample()
	run.Files[0].Findings[0].Fix = &result.Fix{Applicability: result.Display, Reason: "a script decides"}
	got := render(t, func(b *bytes.Buffer) error { return Text(b, run, Options{}) })
	if !strings.Contains(got, "  = no fix: a script decides\n") {
		t.Error(got)
	}
}

func TestVerboseListsWhatIsUnderstood(t *testing.T) {
	quiet := render(t, func(b *bytes.Buffer) error { return Text(b, sample(), Options{Quiet: true}) })
	loud := render(t, func(b *bytes.Buffer) error { return Text(b, sample(), Options{Quiet: true, Verbose: true}) })
	for _, word := range []string{" mention: a reason", " compliant: ", " another cloud's endpoint: ", " suppressed: ", "link: skipped: "} {
		if strings.Contains(quiet, word) || !strings.Contains(loud, word) {
			t.Errorf("%q should be listed only when asked for", word)
		}
	}
}

func TestColorIsOptional(t *testing.T) {
	for _, on := range []bool{false, true} {
		got := render(t, func(b *bytes.Buffer) error { return Text(b, sample(), Options{Color: on}) })
		if strings.Contains(got, "\x1b[") != on {
			t.Errorf("colour %v: %q", on, got)
		}
	}
}

func TestExcerptLine(t *testing.T) {
	line := func(before, mark, after string) result.Line {
		return result.Line{Number: 1, Text: before + mark + after,
			Mark: span.Span{Start: len(before), End: len(before) + len(mark)}}
	}
	for _, c := range []struct {
		name         string
		line         result.Line
		code, carets string
	}{
		{"wide characters", line("日本 ", "見る", "!"), "日本 見る!", "     ^^^^ "},
		{"combining accent", line("e\u0301 ", "x", ""), "e\u0301 x", "  ^"},
		{"tab", line("\ta\t", "b", ""), "    a   b", "        ^"},
		{"control characters", line("\x1b[31m", "x", "\x00"), `\x1b[31mx\x00`, `        ^    `},
		{"bidirectional override", line("\u202e", "x", ""), `\u{202e}x`, `        ^`},
		{"invalid UTF-8", line("\xff", "x", ""), `\xffx`, `    ^`},
		{"indentation of a later line", line("", "   y", ""), "   y", "   ^"},
		{"cut by the locator", result.Line{Text: "abc", Mark: span.Span{Start: 1, End: 2}, Before: true, After: true}, "…abc…", "  ^ "},
	} {
		code, carets := excerptLine(c.line)
		if code != c.code || strings.TrimRight(carets, " ") != strings.TrimRight(c.carets, " ") {
			t.Errorf("%s:\n%q\n%q\nwant\n%q\n%q", c.name, code, carets, c.code, c.carets)
		}
	}
}

func TestLongLineShowsItsMark(t *testing.T) {
	before, after := strings.Repeat("a", 300), strings.Repeat("b", 100)
	code, carets := excerptLine(result.Line{Text: before + "HERE" + after, Mark: span.Span{Start: 300, End: 304}})
	at := strings.Index(carets, "^^^^")
	if at < 0 || string([]rune(code)[at:at+4]) != "HERE" {
		t.Errorf("%q\n%q", code, carets)
	}
	if n := len([]rune(code)); n > excerptColumns+2 {
		t.Errorf("%d columns", n)
	}
}

func TestManyLinesAreCut(t *testing.T) {
	run := sample()
	fd := &run.Files[0].Findings[0]
	fd.Excerpt = nil
	for i := range 20 {
		fd.Excerpt = append(fd.Excerpt, result.Line{Number: i + 1, Text: "xyz", Mark: span.Span{End: 3}})
	}
	got := render(t, func(b *bytes.Buffer) error { return Text(b, run, Options{}) })
	if strings.Count(got, "| xyz\n") != excerptLines || !strings.Contains(got, "| … 14 more lines") {
		t.Error(got)
	}
}

func TestGitHub(t *testing.T) {
	got := render(t, func(b *bytes.Buffer) error { return GitHub(b, sample(), Options{}) })
	want := `::warning file=a%3Ab%2C%25.sh,line=1,endLine=1,col=1,endColumn=8,title=IMDS005::request that may lack a token%0A::set-env name=A::%0D%0A%250A%0Adisplay fix: add a token
::error file=nb/etl 1.ipynb,line=2,endLine=2,col=18,endColumn=24,title=IMDS001::request to the metadata service without a session token%0Agoes to http://169.254.169.254/latest/meta-data/x%0Asafe fix: fetch a token%0Acell 7, line 1
::notice file=nb/etl 1.ipynb,line=2,endLine=2,col=18,endColumn=24,title=unexplained endpoint::the metadata endpoint is written here and its use is not understood%0Acell 7, line 1
::error file=nb/etl 1.ipynb,line=1,endLine=1,col=1,endColumn=2,title=not read::cell 2 is not text
::error file=gone.py,title=not read::no such file
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got = render(t, func(b *bytes.Buffer) error { return GitHub(b, sample(), Options{Applied: true}) })
	if strings.Contains(got, "IMDS001") || !strings.Contains(got, "IMDS005") {
		t.Errorf("after --fix only what is left is annotated:\n%s", got)
	}
}

func TestMarkdown(t *testing.T) {
	run := sample()
	run.Files[0].Findings[0].Message = "`x` | <b>@ana</b> http://evil [a](b)\u202e"
	run.Files[0].Path = "a|b``c.sh"
	got := render(t, func(b *bytes.Buffer) error {
		return Markdown(b, run, Options{Rules: []Rule{{ID: "IMDS001", Title: "no token"}}})
	})
	want := "## IMDSv2 readiness\n\n" +
		"1,412 files, 9 cells analysed. 1 request without a token, 1 request that may lack a token&#58; 1 safe fix, 1 to review. " +
		"2 requests are IMDSv2 already, 1 mention, 1 endpoint of another cloud, 1 suppressed, 1 unexplained. 2 places could not be read. 1 place skipped.\n\n" +
		"| rule | | findings |\n|---|---|--:|\n| IMDS001 | no token | 1 |\n| IMDS005 |  | 1 |\n\n" +
		"| place | finding | fix |\n|---|---|---|\n" +
		"| ``` a\\|b``c.sh:1 ``` | warning IMDS005: &#96;x&#96; &#124; &#60;b&#62;&#64;ana&#60;/b&#62; http&#58;//evil &#91;a&#93;(b)&#92;u&#123;202e&#125; | display |\n" +
		"| `nb/etl 1.ipynb, cell 7, line 1` | error IMDS001: request to the metadata service without a session token | safe |\n\n" +
		"| not analysed | |\n|---|---|\n| `gone.py` | not read&#58; no such file |\n| `nb/etl 1.ipynb:1` | not read&#58; cell 2 is not text |\n" +
		"| `nb/etl 1.ipynb, cell 7, line 1` | unexplained&#58; a reason |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFormatNames(t *testing.T) {
	for _, f := range Formats {
		if got, err := Find(f.Name, Formats); err != nil || got.Name != f.Name {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	if _, err := Find("xml", Formats); err == nil || !strings.Contains(err.Error(), "sarif") {
		t.Errorf("an unknown format gives %v", err)
	}
}
