package prefilter

import (
	"bytes"
	"math/rand"
	"strings"
	"testing"

	"github.com/imdsscan/imdsscan/analyzer/imds"
)

func TestMatch(t *testing.T) {
	f := New("spark.hadoop.Custom")
	for _, text := range []string{
		"http://169.254.169.254/", "2852039166", "0xA9FEA9FE", "0xa9fea9fe", "0251.0376.0251.0376", "025177524776", "169.254.43518",
		"169.16689662", "0251.254.43518", "0xA9.254.0251.254", "169.0xFE.43518", "0xa9.0376.0124776", "169.0xFEA9FE",
		"[::ffff:169.254.169.254]", "[::FFFF:A9FE:A9FE]", "[fd00:ec2::254]", "FD00:0ec2:0::254",
		"instance-data", "Instance-Data.ec2.internal", "INSTANCE-DATA", "MTY5LjI1NC4xNjkuMjU0", "xE2OS4yNTQuMTY5LjI1N", "xxNjkuMjU0LjE2OS4yNT",
		"import boto", "from boto import utils", "import boto.utils", `"import boto\n"`, `"\nboto.utils"`, "import os,boto;", "x = boto",
		"ec2-metadata --instance-id", "ec2metadata", "from ec2_metadata import", "EC2MetadataUtils", "aws.ec2metadata::is_ec2()",
		"X-aws-ec2-metadata-token", "# imdsscan: ignore", "x.SPARK.hadoop.custom.y", "\xff\xfei\x00m\x00p\x00",
	} {
		for _, b := range surround(text) {
			if !f.Match(b) {
				t.Errorf("%q does not match", b)
			}
		}
	}
	for _, text := range []string{
		"", "a", "import boto3", "import botocore.session", "pip install boto-core", "robotomy", "boto_x", "aws_boto", "169.255", "2852039167",
		"ec2.metadata", "instance_data", "mty5ljI1NC4xNjkuMjU0", "10.0.0.1", "fd01:", "spark.hadoop", "import boto3 # and more boto3, botocore",
		"\u0131nstance-data", "1\xe69.254",
	} {
		for _, b := range surround(text) {
			if f.Match(b) && !bytes.HasPrefix(b, []byte("\xff\xfe")) {
				t.Errorf("%q matches", b)
			}
		}
	}
}

// A package's name counts where its version may stand beside it.
func TestMatchPackages(t *testing.T) {
	f := WithPackages([]string{"boto3", "aws-java-sdk", "awscli"})
	for _, text := range []string{
		"boto3==1.9.0", "boto3 >= 1", "boto3[crt]~=1.9", "boto3 (<2)", `boto3 = "^1.9"`, `"boto3": "1.9"`, `\"boto3\": {`, "name = 'boto3'\nversion",
		"%pip install boto3==1", `"%pip install boto3==1\n"`, "\\nboto3==1", "boto3-1.9.0-py2.py3-none-any.whl", "boto3 1.9", "boto3=1.9", "boto3@https:",
		"com.amazonaws:aws-java-sdk-s3:1.11.1", "<artifactId>aws-java-sdk</artifactId>", `"aws-java-sdk" % "1.7.4"`, "awscli=1.14.44-1ubuntu1",
		`installPyPI("boto3", version="1.9")`,
	} {
		for _, b := range surround(text) {
			if !f.Match(b) {
				t.Errorf("%q does not match", b)
			}
		}
	}
	for _, text := range []string{
		"import boto3", `"import boto3\n",`, `"import boto3"`, "boto3.client('s3')", "import os, boto3, json", "# via boto3\n", "needs boto3 (see below)",
		"aiboto3==1", "pip install awscli\n", "import aws-java-sdk;",
	} {
		if b := []byte(text + strings.Repeat(" some words", 20)); f.Match(b) {
			t.Errorf("%q matches", b)
		}
	}
}

// surround puts a text at the beginning, the end and different distances
// from the beginning of longer ones.
func surround(text string) [][]byte {
	long := strings.Repeat("some words, {\"x\": [1.5]}\n", 12)
	out := [][]byte{[]byte(text), []byte(text + " " + long)}
	if strings.HasPrefix(text, "\xff\xfe") {
		return out
	}
	for n := range 140 {
		out = append(out, []byte(long[:n]+" "+text), []byte(long[:n]+" "+text+"\n"+long))
	}
	return out
}

func TestWordsThatCannotBeIndexed(t *testing.T) {
	for _, word := range []string{"abc", "überall", "", strings.Repeat("x", piece)} {
		if !New(word).Match([]byte("anything")) {
			t.Errorf("a filter for %q rules something out", word)
		}
	}
}

// plain is what a filter has to agree with.
func plain(ns []needle, b []byte) bool {
	for i := range ns {
		for at := range b {
			if ns[i].stands(b, at) {
				return true
			}
		}
	}
	return false
}

func TestAgainstPlainSearch(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	alphabet := []byte("aaAb1-\x80")
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[rnd.Intn(len(alphabet))]
		}
		return b
	}
	matches := 0
	for range 400 {
		var ns []needle
		for range 1 + rnd.Intn(12) {
			text := strings.Map(func(r rune) rune {
				if r >= 0x80 {
					return 'a'
				}
				return r
			}, string(random(4+rnd.Intn(3))))
			n := needle{text: text, exact: rnd.Intn(2) == 0, word: rnd.Intn(4) == 0}
			if !n.exact {
				n.text = lower(text)
			}
			ns = append(ns, n)
		}
		f := newFilter(ns)
		for range 20 {
			b := random(rnd.Intn(400))
			want := plain(ns, b)
			if got := f.match(b); got != want {
				t.Fatalf("match %v, want %v: %+v in %q", got, want, ns, b)
			}
			if got := f.matchPortable(b, 0); got != want {
				t.Fatalf("portable match %v, want %v: %+v in %q", got, want, ns, b)
			}
			if want {
				matches++
			}
		}
	}
	if matches < 500 || matches > 7500 {
		t.Errorf("%d of 8000 texts match: the test shows little", matches)
	}
}

func FuzzNeverMisses(f *testing.F) {
	filter := New()
	for _, s := range []string{
		"http://169.254.169.254/", "curl instance-data", "0xa9.0xfe.43518", "::ffff:a9fe:a9fe", "fd00:0ec2::0254", "025177524776 169.077524776", "import boto",
	} {
		f.Add([]byte(s), byte(3))
	}
	f.Fuzz(func(t *testing.T, b []byte, shift byte) {
		b = append(bytes.Repeat([]byte(" "), int(shift)), b...)
		got := filter.Match(b)
		if !got && len(imds.Find(b)) > 0 {
			t.Errorf("missed %v in %q", imds.Find(b), b)
		}
		if got != (utf16(b) || filter.matchPortable(b, 0)) {
			t.Errorf("the two ways to match differ on %q", b)
		}
	})
}

// TestEverySpelling builds every numeric form that imds.Find knows.
func TestEverySpelling(t *testing.T) {
	filter := New()
	forms := map[string][]string{
		"169": {"169", "0251", "0xa9", "0XA9"}, "254": {"254", "0376", "0xfe", "0xFE"},
		"a9fe": {"43518", "0124776", "0xa9fe"}, "fea9fe": {"16689662", "077524776", "0xfea9fe"},
		"all": {"2852039166", "025177524776", "0xa9fea9fe"},
	}
	found := 0
	for _, parts := range [][]string{{"169", "254", "169", "254"}, {"169", "254", "a9fe"}, {"169", "fea9fe"}, {"all"}} {
		texts := []string{""}
		for _, p := range parts {
			var next []string
			for _, t := range texts {
				for _, f := range forms[p] {
					next = append(next, strings.TrimPrefix(t+"."+f, "."))
				}
			}
			texts = next
		}
		for _, text := range texts {
			if len(imds.Find([]byte(text))) != 1 || !filter.Match([]byte(text)) {
				t.Errorf("%s: found %v, match %v", text, imds.Find([]byte(text)), filter.Match([]byte(text)))
			}
			found++
		}
	}
	if found != 4*4*4*4+4*4*3+4*3+3 {
		t.Errorf("%d forms", found)
	}
}
