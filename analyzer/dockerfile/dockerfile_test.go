package dockerfile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
	"github.com/imdsscan/imdsscan/notebooks"
	"github.com/imdsscan/imdsscan/notebooks/span"
)

func unit(src string) *facts.Unit {
	t := span.File([]byte(src))
	c := &notebooks.Cell{Language: notebooks.Dockerfile, Text: t, Code: t}
	return &facts.Unit{Language: notebooks.Dockerfile, Text: t, Cell: c}
}

// code is the code in a Dockerfile, a piece a line.
func code(src string) string {
	var out []string
	for _, u := range Analyze(unit(src)).Nested {
		out = append(out, fmt.Sprintf("%s: %q", u.Language, u.Text.Bytes()))
	}
	return strings.Join(out, "\n")
}

func TestCode(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"shell form", "RUN a b", `shell: "a b"`},
		{"lower case, indented", "  run a b ", `shell: "a b"`},
		{"joined", "RUN a \\\n# c\n\n  b\nRUN c", `shell: "a   b"` + "\n" + `shell: "c"`},
		{"options", "RUN --mount=type=cache,target=/x --network=none \\\n a", `shell: "a"`},
		{"only options", "RUN --mount=type=cache", `shell: ""`},
		{"exec form", `RUN ["sh", "-c", "a \"b\""]`, `shell: "a \"b\""`},
		{"exec form over lines", "CMD [\"python3\", \\\n \"-c\", \"a\"]", `python: "a"`},
		{"no shell", `CMD ["curl", "x"]`, ""},
		{"nearly a list", `RUN ['a', 'b']`, `shell: "['a', 'b']"`},
		{"a test, no list", `RUN [ -f x ] && a`, `shell: "[ -f x ] && a"`},
		{"here-document", "RUN <<EOF\na\nb\nEOF\nRUN c", `shell: "a\nb\n"` + "\n" + `shell: "c"`},
		{"here-document with tabs", "RUN <<-EOF\n\ta\n\tEOF", `shell: "a\n"`},
		{"here-document by a shebang", "RUN <<EOF\n#!/usr/bin/env python3\na\nEOF", `python: "#!/usr/bin/env python3\na\n"`},
		{"here-document for a command", "RUN python3 <<EOF > x\na\nEOF\nRUN c", `shell: "python3 <<EOF > x\na\nEOF"` + "\n" + `shell: "c"`},
		{"two here-documents", "RUN a <<A <<B\n1\nA\n2\nB", `shell: "a <<A <<B\n1\nA\n2\nB"`},
		{"here-string", "RUN a <<< b\nRUN c", `shell: "a <<< b"` + "\n" + `shell: "c"`},
		{"a shift in quotes", "RUN echo '<<EOF'\nRUN c", `shell: "echo '<<EOF'"` + "\n" + `shell: "c"`},
		{"copied script", "COPY <<EOF /x.sh\na\nEOF", `shell: "a\n"`},
		{"copied data", "COPY <<EOF /x.json\n{}\nEOF", ""},
		{"health", "HEALTHCHECK --interval=5m CMD a b", `shell: "a b"`},
		{"health, exec", `HEALTHCHECK CMD ["bash", "-lc", "a"]`, `shell: "a"`},
		{"no health", "HEALTHCHECK NONE", ""},
		{"on build, here-document", "ONBUILD RUN <<EOF\na\nEOF\nRUN c", `shell: "a\n"` + "\n" + `shell: "c"`},
		{"on build", "ONBUILD RUN a", `shell: "a"`},
		{"shell changed", "SHELL [\"python3\", \"-c\"]\nRUN a", `python: "a"`},
		{"shell with options", "SHELL [\"/bin/bash\", \"-eo\", \"pipefail\", \"-c\"]\nRUN a", `shell: "a"`},
		{"shell unknown", "SHELL [\"powershell\", \"-Command\"]\nRUN a", `powershell: "a"`},
		{"backquote", "# escape=`\nRUN a `\n b \\\nRUN c", `shell: "a  b \\"` + "\n" + `shell: "c"`},
		{"late directive", "#\n# c\n# escape=`\nRUN a \\\n b", `shell: "a  b"`},
		{"end in a continuation", "RUN a \\\n# c\n", `shell: "a"`},
		{"stage", "FROM x AS a\nSHELL [\"python3\", \"-c\"]\nFROM a\nRUN b\nFROM y\nRUN c", `python: "b"` + "\n" + `shell: "c"`},
		{"unknown instruction", "FOO a", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := code(c.src); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestVars(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"equals", `ENV A=x B="y z" C='$A' D=a\ b`, "A=x B=y z C=$A D=a b"},
		{"blank", "ENV A x y", "A=x y"},
		{"refers", "ENV A=x\nENV B=$A/y C=${A}z D=${N:-d} E=$N", "A=x B=x/y C=xz D=d E={$N}"},
		{"argument", "ARG G=g\nFROM x\nARG G\nARG H=h", "G=g H=h"},
		{"argument not passed on", "ARG G=g\nFROM x", ""},
		{"stage", "FROM x AS a\nENV A=1\nFROM a AS b\nENV B=2\nFROM a\nENV C=3", "A=1 C=3"},
		{"other image", "FROM x AS a\nENV A=1\nFROM y", ""},
		{"over lines", "ENV A=x \\\n    B=y", "A=x B=y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fs := Analyze(unit(c.src + "\nRUN true"))
			vars := fs.Nested[len(fs.Nested)-1].Vars
			var got []string
			for _, k := range strings.Split("A B C D E G H", " ") {
				if v, ok := vars[k]; ok {
					got = append(got, k+"="+imds.Value(v).String())
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

// TestBounds: hostile texts take time by their length.
func TestBounds(t *testing.T) {
	const many = 100_000
	for name, src := range map[string]string{
		"joined":          "RUN " + strings.Repeat("a \\\n", many),
		"comments":        "RUN a \\\n" + strings.Repeat("# http://169.254.169.254/ \\\n", many),
		"instructions":    strings.Repeat("RUN a\n", many),
		"on build":        strings.Repeat("ONBUILD ", many) + "RUN a",
		"here-documents":  "RUN a " + strings.Repeat("<<A ", many) + "\n" + strings.Repeat("A\n", many),
		"open documents":  strings.Repeat("RUN <<A\nx\n", many),
		"a list":          `CMD ["` + strings.Repeat(`a", "`, many) + `"]`,
		"variables":       strings.Repeat("ENV A=1 B=$A\n", many/10) + "RUN a",
		"growing":         "ENV A=xxxxxxxxxxxxxxxx\n" + strings.Repeat("ENV A=$A$A\n", 200) + "RUN a",
		"many in a stage": "FROM x\n" + strings.Repeat("ENV A=1\nRUN a\n", many/10),
	} {
		start := time.Now()
		Analyze(unit(src))
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: %v", name, took)
		}
	}
}

func FuzzAnalyze(f *testing.F) {
	for _, s := range []string{"", "RUN a \\\n# c\n b", "# escape=`\nRUN a `\nb", "RUN <<E\nx\nE", "COPY <<-E x.sh\n\tx\n\tE", `CMD ["sh","-c","x"]`,
		"ENV A=\"${B:-c}\" D", "HEALTHCHECK CMD x", "ONBUILD RUN x", "FROM a AS b\nFROM b", `SHELL ["bash","-c"]`, "ADD http://169.254.169.254/latest/x y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		for _, u := range Analyze(unit(src)).Nested {
			if raw := u.Text.Raw(u.Text.All()); raw.End > len(src) || raw.Start > raw.End {
				t.Errorf("code at %v of %d bytes", raw, len(src))
			}
		}
	})
}
