package command

import (
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/analyzer/facts"
	"github.com/imdsscan/imdsscan/analyzer/imds"
)

// argv makes values of words; ? stands for a hole, a word of only ?? is open.
func argv(line string) []Word {
	var out []Word
	for _, w := range strings.Split(line, " ") {
		w = strings.ReplaceAll(w, "~", " ")
		var v imds.Value
		for i, part := range strings.Split(strings.Trim(w, "?"), "?") {
			if i > 0 {
				v = append(v, imds.Unknown("x")...)
			}
			if part != "" {
				v = append(v, imds.Lit(part, imds.Source{})...)
			}
		}
		if strings.HasSuffix(w, "?") {
			v = append(v, imds.Unknown("x")...)
		}
		out = append(out, Word{Value: v, Open: w == "??"})
	}
	return out
}

const doc = "http://169.254.169.254/latest/meta-data/instance-id"

func TestRequests(t *testing.T) {
	const ttl = "X-aws-ec2-metadata-token-ttl-seconds:~"
	for _, c := range []struct {
		line, tool, method string
		token              facts.TokenUse
		misuse             string
		urls, insert       int
	}{
		{"curl -s " + doc, "curl", "GET", facts.TokenAbsent, "", 1, 1},
		{"curl " + doc + " -s", "curl", "GET", facts.TokenAbsent, "", 1, 0},
		{"curl -sfm2 --url " + doc, "curl", "GET", facts.TokenAbsent, "", 1, 1},
		{"curl -sfm 2 " + doc, "curl", "GET", facts.TokenAbsent, "", 1, 2},
		{"curl -o f -w %{http_code} " + doc + " " + doc, "curl", "GET", facts.TokenAbsent, "", 2, 4},
		{"/usr/bin/curl -HX-aws-ec2-metadata-token:? " + doc, "curl", "GET", facts.TokenPresent, "", 1, 1},
		{"curl -H x-AWS-ec2-metadata-token:~? " + doc, "curl", "GET", facts.TokenPresent, "", 1, 2},
		{"curl --header=X-aws-ec2-metadata-token:~? " + doc, "curl", "GET", facts.TokenPresent, "", 1, 1},
		{"curl -H X-aws-ec2-metadata-token:~ " + doc, "curl", "GET", facts.TokenAbsent, "has no value", 1, 2},
		{"curl -H aws-ec2-metadata-token:? " + doc, "curl", "GET", facts.TokenAbsent, "lacks the X-", 1, 2},
		{"curl -H Metadata:true " + doc, "curl", "GET", facts.TokenAbsent, "Azure", 1, 2},
		{"curl -H Accept:text/plain " + doc, "curl", "GET", facts.TokenAbsent, "", 1, 2},
		{"curl -H @file " + doc, "curl", "GET", facts.TokenUnknown, "", 1, 2},
		{"curl -H ? " + doc, "curl", "GET", facts.TokenUnknown, "", 1, 2},
		{"curl ?? " + doc, "curl", "GET", facts.TokenUnknown, "", 1, 1},
		{"curl -s ??", "curl", "GET", facts.TokenAbsent, "", 1, 1},
		{"curl -K conf " + doc, "curl", "GET", facts.TokenUnknown, "", 1, 2},
		{"curl -I " + doc, "curl", "HEAD", facts.TokenAbsent, "", 1, 1},
		{"curl -XPUT -H " + ttl + "21600 http://169.254.169.254/latest/api/token", "curl", "PUT", facts.TokenAbsent, "", 1, 3},
		{"curl -H " + ttl + "21600 http://169.254.169.254/latest/api/token", "curl", "GET", facts.TokenAbsent, "with PUT", 1, 2},
		{"curl -X PUT -H " + ttl + "21601 http://169.254.169.254/latest/api/token", "curl", "PUT", facts.TokenAbsent, "out of range", 1, 4},
		{"curl -X PUT http://169.254.169.254/latest/api/token", "curl", "PUT", facts.TokenAbsent, "lacks the header", 1, 2},
		{"curl -T f -H " + ttl + "60 http://169.254.169.254/latest/api/token", "curl", "PUT", facts.TokenAbsent, "Expect", 1, 4},
		{"curl -H Metadata:true http://169.254.169.254/metadata/instance?api-version=1", "curl", "GET", facts.TokenAbsent, "", 1, 2},
		{"wget -qO- " + doc, "wget", "GET", facts.TokenAbsent, "", 1, 1},
		{"wget -q -O - " + doc, "wget", "GET", facts.TokenAbsent, "", 1, 3},
		{"wget --header X-aws-ec2-metadata-token:? -qO- " + doc, "wget", "GET", facts.TokenPresent, "", 1, 3},
		{"wget -i list " + doc, "wget", "GET", facts.TokenUnknown, "", 1, 2},
		{"http " + doc, "httpie", "GET", facts.TokenAbsent, "", 1, 1},
		{"http -b GET " + doc + " X-aws-ec2-metadata-token:?", "httpie", "GET", facts.TokenPresent, "", 1, 3},
		{"sudo -u bob curl " + doc, "curl", "GET", facts.TokenAbsent, "", 1, 3},
		{"env A=b timeout -s KILL 5 curl " + doc, "curl", "GET", facts.TokenAbsent, "", 1, 6},
		{"nohup nice -n 5 curl " + doc, "curl", "GET", facts.TokenAbsent, "", 1, 4},
		{"ec2-metadata -i", "ec2-metadata", "GET", facts.TokenAbsent, "", 0, 0},
	} {
		got := ParseWords(argv(c.line))
		if len(got) != 1 {
			t.Errorf("%s: %d invocations", c.line, len(got))
			continue
		}
		g := got[0]
		if g.Tool != c.tool || g.Method != c.method || g.Token != c.token || len(g.URLs) != c.urls || g.InsertAt != c.insert {
			t.Errorf("%s: %s %s token %d, %d urls, insert %d", c.line, g.Tool, g.Method, g.Token, len(g.URLs), g.InsertAt)
		}
		if (c.misuse == "") != (g.Misuse == "") || !strings.Contains(g.Misuse, c.misuse) {
			t.Errorf("%s: misuse %q, want %q", c.line, g.Misuse, c.misuse)
		}
	}
}

func TestNoRequest(t *testing.T) {
	for _, line := range []string{"command -v curl", "curl --version", "docker build curl " + doc, "echo curl " + doc, "bash script.sh", "python -m http.server", "timeout", "sudo", "env -u", ""} {
		if got := ParseWords(argv(line)); len(got) != 0 {
			t.Errorf("%s: %+v", line, got)
		}
	}
}

func TestNested(t *testing.T) {
	for _, c := range []struct {
		line, language, elsewhere string
		arg                       int
	}{
		{"bash -c code", "shell", "", 2},
		{"sudo bash -lc code", "shell", "", 3},
		{"sh -s", "shell", "", -1},
		{"bash", "shell", "", -1},
		{"python3 - a b", "python", "", -1},
		{"/usr/bin/python -c code", "python", "", 2},
		{"eval code", "shell", "", 1},
		{"su - bob -c code", "shell", "", 4},
		{"ssh -i key host bash -c code", "shell", "ssh", 6},
		{"ssh -t host", "shell", "ssh", -1},
		{"ssh host curl~x;~ls", "shell", "ssh", 2},
		{"docker exec -it c bash -c code", "shell", "container", 6},
	} {
		got := ParseWords(argv(c.line))
		if len(got) != 1 || got[0].Nested == nil {
			t.Errorf("%s: %+v", c.line, got)
			continue
		}
		g := got[0]
		if string(g.Nested.Language) != c.language || g.Nested.Arg != c.arg || (c.elsewhere == "") != (g.Elsewhere == "") {
			t.Errorf("%s: %+v %q", c.line, g.Nested, g.Elsewhere)
		}
	}
}

func TestCarry(t *testing.T) {
	line := "curl -s --noproxy ? -sfm2 --connect-timeout 1 -x~p -o f " + doc
	got := ParseWords(argv(line))[0]
	var texts []string
	for _, c := range got.Carry {
		if c.Text != "" {
			texts = append(texts, c.Text)
			continue
		}
		texts = append(texts, strings.Join(strings.Split(line, " ")[c.From:c.To+1], " "))
	}
	if s := strings.Join(texts, "|"); s != "--noproxy ?|-m 2|--connect-timeout 1|-x~p" {
		t.Errorf("carried %q", s)
	}
}

func TestEvalReadsAgain(t *testing.T) {
	got := ParseWords(argv(`eval curl -H "X-aws-ec2-metadata-token:~?" ` + doc))
	if len(got) != 1 || got[0].Token != facts.TokenPresent || got[0].Misuse != "" {
		t.Errorf("%+v", got)
	}
	got = ParseWords(argv(`eval curl -s "$O" ` + doc))
	if len(got) != 1 || got[0].Token != facts.TokenUnknown {
		t.Errorf("%+v", got)
	}
	got = ParseWords(argv("eval curl -s " + doc))
	if len(got) != 1 || got[0].Token != facts.TokenAbsent || got[0].URLs[0].Arg != 3 {
		t.Errorf("%+v", got)
	}
}

func TestStandardInput(t *testing.T) {
	got := ParseWords(argv("xargs curl -s"))
	if len(got) != 1 || len(got[0].URLs) != 1 || !got[0].URLs[0].Value[0].Unknown {
		t.Errorf("%+v", got)
	}
	got = ParseWords(argv("xargs -I{} curl -s " + doc + "/{}"))
	if len(got) != 1 || len(got[0].URLs) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestStatus(t *testing.T) {
	for _, c := range []struct{ format, want string }{
		{"%{http_code}", "000"}, {"~%{response_code}\\n", " 000\\n"}, {"%{time_total}", ""}, {"%{http_code}~%{size_download}", ""}, {"done", ""},
	} {
		if got := ParseWords(argv("curl -w " + c.format + " " + doc))[0].Status; got != c.want {
			t.Errorf("-w %s: %q, want %q", c.format, got, c.want)
		}
	}
}

func TestElsewhere(t *testing.T) {
	got := ParseWords(argv("docker run --rm -e A=b image curl " + doc))
	if len(got) != 1 || got[0].Elsewhere == "" || got[0].Index != 6 {
		t.Errorf("%+v", got)
	}
	if got := ParseWords(argv("exec curl " + doc)); len(got) != 1 || !got[0].Replaces {
		t.Errorf("%+v", got)
	}
}
