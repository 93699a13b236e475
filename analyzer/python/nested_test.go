package python

import (
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/notebooks/span"
)

// TestNested shows the code that is found in strings: the decoded text, its
// language before it, and the values of its holes after it.
func TestNested(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{`import os; os.system("curl -s U\n")`, "shell: curl -s U\n"},
		{`import os as o; o.popen('curl "U"')`, `shell: curl "U"`},
		{`def system(x): pass` + "\n" + `system("curl U")`, ""},
		{`from subprocess import getoutput as g; g("curl U")`, "shell: curl U"},
		{`import subprocess as s; s.run("curl U", shell=True)`, "shell: curl U"},
		{`import subprocess as s; s.run("curl U", shell=False)`, ""},
		{`import subprocess as s; s.run(["curl U"], shell=True)`, "shell: curl U"},
		{`import subprocess as s; s.run(["bash", "-c", "curl U"])`, "shell: curl U"},
		{`import subprocess as s; s.run(["sudo", "python3", "-c", "import x"])`, "python: import x"},
		{`import subprocess as s; s.run(["bash", "x.sh"])`, ""},
		{`B = "b"` + "\nimport os\n" + `os.system(f"curl {B}/x")`, "shell: curl __hole0__/x b"},
		{`B = "b"` + "\nimport os\n" + `os.system("curl " + B + "/x")`, "shell: curl __hole0__/x b"},
		{`B = "b"` + "\nimport os\n" + `os.system("curl %s/x" % B)`, "shell: curl __hole0__/x b"},
		{`B = "b"` + "\nimport os\n" + `os.system("curl {}/x ${{Y}}".format(B))`, "shell: curl __hole0__/x ${Y} b"},
		{`import os; C = "curl U"` + "\nos.system(C)\n", "shell: curl U"},
		{`exec("import x")`, "python: import x"},
		{`get_ipython().system("curl U")`, "shell: curl U"},
		{`S = """#!/bin/bash` + "\ncurl U\n" + `"""`, "shell: #!/bin/bash\ncurl U\n"},
		{`S = """#!/usr/bin/env python3` + "\nx\n" + `"""`, "python: #!/usr/bin/env python3\nx\n"},
		{`S = """# a comment` + "\ncurl U\n" + `"""`, ""},
		{`open("a.sh", "w").write("curl U")`, "shell: curl U"},
		{`open("a.txt", "w").write("curl U")`, ""},
		{`with open("a.sh", "w") as f: f.write("curl U")`, "shell: curl U"},
		{`dbutils.fs.put("dbfs:/a.sh", "curl U", True)`, "shell: curl U"},
		{`from pathlib import Path; Path("a.sh").write_text("curl U")`, "shell: curl U"},
		{`requests.put("a.sh", "curl U")`, ""},
	} {
		fs, _ := sitesOf(t, c.src+"\n")
		var got []string
		seen := map[span.Span]bool{}
		for _, u := range fs.Nested {
			if raw := u.Text.Raw(u.Text.All()); seen[raw] {
				continue
			} else {
				seen[raw] = true
			}
			line := string(u.Language) + ": " + string(u.Text.Bytes())
			for _, h := range u.Holes {
				line += " " + h.String()
			}
			got = append(got, line)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.src, s, c.want)
		}
	}
}

// TestConcatLifts shows edits in a concatenation carried to its literals.
func TestConcatLifts(t *testing.T) {
	const src = `x = ("curl -s " + url + ' | ' + f)`
	for _, c := range []struct {
		at   string
		text string
		want string
	}{
		{"curl", `A="b"; `, `x = ("A=\"b\"; curl -s " + url + ' | ' + f)`},
		{" | ", ` '-H'`, `x = ("curl -s " + url + ' \'-H\' | ' + f)`},
		{"__hole0__", `-H a `, `x = ("curl -s -H a " + url + ' | ' + f)`},
		{"__hole1__", `-H a `, `x = ("curl -s " + url + ' | -H a ' + f)`},
		{"", `; b`, `x = ("curl -s " + url + ' | ' + f + '; b')`},
	} {
		file := span.File([]byte(src))
		layer := concatenation()
		layer.Open = 1
		text, err := file.Decode(span.Span{Start: 6, End: len(src) - 1}, layer)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(text.Bytes()); got != "curl -s __hole0__ | __hole1__" {
			t.Fatalf("decoded %q", got)
		}
		at := strings.Index(string(text.Bytes()), c.at)
		if c.at == "" {
			at = text.Len()
		}
		edits, err := text.Lift([]span.Edit{{Span: span.Span{Start: at, End: at}, New: c.text}})
		if err != nil {
			t.Errorf("%s: %v", c.at, err)
			continue
		}
		out, err := span.Apply([]byte(src), edits)
		if err != nil || string(out) != c.want {
			t.Errorf("%s: %s %v", c.at, out, err)
		}
	}
}

// TestLibraries shows which calls are boto's.
func TestLibraries(t *testing.T) {
	for src, want := range map[string]int{
		"import boto.utils\nboto.utils.get_instance_metadata()":                                              1,
		"from boto.utils import get_instance_identity as g\ng()":                                             1,
		"import boto\nboto.connect_s3()":                                                                     1,
		"import boto\nboto.connect_s3('key', 'secret')":                                                      0,
		"import boto.ec2\nboto.ec2.connect_to_region('r', aws_access_key_id='k', aws_secret_access_key='s')": 0,
		"def get_instance_metadata(): pass\nget_instance_metadata()":                                         0,
		"import boto3\nboto3.client('s3')":                                                                   0,
	} {
		fs, _ := sitesOf(t, src+"\n")
		if len(fs.Libraries) != want {
			t.Errorf("%s: %d uses", src, len(fs.Libraries))
		}
	}
}
