package format

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

const htmlNotebook = `{"version":"NotebookV1","language":"scala","commands":[` +
	`{"guid":"b","position":2.0,"command":"%sh\n# \u65e5\u672c\ncurl -s \"http://x\"","results":{"data":"100% done"}},` +
	`{"guid":"a","position":1.0,"command":"val x = \"é 50%\"","commandTitle":"First"},{"position":3.0,"command":7}]}`

// htmlExport packs a notebook as Databricks does.
func htmlExport(model string) string {
	packed := base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(url.QueryEscape(model), "+", "%20")))
	return "<html>\n<script>window." + HTMLModel + " = '" + packed + "';</script>\n<body>curl</body></html>\n"
}

func TestHTMLExport(t *testing.T) {
	plain := "<script>var " + HTMLModel + "='" + base64.StdEncoding.EncodeToString([]byte(htmlNotebook)) + "'</script>"
	// Whatever stands before moves the commands to each place in a group.
	for _, src := range []string{htmlExport(htmlNotebook), plain, htmlExport(" " + htmlNotebook), htmlExport("  " + htmlNotebook)} {
		d, err := Open("a.html", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		checkDocument(t, d)
		want := "1 scala \"\" \"First\" \"val x = \\\"é 50%\\\"\"\n2 shell \"%sh\" \"\" \"# 日本\\ncurl -s \\\"http://x\\\"\"\n"
		if got := codes(d); got != want || d.Format != notebooks.HTML || d.ReadOnly == "" {
			t.Errorf("%s %q\n%s", d.Format, d.ReadOnly, got)
		}
		if len(d.Problems) != 1 || !strings.Contains(d.Problems[0].Reason, "no readable text") {
			t.Errorf("problems %+v", d.Problems)
		}
		// The place of a word is that of the groups that hold it.
		code := d.Cells[1].Code
		at := strings.Index(string(code.Bytes()), "curl")
		raw := code.Raw(span.Span{Start: at, End: at + 4})
		got, err := base64.StdEncoding.DecodeString(src[raw.Start:raw.End])
		if err != nil || !strings.Contains(string(got), "curl") || len(got) > 9 {
			t.Errorf("curl stands at %q, %v", got, err)
		}
	}
}

// Old exports have the notebook as it is.
func TestHTMLExportInClear(t *testing.T) {
	src := "<script>var " + HTMLModel + " = " + htmlNotebook + ";</script>\n<body>{}</body>\n"
	d, err := Open("a.html", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	checkDocument(t, d)
	if len(d.Cells) != 2 || d.Format != notebooks.HTML || d.ReadOnly == "" || len(d.Problems) != 1 {
		t.Errorf("%+v", d)
	}
}

func TestHTMLThatIsNoExport(t *testing.T) {
	for _, src := range []string{"<html>text</html>", "<p>" + HTMLModel + " is a name</p>", HTMLModel + " = 5", HTMLModel + " = 'never closed"} {
		d, err := Open("a.html", []byte(src))
		if err != nil || d.Format != notebooks.Plain || d.Language != notebooks.Text {
			t.Errorf("%q: %v", src, err)
		}
	}
	for _, model := range []string{"@@@", "", "YW\nJj", base64.StdEncoding.EncodeToString([]byte("%7")),
		base64.StdEncoding.EncodeToString([]byte("%zz")), base64.StdEncoding.EncodeToString([]byte("%7B%22commands%22%3A%5B")),
		base64.StdEncoding.EncodeToString([]byte("[]"))} {
		_, err := Open("a.html", []byte("<script>"+HTMLModel+" = '"+model+"'</script>"))
		var syn *SyntaxError
		if !errors.As(err, &syn) || syn.Column != len("<script>"+HTMLModel+" = '")+1 {
			t.Errorf("%q: %v", model, err)
		}
	}
}
