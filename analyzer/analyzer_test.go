package analyzer

import (
	"strings"
	"testing"
	"time"

	"github.com/imdsscan/imdsscan/notebooks/format"
)

const endpoint = "http://169.254.169.254/latest/"

func analyze(t *testing.T, path, src string) *Result {
	t.Helper()
	doc, err := format.Open(path, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return Analyze(doc, nil)
}

// Each occurrence of the endpoint has one class, and the text says why.
func TestOccurrencesAreAccountedFor(t *testing.T) {
	token := "import requests\nh = {'X-aws-ec2-metadata-token': t}\n"
	for _, c := range []struct {
		name, path, src string
		want            []Class
	}{
		{"a request without a token", "x.sh", "curl -s " + endpoint + "user-data\n", []Class{ClassFinding}},
		{"a request with one", "x.py", token + "requests.get('" + endpoint + "user-data', headers=h)\n", []Class{ClassCompliant}},
		{"a constant behind both is a finding", "x.py",
			token + "U = '" + endpoint + "user-data'\nrequests.get(U, headers=h)\nrequests.get(U)\n", []Class{ClassFinding}},
		{"a constant that nothing uses", "x.py", "U = '" + endpoint + "'\n", []Class{ClassUnexplained}},
		{"a comment", "x.sh", "# " + endpoint + "\n", []Class{ClassMention}},
		{"another cloud", "x.sh", "curl -H Metadata:true http://169.254.169.254/metadata/instance\n", []Class{ClassOtherCloud}},
		{"a language that is not analysed", "x.rb", "get('" + endpoint + "')\n", []Class{ClassUnexplained}},
		{"a cell that is not analysed", "x.py",
			"# Databricks notebook source\n# MAGIC %scala\n# MAGIC val u = \"" + endpoint + "\"\n", []Class{ClassUnexplained}},
		{"Markdown", "x.py", "# Databricks notebook source\n# MAGIC %md " + endpoint + "\n", []Class{ClassMention}},
		{"code that cannot be parsed", "x.sh", "if true; then\ncurl \"" + endpoint + "\nfi\n", []Class{ClassFinding}},
		{"an output beside a call", "x.ipynb", `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","metadata":{},` +
			`"execution_count":1,"outputs":[{"output_type":"stream","name":"stdout","text":"` + endpoint + `"}],"source":"!curl -s ` + endpoint + `user-data"}]}`,
			[]Class{ClassMention, ClassFinding}},
	} {
		res := analyze(t, c.path, c.src)
		var got []Class
		for _, o := range res.Occurrences {
			got = append(got, o.Class)
			if o.Why == "" {
				t.Errorf("%s: %s without a reason", c.name, o.Class)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}

// Code in code is analysed to a bounded depth, however deep it nests.
func TestNestingIsBounded(t *testing.T) {
	code := "curl -s " + endpoint + "user-data"
	for range maxNesting + 1 {
		code = "eval '" + strings.ReplaceAll(code, "'", `'\''`) + "'"
	}
	res := analyze(t, "x.sh", code+"\n")
	if n := len(res.Units); n > maxNesting+1 {
		t.Errorf("%d units, more than %d", n, maxNesting+1)
	}
	if len(res.Occurrences) == 0 {
		t.Error("the endpoint is not accounted for")
	}
}

// TestEncodedIsBounded: texts that look like base64 or Terraform take time by
// their length.
func TestEncodedIsBounded(t *testing.T) {
	const many = 60_000
	for name, src := range map[string]string{
		"a.tf":     strings.Repeat("x = <<EOF\n", many) + strings.Repeat("${", many) + "169.254.169.254\n",
		"lines.tf": strings.Repeat("x = 1 # 169.254.169.254\n", many/10),
		"a.txt":    strings.Repeat("a-b/c_d+", many),
		"b.txt":    strings.Repeat("MTY5LjI1NC4xNjkuMjU0\n", many/10),
		"c.txt":    strings.Repeat(strings.Repeat("a", 64)+"\n", many/10),
		"d.json":   strings.Repeat(`"IyEvYmluL3NoCmN1cmwgaHR0cDovLzE2OS4yNTQuMTY5LjI1NC8K", `, many/100),
	} {
		start := time.Now()
		doc, err := format.Open(name, []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		Analyze(doc, nil)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: %v", name, took)
		}
	}
}
