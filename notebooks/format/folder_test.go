package format

import (
	"strings"
	"testing"
)

func TestCopies(t *testing.T) {
	const folder = `{"version":"FolderV1","name":"top","children":[` +
		`{"version":"NotebookV1","name":"a","language":"python","commands":[{"command":"x = 1"}]}, ` +
		`{"version":"FolderV1","name":"sub","children":[{"version":"NotebookV1","name":"b c","language":"r","commands":[]}]},` +
		`{"version":"LibraryV1","name":"lib"}, null, "text"],"guid":null}`
	copies, err := Copies([]byte(folder))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, c := range copies {
		got += c.Name + " " + folder[c.At.Start:c.At.End] + "\n"
	}
	want := "a.python " + `{"version":"NotebookV1","name":"a","language":"python","commands":[{"command":"x = 1"}]}` + "\n" +
		"sub/b c.r " + `{"version":"NotebookV1","name":"b c","language":"r","commands":[]}` + "\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for _, bad := range []string{"", "text", "[]", `{"version":"FolderV1","children":[`, `{"version":"NotebookV1"}`, folder + "x",
		strings.Repeat(`{"version":"FolderV1","children":[`, 100) + strings.Repeat("]}", 100)} {
		if copies, err := Copies([]byte(bad)); err == nil && !strings.HasSuffix(bad, "x") {
			t.Errorf("%.50q: %v", bad, copies)
		}
	}
}
